// Which keys of an attribution come first? By revenue under the first model, highest first, and then in code point order.
import { nextTurn } from "../../host/turn.ts";
import { compareCodePoints } from "../../value/log-order.ts";
import type { KeyTally } from "./tally.ts";

/** A key and what it has earned. */
export type Ranked = readonly [key: string, tally: KeyTally];

/** How many keys are looked at before other requests get a turn. */
const KEYS_A_TURN = 1000;

function compareRanks([a, ours]: Ranked, [b, theirs]: Ranked): number {
  const [more, less] = [theirs.earned[0]?.netMinor ?? 0, ours.earned[0]?.netMinor ?? 0];
  return more > less ? 1 : more < less ? -1 : compareCodePoints(a, b);
}

/** Where a key belongs among ranked ones. */
function placeOf(key: Ranked, among: readonly Ranked[]): number {
  let [from, to] = [0, among.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (compareRanks(among[middle] as Ranked, key) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The first `most` keys. There can be very many, of which long parts are equal, so they are not all sorted, and others get their turn meanwhile. */
export async function findFirst(keys: ReadonlyMap<string, KeyTally>, most: number): Promise<Ranked[]> {
  const first: Ranked[] = [];
  let seen = 0;
  for (const each of keys) {
    seen += 1;
    if (seen % KEYS_A_TURN === 0) await nextTurn();
    const last = first.at(-1);
    if (last && first.length === most && compareRanks(each, last) > 0) continue;
    first.splice(placeOf(each, first), 0, each);
    if (first.length > most) first.pop();
  }
  return first;
}

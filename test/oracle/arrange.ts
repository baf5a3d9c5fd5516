// In which other order may the same accepted entries arrive? Shuffled between the same other calls, some of them twice (definitions §1).
import { minorOf, readDecimal } from "./amount.ts";
import type { Sent } from "./log.ts";
import type { Segment } from "./random-log.ts";
import { World } from "./world.ts";

export interface Chance {
  /** A whole number below `below`. */
  pick(below: number): number;
}

/** Random numbers that a seed repeats (the linear congruential generator of Numerical Recipes). */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  return {
    pick(below) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    },
  };
}

/** Sends a log to the oracle. Gives its world, and the log reduced to the accepted entries. */
export function tell(timezone: string, segments: readonly Segment[]): { world: World; accepted: Segment[]; outcomes: Map<string, number> } {
  const world = new World({ timezone, currency: "USD", now: 0, attributionWindowDays: 30 });
  const outcomes = new Map<string, number>();
  const note = (what: string) => outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
  const accepted = segments.map((segment) => {
    world.apply({ op: "clock", now: segment.now });
    const entries = segment.entries.filter((entry) => {
      const outcome = world.apply({ op: "event", ...entry });
      note(`${entry.type} ${outcome}`);
      return outcome === "accepted";
    });
    const statuses = segment.statuses.filter((status) => world.apply(status) === "accepted");
    note(`${segment.call.op} ${world.apply(segment.call)}`);
    return { ...segment, entries, statuses };
  });
  return { world, accepted, outcomes };
}

/** Would this sale have refused one of these refunds if it had arrived first? Then it must arrive last again. */
function refusesOne(sale: Sent, refunds: readonly Sent[]): boolean {
  const currency = sale.currency ?? "USD";
  let sum = 0n;
  for (const refund of refunds) {
    if (refund.currency !== undefined && refund.currency !== currency) return true;
    const minor = refund.value === undefined ? 0n : minorOf(readDecimal(refund.value), currency);
    if (minor === undefined) return true;
    if (refund.totalUntil === undefined) sum += minor;
  }
  return sum > (minorOf(readDecimal(sale.value ?? 0), currency) ?? 0n);
}

export function shuffled<T>(items: readonly T[], chance: Chance): T[] {
  const list = [...items];
  for (let index = list.length - 1; index > 0; index -= 1) {
    const other = chance.pick(index + 1);
    [list[index], list[other]] = [list[other] as T, list[index] as T];
  }
  return list;
}

/** The same accepted entries and statuses in another order within each segment, with replays of earlier ones. */
export function rearrange(segments: readonly Segment[], chance: Chance, replays = true): Segment[] {
  const before: Sent[] = [];
  return segments.map((segment) => {
    const list = shuffled(segment.entries, chance);
    before.push(...list);
    const isLast = (entry: Sent) =>
      entry.type === "sale" &&
      refusesOne(
        entry,
        before.filter((other) => other.type === "refund" && other.orderId === entry.orderId),
      );
    const entries = [...list.filter((entry) => !isLast(entry)), ...list.filter(isLast)];
    if (replays)
      for (let times = chance.pick(5); times > 0; times -= 1) {
        const again = before[chance.pick(before.length)];
        if (!again) continue;
        const first = entries.indexOf(again);
        entries.splice(first + 1 + chance.pick(entries.length - first), 0, again);
      }
    return { ...segment, entries, statuses: shuffled(segment.statuses, chance) };
  });
}

/** Makes a failing log smaller: calls and entries are left out as long as it still fails. */
export async function smallest(
  segments: readonly Segment[],
  fails: (segments: readonly Segment[]) => Promise<boolean>,
): Promise<Segment[]> {
  let best = [...segments];
  const candidates = function* (): Generator<Segment[]> {
    for (let index = best.length - 1; index >= 0; index -= 1) {
      const [segment, next] = [best[index], best[index + 1]];
      if (!segment) continue;
      yield best.filter((_, other) => other !== index);
      if (next)
        yield [
          ...best.slice(0, index),
          { ...next, entries: [...segment.entries, ...next.entries], statuses: [...segment.statuses, ...next.statuses] },
          ...best.slice(index + 2),
        ];
      for (const status of segment.statuses)
        yield best.map((other) =>
          other === segment ? { ...segment, statuses: segment.statuses.filter((each) => each !== status) } : other,
        );
      for (let entry = segment.entries.length - 1; entry >= 0; entry -= 1)
        yield best.map((other) => (other === segment ? { ...segment, entries: segment.entries.filter((_, at) => at !== entry) } : other));
    }
  };
  for (let found = true; found; ) {
    found = false;
    for (const candidate of candidates())
      if (await fails(candidate)) {
        best = candidate;
        found = true;
        break;
      }
  }
  return best;
}

/** A log in readable form. */
export function printed(timezone: string, segments: readonly Segment[]): string {
  const lines = segments.flatMap((segment) => [
    `  clock ${new Date(segment.now).toISOString()}`,
    ...[...segment.entries, ...segment.statuses].map((each) => `    ${JSON.stringify(each)}`),
    `  ${JSON.stringify(segment.call)}`,
  ]);
  return [timezone, ...lines].join("\n");
}

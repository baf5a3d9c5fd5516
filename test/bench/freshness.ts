// How far behind may the figures be, and how long does a single write wait, while arrays come in as fast as they are taken?
import { ARRAY, bodiesOf, postAll, untilDerived } from "./arrays.ts";
import { ensureDatabase } from "./load.ts";
import { judge, type Line, median, quantile, timed } from "./measure.ts";
import { AUTHORIZED, copyDatabase, removeDatabase, startOurs } from "./program.ts";
import type { Progress } from "./progress.ts";
import type { Size } from "./size.ts";
import { share } from "./world.ts";

const ROUNDS = 5;
const ALONE_MS = 5000;
const ROUND_MS = 4000;
/** More than are taken in a round. */
const ENTRIES = 100_000;
const PAUSE_MS = 4;
/** What is left may take at most so long, and single writes at most so much longer in p99 (performance.md, "Freshness" 3). */
const MOST_LEFT_MS = 2000;
const MOST_MORE_MS = 50;

/** POSTs single sales, one after another, a moment apart, until it is stopped. `stop` gives the milliseconds of each. */
function openSingles(url: string, size: Size, name: string): { stop(): Promise<number[]> } {
  const times: number[] = [];
  const headers = { ...AUTHORIZED, "content-type": "application/json" };
  let going = true;
  async function go(): Promise<void> {
    for (let sent = 0; going; sent++) {
      const externalId = `user_${Math.floor(size.customers * share(sent, 67))}`;
      const body = JSON.stringify({ type: "sale", orderId: `${name}-${sent}`, externalId, value: 5 });
      const post = async () => {
        const response = await fetch(`${url}/events`, { method: "POST", headers, body });
        const answer = await response.text();
        if (!response.ok) throw new Error(`a single sale was refused: ${answer}`);
      };
      times.push(await timed(post));
      await Bun.sleep(PAUSE_MS);
    }
  }
  const gone = go();
  return {
    async stop() {
      going = false;
      await gone;
      return times;
    },
  };
}

export async function measureFreshness(size: Size, progress: Progress): Promise<Line[]> {
  const copy = copyDatabase(await ensureDatabase(size, progress), "ours.db");
  const server = await startOurs(copy);
  const about = { part: "freshness", unit: "ms" } as const;
  try {
    progress("single sales alone");
    const alone = openSingles(server.url, size, "alone");
    await Bun.sleep(ALONE_MS);
    const aloneMs = quantile(await alone.stop(), 0.99);
    const [lefts, rates, beside]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < ROUNDS; round++) {
      progress("single sales beside arrays", round, ROUNDS);
      const bodies = bodiesOf(size, round * ENTRIES, ENTRIES);
      const singles = openSingles(server.url, size, `beside-${round}`);
      const startedAt = performance.now();
      const sent = await postAll(server.url, bodies, ROUND_MS);
      rates.push((sent * ARRAY * 1000) / (performance.now() - startedAt));
      const [times, left] = await Promise.all([singles.stop(), timed(() => untilDerived(server.url))]);
      beside.push(...times);
      lefts.push(left);
    }
    const note = `${median(rates).toFixed(0)} entries a second in arrays`;
    const most = { ours: Math.max(...lefts) };
    const single = { ours: quantile(beside, 0.99), peer: aloneMs };
    return [
      judge({ ...about, what: "until everything is derived once arrays stop, the longest of five", note }, most, {
        of: "ours",
        most: MOST_LEFT_MS,
      }),
      judge({ ...about, what: "a single sale beside arrays, p99", against: "alone", note }, single, { of: "more", most: MOST_MORE_MS }),
    ];
  } finally {
    await server.stop();
    removeDatabase(copy);
  }
}

// How are many entries sent as arrays, and when is everything of them derived?
import { feed } from "./feed.ts";
import { AUTHORIZED } from "./program.ts";
import { cohortsPath } from "./reports.ts";
import type { Size } from "./size.ts";
import { type Fact, toWire } from "./world.ts";

/** Entries of an array. */
export const ARRAY = 1000;
const AT_ONCE = 4;

export function* chunks(facts: Iterable<Fact>): Generator<Fact[]> {
  let chunk: Fact[] = [];
  for (const fact of facts) {
    chunk.push(fact);
    if (chunk.length < ARRAY) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** So many entries of the feed as bodies of requests. */
export const bodiesOf = (size: Size, from: number, entries: number): string[] =>
  [...chunks(feed(size, from, entries))].map((chunk) => JSON.stringify(chunk.map((fact) => toWire(fact, size.customers))));

/** POSTs arrays, some in parallel, until none is left or the time is over. Gives how many were sent. Throws unless every entry was accepted. */
export async function postAll(url: string, bodies: readonly string[], mostMs = Number.POSITIVE_INFINITY): Promise<number> {
  const [waiting, until] = [[...bodies], performance.now() + mostMs];
  const headers = { ...AUTHORIZED, "content-type": "application/json" };
  const post = async () => {
    for (let body = waiting.pop(); body !== undefined; body = performance.now() < until ? waiting.pop() : undefined) {
      const answer = await fetch(`${url}/events`, { method: "POST", headers, body }).then((response) => response.json());
      const { data } = answer as { data?: { accepted: number; rejected: number; duplicates: number } };
      if (!data || data.rejected > 0 || data.duplicates > 0)
        throw new Error(`not all were accepted: ${JSON.stringify(answer).slice(0, 300)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, post));
  return bodies.length - waiting.length;
}

/** Waits until everything is derived. A report says that it is behind until then. */
export async function untilDerived(url: string): Promise<void> {
  const isDerived = async () => {
    const response = await fetch(url + cohortsPath("week"), { headers: AUTHORIZED });
    await response.arrayBuffer();
    return response.ok && !response.headers.has("x-behind");
  };
  while (!(await isDerived())) await Bun.sleep(20);
}

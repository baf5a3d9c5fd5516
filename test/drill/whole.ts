// When does an answer have everything that was acknowledged? On a busy machine it may come before all is derived, and says so.
import type { Reply, Victim } from "./victim.ts";

/** How long an answer may lack entries. */
const WHOLE_WITHIN_MS = 10_000;

/** Asks until the answer lacks nothing, or for 10 seconds. */
export async function askWhole<Data = unknown>(victim: Victim, path: string): Promise<Reply<Data>> {
  for (const until = performance.now() + WHOLE_WITHIN_MS; ; await Bun.sleep(50)) {
    const answer = await victim.ask<Data>("GET", path);
    if (answer.headers.get("x-behind") === null || performance.now() > until) return answer;
  }
}

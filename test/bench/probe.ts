// How long does a read of a single customer wait while something else runs? One request after another, a moment apart.
import { toCustomerId } from "../../src/value/id.ts";
import { timed } from "./measure.ts";
import { AUTHORIZED } from "./program.ts";
import { random } from "./world.ts";

const PAUSE_MS = 4;

export interface Probe {
  /** Ends it. Gives the milliseconds of each request, and how many were refused. */
  stop(): Promise<{ times: number[]; refused: number }>;
}

export function openProbe(url: string, customers: number): Probe {
  const times: number[] = [];
  let refused = 0;
  let going = true;
  async function go(): Promise<void> {
    for (let round = 0; going; round++) {
      const path = `/customers/${toCustomerId(1 + (random(round, 51) % customers))}`;
      const ms = await timed(async () => {
        const response = await fetch(url + path, { headers: AUTHORIZED });
        if (!response.ok) refused++;
        await response.arrayBuffer();
      });
      times.push(ms);
      await Bun.sleep(PAUSE_MS);
    }
  }
  const gone = go();
  return {
    async stop() {
      going = false;
      await gone;
      return { times, refused };
    },
  };
}

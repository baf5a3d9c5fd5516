// Do the server and the oracle agree on very many logs? The drill `laws` runs this in separate processes: SEED LOGS.
import fc from "fast-check";
import { chanceOf, printed, rearrange, tell } from "./arrange.ts";
import { count } from "./features.ts";
import { faultsOf } from "./judge.ts";
import { randomLog } from "./random-log.ts";

/** The progress of a process, printed as a line of JSON after each portion. */
export interface Seen {
  logs: number;
  /** Logs with fewer customers than FEWEST_CUSTOMERS or fewer entries than FEWEST_ENTRIES. They are judged, but not counted in `logs`. */
  small: number;
  entries: number;
  features: Record<string, number>;
  faults: string[];
}

const FEWEST_ENTRIES = 30;
const FEWEST_CUSTOMERS = 5;
const PORTION = 100;

async function see(seed: number, logs: number, say: (seen: Seen) => void): Promise<void> {
  const seen: Seen = { logs: 0, small: 0, entries: 0, features: {}, faults: [] };
  for (let portion = 0; seen.logs < logs && seen.faults.length === 0; portion++) {
    for (const [index, log] of fc.sample(randomLog, { numRuns: PORTION, seed: seed + portion }).entries()) {
      if (seen.logs >= logs) break;
      const { accepted, world } = tell(log.timezone, log.segments);
      const chance = chanceOf(seed + portion * PORTION + index);
      const segments = rearrange(accepted, chance);
      const faults = await faultsOf(log.timezone, segments, { batches: chance, drawing: chance });
      const entries = accepted.reduce((sum, segment) => sum + segment.entries.length, 0);
      if (entries < FEWEST_ENTRIES || world.customers.size < FEWEST_CUSTOMERS) seen.small += 1;
      else seen.logs += 1;
      seen.entries += entries;
      for (const [feature, times] of Object.entries(count(log))) seen.features[feature] = (seen.features[feature] ?? 0) + times;
      if (faults.length > 0)
        seen.faults.push(`portion ${seed + portion}, log ${index}\n${printed(log.timezone, segments)}\n${faults.slice(0, 4).join("\n")}`);
    }
    say(seen);
  }
}

if (import.meta.main) await see(Number(process.argv[2]), Number(process.argv[3]), (seen) => console.log(JSON.stringify(seen)));

// How does an answer say that it lacks acknowledged entries? With two headers, which nobody gets who has everything.
import type { Behind } from "../value/behind.ts";
import { toIso } from "../value/instant.ts";

/** The headers `X-Behind` and `X-Data-As-Of`; none if nothing is lacking. */
export function behindHeaders(behind: Behind | undefined): Readonly<Record<string, string>> {
  return behind ? { "X-Behind": String(behind.entries), "X-Data-As-Of": toIso(behind.asOfAt) } : {};
}

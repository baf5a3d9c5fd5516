// How much does the body of an admitted request count against the limits? Its entries do, and from a page its bytes.
import { ApiError } from "../value/error.ts";
import type { Page, PageLimits } from "./page-limits.ts";
import { type Counted, combineCounts, type RateLimit, UNLIMITED } from "./rate-limit.ts";

type Headers = Readonly<Record<string, string>>;

/** Counts a body. Throws 429 if a limit is exceeded. */
export interface Charge {
  bytes(size: number): void;
  /** Counts an array by its elements. Gives the headers of the response that say how much is left. */
  entries(raw: unknown): Headers;
}

/** Throws 429 if the caller has to wait. `what`: what there was too much of. `beside`: headers of every response to this caller. */
export function refuseExcess({ wait, headers }: Counted, what: string, beside: Headers = {}): void {
  if (wait === 0) return;
  throw new ApiError("RATE_LIMITED", `Too many ${what}.`, { headers: { "Retry-After": String(wait), ...headers, ...beside } });
}

/** The number of entries beyond the first, which was counted when the request was admitted. */
const furtherOf = (raw: unknown): number => (Array.isArray(raw) ? Math.max(0, raw.length - 1) : 0);

/** Counts bodies against `RATE_LIMIT`. `counted`: the result of the limit per address. */
export function chargeKey(limitOfKey: RateLimit, caller: string, counted: Counted): Charge {
  return {
    bytes: () => {},
    entries(raw) {
      const further = furtherOf(raw);
      if (further === 0) return {};
      const both = combineCounts(counted, limitOfKey(caller, further));
      refuseExcess(both, "entries with this key");
      return both.headers;
    },
  };
}

/** Counts bodies against the limits of a publishable key, and against `own`. */
export function chargePage(limits: PageLimits, page: Page, cors: Headers, own: Charge | undefined): Charge {
  const refuse = (wait: number, what: string) => refuseExcess({ ...UNLIMITED, wait }, what, cors);
  return {
    bytes: (size) => refuse(limits.takeBytes(page, size), "bytes with this publishable key"),
    entries(raw) {
      const headers = own?.entries(raw) ?? {};
      refuse(limits.takeEntries(page, furtherOf(raw)), "entries with this publishable key");
      refuse(limits.takeVisitors(page, Array.isArray(raw) ? raw : [raw]), "entries of this visitor");
      return headers;
    },
  };
}

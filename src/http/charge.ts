// What does the body of a request that was let in count for? Its entries and, of a page, its bytes.
import { ApiError } from "../value/error.ts";
import type { Page, PageLimits } from "./page-limits.ts";
import { type Counted, combineCounts, type RateLimit, UNLIMITED } from "./rate-limit.ts";

type Headers = Readonly<Record<string, string>>;

/** Counts what a body brings. Throws 429 when it is too much; then nothing of it is counted. */
export interface Charge {
  bytes(size: number): void;
  /** An array counts for as many as it has elements. Gives what the answer says in headers of what is left now. */
  entries(raw: unknown): Headers;
}

/** Throws 429 if there is something to wait for. `beside`: headers of every answer to this caller. */
export function refuseExcess({ wait, headers }: Counted, what: string, beside: Headers = {}): void {
  if (wait === 0) return;
  throw new ApiError("RATE_LIMITED", `Too many ${what}.`, { headers: { "Retry-After": String(wait), ...headers, ...beside } });
}

/** Entries beyond the one that each request was counted as when it was let in. */
const furtherOf = (raw: unknown): number => (Array.isArray(raw) ? Math.max(0, raw.length - 1) : 0);

/** What a body counts for by `RATE_LIMIT`. */
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

/** What a body counts for by the limits of a publishable key, and by what `own` counts. */
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

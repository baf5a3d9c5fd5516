// What is every feature handed, instead of reaching for globals? The workspace's settings, store, clock, calendar and log.
import type { Database } from "../db/database.ts";
import type { Config } from "./host/config.ts";
import type { Log } from "./host/log.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { Calendar } from "./value/calendar.ts";

/** Names nothing above the ledger: a feature that needs more (kept answers, lists) asks for it beside its `Context`. */
export interface Context {
  readonly config: Config;
  readonly database: Database;
  /** The time, milliseconds since 1970 UTC; stands still when `CLOCK` is set. */
  readonly now: () => number;
  readonly calendar: Calendar;
  readonly ledger: Ledger;
  readonly log: Log;
}

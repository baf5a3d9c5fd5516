// What is everything handed, instead of reaching for globals?
import type { Checkpoints } from "../db/checkpoint.ts";
import type { Database } from "../db/open.ts";
import type { Backups } from "./backup/schedule.ts";
import type { Calendar } from "./calendar.ts";
import type { Config } from "./config.ts";
import type { Lists } from "./customer/lists.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { Log } from "./log.ts";
import type { Snapshots } from "./snapshot.ts";

export interface Context {
  readonly config: Config;
  readonly database: Database;
  /** The time, milliseconds since 1970 UTC; stands still when `CLOCK` is set. */
  readonly now: () => number;
  readonly calendar: Calendar;
  readonly ledger: Ledger;
  readonly lists: Lists;
  readonly snapshots: Snapshots;
  readonly backups: Backups;
  /** Of a server: a command's writes go through the journal themselves. */
  readonly checkpoints: Checkpoints | undefined;
  readonly log: Log;
}

// What does every feature get as an argument, instead of using globals?
// The workspace's settings, database, clock, calendar, ledger and log.
import type { Database } from "../db/database.ts";
import type { Config } from "./host/config.ts";
import type { Log } from "./host/log.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { Calendar } from "./value/calendar.ts";

/** It contains nothing above the ledger. A feature that needs more, such as snapshots or lists, takes it as a further argument. */
export interface Context {
  readonly config: Config;
  readonly database: Database;
  /** The time, in milliseconds since 1970 UTC. It is fixed if `CLOCK` is set. */
  readonly now: () => number;
  readonly calendar: Calendar;
  readonly ledger: Ledger;
  readonly log: Log;
}

/**
 * Makes what `open` gives, such as a feature's functions with their prepared statements, one for each context: whoever opens it again for the
 * same context gets the same, and nothing is prepared twice.
 */
export function oncePerContext<Needed extends object, Opened>(open: (context: Needed) => Opened): (context: Needed) => Opened {
  const opened = new WeakMap<Needed, Opened>();
  return (context) => {
    let found = opened.get(context);
    if (found === undefined) {
      found = open(context);
      opened.set(context, found);
    }
    return found;
  };
}

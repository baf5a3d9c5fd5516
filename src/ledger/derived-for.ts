// For which time zone and currency was the derived data computed? The database stores both, so a start notices that one was changed.

import type { Database } from "../../db/database.ts";
import type { Lock } from "../../db/lock.ts";
import { setting } from "../../db/schema.ts";
import type { Config } from "../host/config.ts";
import type { Log } from "../host/log.ts";
import type { Ledger } from "./ledger.ts";

/** The version of the derived data. Raise it when the meaning of the data changes, and the next start rebuilds it. */
export const DERIVED_VERSION = "3";
/** How often a long rebuild logs how far it is. */
const LOGGED_EVERY_MS = 10_000;

/**
 * Rebuilds the derived data, and logs that, if the time zone, the currency or the data's version changed, and stores all three.
 * Throws an Error with a remedy if the currency changed and there are sales, or if a running server uses other settings.
 */
export async function keepDerivedFor({
  database,
  config,
  ledger,
  log,
  now,
}: {
  database: Database;
  config: Config;
  ledger: Ledger;
  log: Log;
  now: () => number;
}): Promise<void> {
  const { sqlite, orm } = database;
  const stored = new Map(
    orm
      .select()
      .from(setting)
      .all()
      .map(({ name, value }) => [name, value]),
  );
  const keep = (name: string, value: string) =>
    orm.insert(setting).values({ name, value }).onConflictDoUpdate({ target: setting.name, set: { value } }).run();
  const hasSales = sqlite.prepare(`SELECT 1 FROM entry WHERE type = 2 LIMIT 1`);
  const wanted: readonly (readonly [name: string, value: string])[] = [
    ["timezone", config.timezone],
    ["currency", config.currency],
    ["attribution_window_days", String(config.attributionWindowDays)],
    ["derived_version", DERIVED_VERSION],
  ];

  const currency = stored.get("currency");
  if (currency !== undefined && currency !== config.currency && hasSales.get() !== undefined)
    throw new Error(
      `CURRENCY is ${config.currency}, but this database holds sales and reports in ${currency}: set CURRENCY=${currency}, or start with a new database.`,
    );

  const changed = wanted.filter(([name, value]) => stored.get(name) !== value);
  const isNew = changed.length === wanted.length && currency === undefined;
  if (changed.length > 0 && !isNew) {
    const lock = lockForRebuild(database, changed.map(([name]) => `${name} ${stored.get(name)}`).join(", "));
    try {
      if (changed.every(([name]) => name === "attribution_window_days")) {
        log.info({ message: "adding up the totals of attribution anew for another window, in the background" });
        ledger.write(ledger.credit.addUp);
      } else {
        database.write(ledger.credit.clear);
        await rebuildAloud(ledger, log);
      }
    } finally {
      lock.release();
    }
  }
  if (changed.length > 0) database.write(() => changed.forEach(([name, value]) => void keep(name, value)));
  // A fixed clock in the past, as in tests, must not count what comes after it.
  if (config.clock !== undefined)
    sqlite
      .prepare(
        `INSERT INTO stale (customer_id, due_at) SELECT id, 0 FROM customer WHERE last_seen_at > ? ON CONFLICT DO UPDATE SET due_at = 0`,
      )
      .run(now());
}

/** Rebuilds, and logs how far it is: the server does not answer meanwhile, which can take minutes. */
async function rebuildAloud(ledger: Ledger, log: Log): Promise<void> {
  const startedAt = performance.now();
  let loggedAt = startedAt;
  log.info({ message: "recomputing all derived data from the log; the server answers when this is done" });
  await ledger.rebuild((done, total) => {
    if (performance.now() - loggedAt < LOGGED_EVERY_MS) return;
    loggedAt = performance.now();
    log.info({ message: "recomputing all derived data from the log", rows: done, of: total });
  });
  log.info({ message: "recomputed all derived data from the log", seconds: Math.round((performance.now() - startedAt) / 1000) });
}

/** Locks the database for a rebuild. A command with other settings must not rebuild the data that a running server answers from. */
function lockForRebuild(database: Database, stored: string): Lock {
  try {
    return database.hold();
  } catch (error) {
    const reason = error instanceof Error ? error.message : "unknown";
    throw new Error(`The settings are not those of the running server, whose database has ${stored}: set the same. ${reason}`);
  }
}

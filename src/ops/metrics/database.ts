// How many entries came in, how many customers wait for a refresh, and how large is the database? Read from the database for each scrape.
import { ENTRY_TYPES, type entry } from "../../../db/schema.ts";
import { journalBytes } from "../../../db/size.ts";
import type { Context } from "../../context.ts";
import type { Backups } from "../backup/schedule.ts";
import { gauge, type Sample } from "./sample.ts";

/** How many rows are read before other requests get a turn: about 2 ms. */
const CHUNK = 20_000;

/** Gives the function that reads the samples of the database. Prepares its statements at once. */
export function openDatabaseSamples({ database, now, ledger, backups, config }: Context & { readonly backups: Backups }) {
  const { sqlite } = database;
  const highest = sqlite.prepare<[], number>("SELECT coalesce(max(id), 0) FROM entry").pluck();
  const byType = sqlite.prepare<[after: number, upTo: number], Pick<typeof entry.$inferSelect, "type"> & { rows: number }>(
    "SELECT type, count(*) AS rows FROM entry WHERE id > ? AND id <= ? GROUP BY type",
  );
  const due = sqlite.prepare<[now: number], number>("SELECT count(*) FROM stale WHERE due_at <= ?").pluck();
  const entries = ENTRY_TYPES.map(() => 0);
  // Entries are only ever added, so each new one is counted once. Those from before the start are not counted.
  let counted = highest.get() ?? 0;
  let counting: Promise<void> | undefined;

  async function countNew(): Promise<void> {
    for (const last = highest.get() ?? 0; counted < last; ) {
      const until = Math.min(last, counted + CHUNK);
      for (const { type, rows } of byType.all(counted, until)) entries[type] = (entries[type] ?? 0) + rows;
      counted = until;
      if (counted < last) await new Promise((resume) => setTimeout(resume, 0));
    }
  }

  function pragma(name: string): number {
    return Number(sqlite.pragma(name, { simple: true }));
  }

  return async (): Promise<Sample[]> => {
    counting ??= countNew().finally(() => {
      counting = undefined;
    });
    await counting;
    const { status, newestAt } = backups.status() ?? {};
    const { entries: behind = 0, asOfAt = now() } = ledger.behind() ?? {};
    return [
      {
        name: "regulars_entries_total",
        type: "counter",
        help: "Entries recorded since the start, by the server or by other processes.",
        values: ENTRY_TYPES.map((type, rank) => ({ labels: { type }, value: entries[rank] ?? 0 })),
      },
      gauge("regulars_refresh_backlog_customers", "Customers whose figures must be recomputed.", due.get(now()) ?? 0),
      gauge("regulars_behind_entries", "Acknowledged entries, or other changes, that are not in the reports yet.", behind),
      gauge("regulars_behind_seconds", "How long ago the oldest of them was acknowledged; 0 without any.", (now() - asOfAt) / 1000),
      gauge("regulars_database_bytes", "Size of the database without its journal.", pragma("page_count") * pragma("page_size")),
      gauge("regulars_wal_bytes", "Size of the database's journal.", journalBytes(config.databasePath)),
      ...(config.maxDatabaseBytes === 0
        ? []
        : [
            gauge(
              "regulars_database_limit_bytes",
              "MAX_DATABASE_BYTES: what the database and its journal may take.",
              config.maxDatabaseBytes,
            ),
          ]),
      ...(newestAt === undefined
        ? []
        : [gauge("regulars_backup_newest_timestamp_seconds", "Start time of the newest good scheduled backup.", newestAt / 1000)]),
      ...(status === undefined
        ? []
        : [gauge("regulars_backup_failed", "1 if the last scheduled backup failed, otherwise 0.", status === "failed" ? 1 : 0)]),
    ];
  };
}

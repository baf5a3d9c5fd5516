// Which way did a row come? What an import adds is noted, and so is what another way brings again, so that an import can be undone (definitions §1).
import type { Sqlite } from "../../db/connection.ts";
import type { importRate, importSpan, importStatus } from "../../db/import-schema.ts";

type Span = typeof importSpan.$inferSelect;
export type RowKind = Span["kind"];
type Status = Pick<typeof importStatus.$inferSelect, "type" | "key" | "at" | "status">;

/** Every way that is no import. */
export const OTHER_WAYS = 0;

export interface Ways {
  /** Runs work within a write. What it adds and brings again is of this import. */
  asImport<T>(importId: number, work: () => T): T;
  /** Notes that a row came again. That matters only if another import has added it. */
  repeated(kind: "entry" | "profile_update", id: number): void;
  /** Notes that a status was said: for the first time, or again. */
  said(status: Status, isNew: boolean): void;
  /** Notes that a rate was set. `former`: what it was before, if anything. */
  setRate(currency: string, day: number, rate: string, former: string | undefined): void;
  /**
   * Forgets that an import set a rate, and gives what was there before. `isPassedOn`: another import has set it since, and now that is what
   * was there before it.
   */
  takeRate(currency: string, day: number, importId: number): { former: string | null; isPassedOn: boolean } | undefined;
  /** Notes that this way names a customer by themselves, and not by an entry or profile update. */
  restored(customerId: number): void;
  /** The import that added a row; undefined: no import, or one that was undone. */
  importOf(kind: RowKind, id: number): number | undefined;
  /** Another way, besides this import, that brought a row again: the smallest id; undefined: none. */
  repeaterOf(kind: RowKind, id: number, importId: number): number | undefined;
  /** Is a row noted in any way but this import's? */
  isElsewhere(kind: RowKind, id: number, importId: number): boolean;
  /** Adds rows to those of an import. */
  add(kind: RowKind, importId: number, isAdded: 0 | 1, firstId: number, lastId: number): void;
}

/** The tables whose new rows an import adds. */
const TABLES = ["entry", "profile_update", "customer"] as const;

export function openWays(sqlite: Sqlite): Ways {
  let current = OTHER_WAYS;
  const newest = Object.fromEntries(
    TABLES.map((table) => [table, sqlite.prepare<[], number>(`SELECT coalesce(max(id), 0) FROM ${table}`).pluck()]),
  );
  const firstAfter = Object.fromEntries(
    TABLES.map((table) => [table, sqlite.prepare<[id: number], number | null>(`SELECT min(id) FROM ${table} WHERE id > ?`).pluck()]),
  );
  const added = sqlite.prepare<[kind: RowKind, id: number], Pick<Span, "importId" | "lastId">>(
    `SELECT import_id AS importId, last_id AS lastId FROM import_span INDEXED BY import_span_row WHERE is_added AND kind = ? AND first_id <= ? ORDER BY first_id DESC LIMIT 1`,
  );
  const before = sqlite.prepare<[kind: RowKind, importId: number, isAdded: number, id: number], Pick<Span, "firstId" | "lastId">>(
    `SELECT first_id AS firstId, last_id AS lastId FROM import_span WHERE kind = ? AND import_id = ? AND is_added = ? AND first_id <= ? ORDER BY first_id DESC LIMIT 1`,
  );
  const drop = sqlite.prepare(`DELETE FROM import_span WHERE kind = ? AND import_id = ? AND is_added = ? AND first_id = ?`);
  const put = sqlite.prepare(`INSERT OR REPLACE INTO import_span (kind, import_id, is_added, first_id, last_id) VALUES (?, ?, ?, ?, ?)`);
  const repeaters = sqlite
    .prepare<[kind: RowKind], number>(`SELECT DISTINCT import_id FROM import_span WHERE kind = ? AND is_added = 0 ORDER BY import_id`)
    .pluck();
  const holders = sqlite.prepare<[kind: RowKind], number>(`SELECT DISTINCT import_id FROM import_span WHERE kind = ?`).pluck();
  const statusOf = sqlite
    .prepare<Status, number>(
      `SELECT import_id FROM import_status WHERE type = :type AND key = :key AND at = :at AND status = :status AND is_added`,
    )
    .pluck();
  const putStatus = sqlite.prepare<Status & { importId: number; isAdded: number }>(
    `INSERT OR IGNORE INTO import_status (type, key, at, status, import_id, is_added) VALUES (:type, :key, :at, :status, :importId, :isAdded)`,
  );
  const findRate = sqlite.prepare<
    [currency: string, day: number, importId: number],
    Pick<typeof importRate.$inferSelect, "former" | "position">
  >("SELECT former, position FROM import_rate WHERE currency = ? AND day = ? AND import_id = ?");
  const passOn = sqlite.prepare<{ former: string | null; currency: string; day: number; position: number }>(
    `UPDATE import_rate SET former = :former WHERE currency = :currency AND day = :day
       AND position = (SELECT min(position) FROM import_rate WHERE currency = :currency AND day = :day AND position > :position)`,
  );
  const dropRate = sqlite.prepare("DELETE FROM import_rate WHERE currency = ? AND day = ? AND import_id = ?");
  const putRate = sqlite.prepare(
    "INSERT INTO import_rate (currency, day, import_id, rate, former, position) VALUES (?, ?, ?, ?, ?, (SELECT coalesce(max(position), 0) + 1 FROM import_rate))",
  );
  const dropRates = sqlite.prepare(`DELETE FROM import_rate WHERE currency = ? AND day = ?`);

  const isIn = (kind: RowKind, importId: number, isAdded: 0 | 1, id: number): boolean =>
    (before.get(kind, importId, isAdded, id)?.lastId ?? -1) >= id;

  /** Adds a span, and joins it with its neighbours. */
  function add(kind: RowKind, importId: number, isAdded: 0 | 1, firstId: number, lastId: number): void {
    let [first, last] = [firstId, lastId];
    const left = before.get(kind, importId, isAdded, first);
    if (left && left.lastId >= first - 1) {
      if (left.lastId >= last) return;
      first = left.firstId;
    }
    const right = before.get(kind, importId, isAdded, last + 1);
    if (right && right.firstId > first) {
      drop.run(kind, importId, isAdded, right.firstId);
      last = Math.max(last, right.lastId);
    }
    put.run(kind, importId, isAdded, first, last);
  }

  function takeRate(currency: string, day: number, importId: number): { former: string | null; isPassedOn: boolean } | undefined {
    const found = findRate.get(currency, day, importId);
    if (found === undefined) return undefined;
    dropRate.run(currency, day, importId);
    return { former: found.former, isPassedOn: passOn.run({ ...found, currency, day }).changes > 0 };
  }

  function importOf(kind: RowKind, id: number): number | undefined {
    const span = added.get(kind, id);
    return span && span.lastId >= id ? span.importId : undefined;
  }

  return {
    asImport(importId, work) {
      const lasts = TABLES.map((table) => newest[table]?.get() ?? 0);
      current = importId;
      try {
        return work();
      } finally {
        current = OTHER_WAYS;
        TABLES.forEach((table, index) => {
          const first = firstAfter[table]?.get(lasts[index] ?? 0) ?? undefined;
          if (first !== undefined) add(table, importId, 1, first, newest[table]?.get() ?? first);
        });
      }
    },
    repeated(kind, id) {
      const owner = importOf(kind, id);
      if (owner !== undefined && owner !== current) add(kind, current, 0, id, id);
    },
    said(status, isNew) {
      if (isNew) {
        if (current !== OTHER_WAYS) putStatus.run({ ...status, importId: current, isAdded: 1 });
        return;
      }
      const owner = statusOf.get(status);
      if (owner !== undefined && owner !== current) putStatus.run({ ...status, importId: current, isAdded: 0 });
    },
    setRate(currency, day, rate, former) {
      if (current === OTHER_WAYS) {
        dropRates.run(currency, day);
        return;
      }
      const before = takeRate(currency, day, current);
      putRate.run(currency, day, current, rate, before && !before.isPassedOn ? before.former : (former ?? null));
    },
    takeRate,
    restored(customerId) {
      if (current !== OTHER_WAYS) add("restored", current, 1, customerId, customerId);
    },
    importOf,
    repeaterOf: (kind, id, importId) => repeaters.all(kind).find((by) => by !== importId && isIn(kind, by, 0, id)),
    isElsewhere: (kind, id, importId) =>
      holders.all(kind).some((by) => by !== importId && (isIn(kind, by, 1, id) || isIn(kind, by, 0, id))),
    add,
  };
}

// What has changed, in the order of commits? Reads the table `change`, which triggers fill (migrations/0017_changes.sql), and drops its oldest rows.
import type { Sqlite } from "./connection.ts";
import { CHANGE_TYPES, type ChangeType, type follower } from "./feed-schema.ts";

/** A row of the feed. `id`: the number of the row that changed, or a text where a table has no row numbers. `at`: in milliseconds. */
export interface Change {
  readonly seq: number;
  readonly type: ChangeType;
  readonly id: number | string;
  readonly at: number;
}

/** What of the feed is there: `oldest` and `newest` are the first and the last `seq`, 0 and 0 of an empty one. */
export interface Extent {
  readonly oldest: number;
  readonly newest: number;
}

/** Beyond this many, no history of a workspace has changes. A restored backup goes on so much further. */
const LEAP = 2 ** 32;

/** The number of each type, as it is stored. */
export const NUMBER_OF_TYPE: ReadonlyMap<string, number> = new Map(CHANGE_TYPES.map((type, number) => [type, number]));
/** The customers that an entry makes are told right after it, and a page does not end between them. */
const BELONG_TO_BEFORE = ["customer.created", "customer.named"].map((type) => NUMBER_OF_TYPE.get(type)).join(", ");

export function openChanges(sqlite: Sqlite) {
  const extent = sqlite.prepare<[], Extent>(
    "SELECT coalesce(min(seq), 0) AS oldest, coalesce((SELECT max(seq) FROM change), 0) AS newest FROM change",
  );
  const newest = sqlite.prepare<[], number>("SELECT coalesce(max(seq), 0) FROM change").pluck();
  const page = sqlite.prepare<[after: number, limit: number], Omit<Change, "type"> & { type: number }>(
    "SELECT seq, type, id, at FROM change WHERE seq > ? ORDER BY seq LIMIT ?",
  );
  const rest = sqlite.prepare<{ after: number }, Omit<Change, "type"> & { type: number }>(
    `SELECT seq, type, id, at FROM change
     WHERE seq > :after AND seq < (SELECT coalesce(min(seq), 1e18) FROM change WHERE seq > :after AND type NOT IN (${BELONG_TO_BEFORE}))
     ORDER BY seq`,
  );
  const drop = sqlite.prepare<[upTo: number, at: number, most: number]>(
    `DELETE FROM change WHERE seq IN (
       SELECT seq FROM change WHERE seq <= ? AND at < ? AND seq < (SELECT max(seq) FROM change) ORDER BY seq LIMIT ?)`,
  );

  return {
    extent: (): Extent => extent.get() ?? { oldest: 0, newest: 0 },
    newest: (): number => newest.get() ?? 0,
    /** The next changes after a `seq`, in order: `limit` of them, and the customers that the last one has made. */
    after(seq: number, limit: number): Change[] {
      const rows = page.all(seq, limit);
      const last = rows.at(-1);
      const all = rows.length === limit && last !== undefined ? [...rows, ...rest.all({ after: last.seq })] : rows;
      return all.map(({ type, ...row }) => ({ ...row, type: CHANGE_TYPES[type] as ChangeType }));
    },
    /** Drops up to `most` of the changes up to `upTo` that were told before `at`, the oldest first, but never the newest change. Gives their number. */
    drop: (upTo: number, at: number, most: number): number => drop.run(upTo, at, most).changes,
  };
}
export type Changes = ReturnType<typeof openChanges>;

/** Goes on with numbers that the feed never had, since the lost part of a restored workspace may have given the next ones. Call it within a write. */
export function leapAhead(sqlite: Sqlite): void {
  sqlite
    .prepare("INSERT INTO change (seq, type, id) SELECT coalesce(max(seq), 0) + ?, ?, 'lineage' FROM change")
    .run(LEAP, NUMBER_OF_TYPE.get("setting.set"));
}

/** `seq`: the last change that they have. `seenAt`: when they last asked, in milliseconds. */
export type Follower = Readonly<typeof follower.$inferSelect>;

/** Who follows the feed, and how far they have come, as it is stored. */
export function listFollowers(sqlite: Sqlite): Follower[] {
  return sqlite.prepare<[], Follower>("SELECT name, seq, seen_at AS seenAt FROM follower ORDER BY name").all();
}

/** Tells that an import has ended, with its counts as JSON. Call it within a write. */
export function tellImport(sqlite: Sqlite, counts: Readonly<Record<string, number>>): void {
  sqlite.prepare("INSERT INTO change (type, id) VALUES (?, ?)").run(NUMBER_OF_TYPE.get("import.finished"), JSON.stringify(counts));
}

// How far has ClickHouse been told what has changed? It is stored now and then; after a kill, some is told again, which changes nothing.
import type { Sqlite } from "../../../db/connection.ts";
import { readLineage } from "../../../db/lineage.ts";
import type { Config } from "../../host/config.ts";
import { DERIVED_VERSION } from "../../ledger/derived-for.ts";
import { TABLE } from "./schema.ts";

export interface Cursor {
  /** The number of the filling, which is the high bits of every rev. */
  readonly epoch: number;
  /** What the rows of this filling depend on besides the log: see `basisOf`. */
  readonly basis: string;
  /** While the table is being filled, the last customer that was told. Null: everybody was. */
  readonly filledTo: number | null;
  /** The last change that was told. */
  readonly seq: number;
  /** Everything that was acknowledged before this instant was told, in milliseconds since 1970 UTC; 0: unknown. */
  readonly asOfAt: number;
}

/** The name in the table `setting`. */
const NAME = "analytics_cursor";
const SEQ_BITS = 44n;

/** The rev of what was read when the newest change of the feed was `seq`. */
export const toRev = (epoch: number, seq: number): bigint => (BigInt(epoch) << SEQ_BITS) + BigInt(seq);
/** The filling of a rev. */
export const epochOf = (rev: bigint): number => Number(rev >> SEQ_BITS);

/** The history of the database, the settings that figures depend on, and the table. If any of them is another, the table is filled anew. */
export function basisOf(sqlite: Sqlite, { timezone, currency, attributionWindowDays, analyticsUrl }: Config): string {
  const history = readLineage(sqlite).at(-1)?.history ?? "";
  const table = `${analyticsUrl?.url}/${analyticsUrl?.database}/${TABLE}`;
  return [history, timezone, currency, attributionWindowDays, DERIVED_VERSION, table].join(" ");
}

export function openCursor(sqlite: Sqlite): { read(): Cursor | undefined; store(cursor: Cursor): void } {
  const find = sqlite.prepare<[string], string>("SELECT value FROM setting WHERE name = ?").pluck();
  const put = sqlite.prepare<[string, string]>("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)");
  return {
    read() {
      const text = find.get(NAME);
      return text === undefined ? undefined : (JSON.parse(text) as Cursor);
    },
    /** Call it within a write. */
    store: (cursor) => void put.run(NAME, JSON.stringify(cursor)),
  };
}

// Does the feed of changes have every number, and every entry that came since it began?
import type { Database } from "../../db/database.ts";
import type { Findings } from "./finding.ts";

/** A restored backup goes on so much further, so a step of this size is no gap. */
const LEAP = 2 ** 32;

export function verifyFeed({ sqlite }: Database, findings: Findings): void {
  const count = (sql: string) => Number(sqlite.prepare(sql).pluck().get());
  const gaps = count(
    `SELECT count(*) FROM (SELECT seq - lag(seq) OVER (ORDER BY seq) AS step FROM change) WHERE step <> 1 AND step <> ${LEAP}`,
  );
  findings.compare(() => "change: gaps between numbers", gaps, 0);
  // Row numbers go up, so the entries from the first one that the feed still tells on must all be told, and those that are gone as well (18).
  const untold = (ids: string, type: number) => count(`SELECT count(*) FROM (${ids} EXCEPT SELECT id FROM change WHERE type = ${type})`);
  const entries = "SELECT id FROM entry WHERE id >= (SELECT min(id) FROM change WHERE type = 0)";
  findings.compare(() => "change: entries that are not told", untold(entries, 0), 0);
  const gone = "SELECT id FROM change WHERE type = 0 AND id NOT IN (SELECT id FROM entry)";
  findings.compare(() => "change: deletions that are not told", untold(gone, 18), 0);
}

// Which statuses does an export contain besides those that were sent with entries? All that were said, each with its instant (definitions §4).
import { ENTRY_TYPES, type saidStatus } from "../../../db/schema.ts";
import type { Context } from "../../context.ts";
import type { TableRow } from "../../value/csv.ts";
import { toIso } from "../../value/instant.ts";

const PAGE = 1000;

type StatusRow = typeof saidStatus.$inferSelect;

/**
 * The lines of all said statuses, page by page, those of erased customers' entries left out. With `isKeyed`, also those of entries whose key
 * was made from their content are left out: only an export that has these keys can name them.
 */
export function* statusPages({ database }: Context, isKeyed = false): Generator<TableRow[]> {
  const keyed = isKeyed ? "AND (e.id IS NULL OR e.event_id = e.key OR e.type = 2 AND e.order_id = e.key)" : "";
  const select = database.sqlite.prepare<StatusRow, StatusRow>(
    `SELECT s.type, s.key, s.at, s.status FROM said_status AS s
     LEFT JOIN entry AS e ON e.type = s.type AND e.key = s.key LEFT JOIN customer AS c ON c.id = e.customer_id
     WHERE (s.type, s.key, s.at, s.status) > (:type, :key, :at, :status) AND e.erased_customer_id IS NULL AND c.deleted_at IS NULL ${keyed}
     ORDER BY s.type, s.key, s.at, s.status LIMIT ${PAGE}`,
  );
  for (let last: StatusRow = { type: 0, key: "", at: 0, status: "approved" }; ; ) {
    const rows = select.all(last);
    const end = rows.at(-1);
    if (!end) return;
    yield rows.map(({ type, key, at, status }) => ({ type: "status", of: ENTRY_TYPES[type], key, status, at: toIso(at) }));
    last = end;
  }
}

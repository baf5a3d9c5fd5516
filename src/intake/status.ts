// How does the status of a conversion change after it was recorded? (definitions §4, api.md "PATCH /conversions/:id")
import { CUSTOM, DEFAULTED, type entry, LEAD, REFUND, SALE, type Status } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import { invalid, notFound } from "../value/error.ts";
import { parseEntryId } from "../value/id.ts";
import type { Draft } from "./draft.ts";
import { openRecorder } from "./record.ts";

type ConversionRow = Pick<typeof entry.$inferSelect, "id" | "type" | "key" | "status" | "customerId">;

const NOTHING_SENT: Omit<Draft, "type" | "at" | "defaulted"> = {
  externalId: null,
  email: null,
  name: null,
  avatar: null,
  country: null,
  clickId: null,
  visitorId: null,
  event: null,
  eventId: null,
  orderId: null,
  value: null,
  currency: null,
  status: null,
  link: null,
  campaign: null,
  source: null,
  medium: null,
  url: null,
  referrer: null,
  metadata: null,
};

export interface Statuses {
  /** Sets the status of the conversion `ent_…` or `ord_<orderId>`. Gives the row id of its entry. Throws NOT_FOUND, VALIDATION_ERROR. */
  set(idParam: string, status: Status): number;
  /**
   * Sets the status that a conversion had in another workspace, within a write. Records no refund for `refunded`, because the refund is an
   * entry of its own. Gives whether the status changed. Throws NOT_FOUND, VALIDATION_ERROR.
   */
  restore(type: number, key: string, status: Status): boolean;
}

export function openStatuses(context: Context): Statuses {
  const { database, ledger, now } = context;
  const recorder = openRecorder(context);
  const columns = `id, type, key, status, customer_id AS customerId`;
  const byId = database.sqlite.prepare<[id: number], ConversionRow>(
    `SELECT ${columns} FROM entry WHERE id = ? AND type IN (${LEAD}, ${SALE}, ${CUSTOM})`,
  );
  const byOrderId = database.sqlite.prepare<[orderId: string], ConversionRow>(
    `SELECT ${columns} FROM entry WHERE type = ${SALE} AND key = ? AND order_id = key`,
  );
  const byKey = database.sqlite.prepare<[type: number, key: string], ConversionRow & Pick<typeof entry.$inferSelect, "setStatus">>(
    `SELECT ${columns}, set_status AS setStatus FROM entry WHERE type = ? AND key = ? AND type IN (${LEAD}, ${SALE}, ${CUSTOM})`,
  );
  const setStatus = database.sqlite.prepare(`UPDATE entry SET set_status = ?, status = ?, is_counted = ? WHERE id = ?`);

  function find(idParam: string): ConversionRow {
    const id = parseEntryId(idParam);
    const row = idParam.startsWith("ord_") ? byOrderId.get(idParam.slice(4)) : id === undefined ? undefined : byId.get(id);
    if (!row) throw notFound("conversion");
    return row;
  }

  function requireAllowed(row: ConversionRow, status: Status): void {
    if (status === "refunded" && row.type !== SALE)
      throw invalid([{ path: "status", message: "must not be refunded: only a sale can have this status" }]);
  }

  const isCountedAlone = (row: ConversionRow, status: Status) => (row.type === LEAD && status !== "rejected" && status !== "fraud" ? 1 : 0);

  return {
    restore(type, key, status) {
      const row = byKey.get(type, key);
      if (!row) throw notFound("conversion");
      requireAllowed(row, status);
      if (row.setStatus === status) return false;
      setStatus.run(status, status, isCountedAlone(row, status), row.id);
      if (row.type === SALE) ledger.sales.revalue(row.key);
      if (row.customerId !== null) ledger.markStale(row.customerId);
      return true;
    },
    set: (idParam, status) =>
      ledger.write(() => {
        const row = find(idParam);
        requireAllowed(row, status);
        if (status === "refunded" && row.status === "refunded") return row.id;
        setStatus.run(status, status, isCountedAlone(row, status), row.id);
        const defaulted = DEFAULTED.timestamp | DEFAULTED.source | DEFAULTED.campaign | DEFAULTED.medium;
        if (status === "refunded") recorder.record({ ...NOTHING_SENT, type: REFUND, at: now(), defaulted, orderId: row.key }, true);
        else if (row.type === SALE) ledger.sales.revalue(row.key);
        if (row.customerId !== null) ledger.markStale(row.customerId);
        return row.id;
      }),
  };
}

// How does the status of a conversion or refund change? It is said for an instant, and the newest counts (definitions §4, api.md "PATCH /conversions/:id").
import { CUSTOM, DEFAULTED, type entry, LEAD, REFUND, SALE, type Status } from "../../db/schema.ts";
import { type Context, oncePerContext } from "../context.ts";
import { isRefundStatus, type SaidStatus, type StatusSubject } from "../ledger/status.ts";
import { invalid, notFound } from "../value/error.ts";
import { parseEntryId } from "../value/id.ts";
import type { Draft } from "./draft.ts";
import { openRecorder } from "./record.ts";

type SubjectRow = Pick<typeof entry.$inferSelect, "id" | "type" | "key" | "at" | "sentStatus" | "saleKey" | "customerId">;

const NOTHING_SENT: Omit<Draft, "type" | "at" | "defaulted"> = {
  externalId: null,
  email: null,
  aliases: null,
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
  status: "approved",
  link: null,
  campaign: null,
  source: null,
  medium: null,
  url: null,
  referrer: null,
  metadata: null,
  totalUntil: null,
};
const NO_ORIGIN = DEFAULTED.source | DEFAULTED.campaign | DEFAULTED.medium;

export interface Statuses {
  /**
   * PATCH: says the status of the conversion or refund `ent_…`, `ord_<orderId>` or `ref_<eventId>` for the instant `at`, in milliseconds.
   * Without `at` it is said for now, and counts in any case. Gives the row id of the entry. Throws NOT_FOUND, VALIDATION_ERROR.
   */
  set(idParam: string, status: Status, at?: number): number;
  /**
   * Says a status for the instant `at`, in milliseconds, within a write. If the entry has not arrived, the status waits for it. `type` is the
   * rank of its type (db/schema.ts), `key` the orderId of a sale, else the eventId. Gives false if the same was said before. Throws
   * VALIDATION_ERROR for a status that the type cannot have.
   */
  say(subject: StatusSubject, status: SaidStatus, at: number): boolean;
  /** Takes a status back that was said, within a write. */
  unsay(subject: StatusSubject, status: SaidStatus, at: number): void;
  /**
   * Says a status that another workspace exported without its instant, for the timestamp of the entry, within a write. Gives false if it was
   * said before. Throws NOT_FOUND, VALIDATION_ERROR.
   */
  sayUndated(subject: StatusSubject, status: Status): boolean;
}

/** Throws VALIDATION_ERROR for a status that this type of entry cannot have. */
function requireAllowed(type: number, status: Status): void {
  const must = (what: string) => invalid([{ path: "status", message: `must ${what}` }]);
  if (status === "refunded" && type !== SALE) throw must("not be refunded: only a sale can have this status");
  if (type === REFUND && !isRefundStatus(status)) throw must(`be approved or rejected for a refund, not ${status}`);
}

export const openStatuses = oncePerContext((context: Context): Statuses => {
  const { database, ledger, now } = context;
  const recorder = openRecorder(context);
  const select = <Parameters extends unknown[]>(condition: string) =>
    database.sqlite.prepare<Parameters, SubjectRow>(
      `SELECT id, type, key, at, sent_status AS sentStatus, sale_key AS saleKey, customer_id AS customerId FROM entry WHERE type IN (${LEAD}, ${SALE}, ${CUSTOM}, ${REFUND}) AND ${condition}`,
    );
  const byId = select<[id: number]>("id = ?");
  const byKey = select<[type: number, key: string]>("type = ? AND key = ?");
  const byOrderId = select<[orderId: string]>(`type = ${SALE} AND key = ? AND order_id = key`);
  const byEventId = select<[eventId: string]>(`type = ${REFUND} AND key = ? AND event_id = key`);
  const store = database.sqlite.prepare("UPDATE entry SET set_status = :status, status = :status, is_counted = :isCounted WHERE id = :id");
  const storeOfRefund = database.sqlite.prepare("UPDATE entry SET set_status = :status, status = :status WHERE id = :id");

  function find(idParam: string): SubjectRow {
    const id = parseEntryId(idParam);
    const name = idParam.slice(4);
    const row = idParam.startsWith("ord_")
      ? byOrderId.get(name)
      : idParam.startsWith("ref_")
        ? byEventId.get(name)
        : id === undefined
          ? undefined
          : byId.get(id);
    if (!row) throw notFound("conversion");
    return row;
  }

  /** Gives an entry the status that counts by now, and its customer new figures. */
  function apply(row: SubjectRow): void {
    const { id, type, key, saleKey, customerId } = row;
    const status = ledger.statuses.statusOf(row);
    if (type === REFUND) storeOfRefund.run({ id, status });
    else store.run({ id, status, isCounted: type === LEAD && status !== "rejected" && status !== "fraud" ? 1 : 0 });
    const sale = type === SALE ? key : saleKey;
    if (sale !== null) ledger.sales.revalue(sale);
    if (customerId !== null) ledger.markStale(customerId);
  }

  function say(subject: StatusSubject, status: SaidStatus, at: number): boolean {
    requireAllowed(subject.type, status);
    if (!ledger.statuses.put(subject, status, at)) return false;
    const row = byKey.get(subject.type, subject.key);
    if (row) apply(row);
    return true;
  }

  /** After a status that was said for now or later, one without an instant is said a millisecond later, so that it counts. */
  function presentOf(row: SubjectRow): number {
    return Math.max(now(), ledger.statuses.newestAt(row) + 1);
  }

  return {
    say,
    unsay(subject, status, at) {
      ledger.statuses.remove(subject, status, at);
      const row = byKey.get(subject.type, subject.key);
      if (row) apply(row);
    },
    sayUndated(subject, status) {
      const row = byKey.get(subject.type, subject.key);
      if (!row) throw notFound("conversion");
      requireAllowed(row.type, status);
      return say(row, status === "refunded" ? "approved" : status, row.at);
    },
    set: (idParam, status, at) =>
      ledger.write(() => {
        const row = find(idParam);
        requireAllowed(row.type, status);
        const saidAt = at ?? presentOf(row);
        say(row, status === "refunded" ? "approved" : status, saidAt);
        if (status === "refunded" && !ledger.sales.isWhollyRefunded(row.key)) {
          const refund = { ...NOTHING_SENT, type: REFUND, at: saidAt, defaulted: NO_ORIGIN, orderId: row.key };
          recorder.record(refund, { alwaysNew: true });
          if (row.customerId !== null) ledger.markStale(row.customerId);
        }
        return row.id;
      }),
  };
});

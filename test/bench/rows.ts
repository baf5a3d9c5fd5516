// Which rows does the intake write for an entry of the measured world? This second implementation loads fast and serves the peer; a test proves them equal.
import { CLICK, emailOf, type Fact, LEAD, REFUND, SALE, toWire } from "./world.ts";

/** The columns of `entry` that such entries fill, in the order of `entryValues`. */
const ENTRY_COLUMNS = [
  "type",
  "at",
  "key",
  "defaulted",
  "received_at",
  "external_id",
  "email",
  "name",
  "country",
  "click_id",
  "event",
  "event_id",
  "order_id",
  "value",
  "currency",
  "sent_status",
  "set_status",
  "link",
  "campaign",
  "source",
  "medium",
  "url",
  "declared_customer_id",
  "sale_key",
  "customer_id",
  "status",
  "is_counted",
  "applied_refund_minor",
  "amount_minor",
] as const;

/** The indexes in its values of an entry's customers: the declared one, and the owner. */
export const DECLARED_CUSTOMER_ID = ENTRY_COLUMNS.indexOf("declared_customer_id");
export const CUSTOMER_ID = ENTRY_COLUMNS.indexOf("customer_id");

type Value = string | number | null;

/** An insert of a number of entries. */
export function entryInsert(rows: number): string {
  const places = `(${ENTRY_COLUMNS.map(() => "?").join(", ")})`;
  return `INSERT INTO entry (${ENTRY_COLUMNS.join(", ")}) VALUES ${Array.from({ length: rows }, () => places).join(", ")}`;
}

const KEY_LETTERS = ["c", "l", "o", "m", "r"];
/** source, campaign and medium were neither sent nor found. */
const NO_ORIGIN = 7;

/** The values of an entry's row. Its refunds are known in advance. `customerId`: the row id of its customer. */
export function entryValues(fact: Fact, crowd: number, customerId: number, receivedAt: number): Value[] {
  const { type, at, cents, saleCents } = fact;
  const wire = toWire(fact, crowd) as Record<string, string | undefined>;
  const key = KEY_LETTERS[type] + String(fact.index);
  const status = type === CLICK ? null : type === REFUND || fact.approved ? "approved" : "pending";
  const taken = type === REFUND ? (cents ?? saleCents) : null;
  return [
    type,
    at,
    key,
    type === CLICK ? 0 : NO_ORIGIN,
    receivedAt,
    wire.externalId ?? null,
    wire.email ?? null,
    wire.name ?? null,
    wire.country ?? null,
    wire.clickId ?? null,
    wire.event ?? null,
    wire.eventId ?? null,
    wire.orderId ?? null,
    type === REFUND && cents !== null ? cents * 100 : cents,
    wire.currency ?? null,
    status,
    status,
    wire.link ?? null,
    wire.campaign ?? null,
    wire.source ?? null,
    wire.medium ?? null,
    wire.url ?? null,
    type === REFUND ? null : customerId,
    type === REFUND ? (wire.orderId ?? null) : null,
    customerId,
    fact.wholeRefund && type === SALE && status === "approved" ? "refunded" : status,
    type === LEAD || ((type === SALE || type === REFUND) && fact.approved) ? 1 : 0,
    taken,
    type === SALE ? cents : taken,
  ];
}

export const CUSTOMER_INSERT = "INSERT INTO customer (id, external_id, created_at, updated_at) VALUES (?, ?, ?, ?)";
export const EXTERNAL_ID_INSERT = "INSERT INTO external_id (external_id, customer_id) VALUES (?, ?)";
export const CLAIM_INSERT = "INSERT INTO claim (kind, value, at, type, key, entry_id, customer_id) VALUES (?, ?, ?, ?, ?, ?, ?)";

/** The claims of an entry for its customer, if any. Later leads of a customer claim an email that is already theirs. */
export function claimValues(fact: Fact, crowd: number, entryId: number, customerId: number, emailClaimed: boolean): Value[] | undefined {
  const { type, at, index } = fact;
  if (type === CLICK) return ["click", `c${index}`, -1, type, `c${index}`, entryId, customerId];
  if (type === LEAD && !emailClaimed) return ["email", emailOf(fact.customer, crowd), at, type, `l${index}`, entryId, customerId];
  return undefined;
}

// Which tables are there, in drizzle's terms? The migrations create them, and a test compares the two.
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { CLAIM_KINDS } from "./pending-schema.ts";

/** The types of entries, by their rank in log order. The column `type` holds the rank. */
export const ENTRY_TYPES = ["click", "lead", "sale", "custom", "refund"] as const;
export type EntryType = (typeof ENTRY_TYPES)[number];
export const CLICK = 0;
export const LEAD = 1;
export const SALE = 2;
export const CUSTOM = 3;
export const REFUND = 4;
/** The rank of a creation or any other profile update: after all entries of the same instant. */
export const PROFILE_UPDATE = 5;

/**
 * The bits of `entry.defaulted`: the fields that the sender left out. `erased`: the erasure of a customer has destroyed some of what was
 * sent. `fromPage`: a page sent the entry with a publishable key, so it makes no claims (definitions §5).
 */
export const DEFAULTED = { source: 1, campaign: 2, medium: 4, timestamp: 8, clickId: 16, erased: 32, fromPage: 64 } as const;

export const STATUSES = ["approved", "pending", "rejected", "fraud", "refunded"] as const;
export type Status = (typeof STATUSES)[number];

export const setting = sqliteTable("setting", { name: text().primaryKey(), value: text().notNull() });

export const apiKey = sqliteTable("api_key", {
  id: text().primaryKey(),
  name: text(),
  start: text().notNull(),
  hash: text().notNull().unique(),
  scopes: text().notNull(),
  createdAt: integer("created_at").notNull(),
  lastUsedAt: integer("last_used_at"),
  revokedAt: integer("revoked_at"),
  expiresAt: integer("expires_at"),
  origins: text(),
});

export const session = sqliteTable("session", {
  hash: text().primaryKey(),
  keyId: text("key_id").notNull(),
  expiresAt: integer("expires_at").notNull(),
});

export const idempotency = sqliteTable("idempotency", {
  keyHash: text("key_hash").primaryKey(),
  requestHash: text("request_hash").notNull(),
  status: integer().notNull(),
  outcome: text().notNull(),
  madeAt: integer("made_at").notNull(),
});

export const rate = sqliteTable("rate", { currency: text().notNull(), day: integer().notNull(), rate: text().notNull() }, (table) => [
  primaryKey({ columns: [table.currency, table.day] }),
]);

export const customer = sqliteTable("customer", {
  id: integer().primaryKey(),
  externalId: text("external_id").unique(),
  knownEmail: text("known_email").unique(),
  knownAlias: text("known_alias"),
  createdAt: integer("created_at").notNull(),
  updatedAt: integer("updated_at").notNull(),
  deletedAt: integer("deleted_at"),
  email: text(),
  name: text(),
  avatar: text(),
  country: text(),
  metadata: text(),
  searchText: text("search_text").notNull().default(""),
  firstTouchAt: integer("first_touch_at"),
  firstTouchDay: integer("first_touch_day"),
  firstTouchMonth: integer("first_touch_month"),
  cohortMonth: integer("cohort_month"),
  source: text(),
  campaign: text(),
  clickId: text("click_id"),
  lastSeenAt: integer("last_seen_at"),
  entries: integer().notNull().default(0),
  hasLead: integer("has_lead").notNull().default(0),
  sales: integer().notNull().default(0),
  grossMinor: integer("gross_minor").notNull().default(0),
  refundsMinor: integer("refunds_minor").notNull().default(0),
  firstSaleAt: integer("first_sale_at"),
  lastSaleAt: integer("last_sale_at"),
  firstSaleMinor: integer("first_sale_minor"),
});

export const externalId = sqliteTable("external_id", {
  externalId: text("external_id").primaryKey(),
  customerId: integer("customer_id").notNull(),
});

export const entry = sqliteTable("entry", {
  id: integer().primaryKey(),
  type: integer().notNull(),
  at: integer().notNull(),
  key: text().notNull(),
  defaulted: integer().notNull(),
  receivedAt: integer("received_at").notNull(),
  externalId: text("external_id"),
  email: text(),
  name: text(),
  avatar: text(),
  country: text(),
  clickId: text("click_id"),
  visitorId: text("visitor_id"),
  event: text(),
  eventId: text("event_id"),
  orderId: text("order_id"),
  value: integer(),
  currency: text(),
  sentStatus: text("sent_status"),
  setStatus: text("set_status"),
  link: text(),
  campaign: text(),
  source: text(),
  medium: text(),
  url: text(),
  referrer: text(),
  metadata: text(),
  declaredCustomerId: integer("declared_customer_id"),
  erasedCustomerId: integer("erased_customer_id"),
  saleKey: text("sale_key"),
  customerId: integer("customer_id"),
  status: text(),
  isCounted: integer("is_counted").notNull().default(0),
  appliedRefundMinor: integer("applied_refund_minor"),
  refundedMinor: integer("refunded_minor"),
  amountMinor: integer("amount_minor"),
  rateDay: integer("rate_day"),
  aliases: text(),
  totalUntil: integer("total_until"),
});

export const entryAlias = sqliteTable("entry_alias", { alias: text().notNull(), entryId: integer("entry_id").notNull() }, (table) => [
  primaryKey({ columns: [table.alias, table.entryId] }),
]);

export const saidStatus = sqliteTable(
  "said_status",
  {
    type: integer().notNull(),
    key: text().notNull(),
    at: integer().notNull(),
    status: text({ enum: ["approved", "pending", "rejected", "fraud"] }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.type, table.key, table.at, table.status] })],
);

export const profileUpdate = sqliteTable("profile_update", {
  id: integer().primaryKey(),
  customerId: integer("customer_id").notNull(),
  knownEmail: text("known_email"),
  knownAlias: text("known_alias"),
  isSaid: integer("is_said").notNull().default(0),
  isCreation: integer("is_creation").notNull(),
  at: integer().notNull(),
  calledAt: integer("called_at").notNull(),
  key: text().notNull(),
  email: text(),
  aliases: text(),
  clickId: text("click_id"),
  visitorId: text("visitor_id"),
  source: text(),
  campaign: text(),
  profile: text().notNull(),
  call: text(),
});

export const profileUpdateAlias = sqliteTable(
  "profile_update_alias",
  { alias: text().notNull(), profileUpdateId: integer("profile_update_id").notNull() },
  (table) => [primaryKey({ columns: [table.alias, table.profileUpdateId] })],
);

/** What can be claimed. */

export const claim = sqliteTable(
  "claim",
  {
    kind: text({ enum: CLAIM_KINDS }).notNull(),
    value: text().notNull(),
    rank: integer().notNull().default(1),
    at: integer().notNull(),
    type: integer().notNull(),
    key: text().notNull(),
    entryId: integer("entry_id"),
    profileUpdateId: integer("profile_update_id"),
    customerId: integer("customer_id").notNull(),
  },
  (table) => [primaryKey({ columns: [table.kind, table.value] })],
);

export { CLAIM_KINDS, pendingErasure, pendingFollow, pendingRate, pendingReassignment, pendingSale } from "./pending-schema.ts";

export const stale = sqliteTable("stale", {
  customerId: integer("customer_id").primaryKey(),
  dueAt: integer("due_at").notNull(),
  appendedFrom: integer("appended_from"),
  markedAt: integer("marked_at").notNull().default(0),
  changes: integer().notNull().default(1),
});

export const webhookCount = sqliteTable(
  "webhook_count",
  {
    source: text().notNull(),
    type: text().notNull(),
    result: text().notNull(),
    reason: text().notNull(),
    count: integer().notNull(),
    lastAt: integer("last_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.source, table.type, table.result, table.reason] })],
);

export const webhookField = sqliteTable(
  "webhook_field",
  { source: text().notNull(), field: text().notNull(), count: integer().notNull() },
  (table) => [primaryKey({ columns: [table.source, table.field] })],
);

export const webhookDelivery = sqliteTable("webhook_delivery", {
  id: integer().primaryKey(),
  source: text().notNull(),
  type: text().notNull(),
  result: text().notNull(),
  reason: text().notNull(),
  detail: text(),
  entries: text().notNull(),
  at: integer().notNull(),
  eventHash: text("event_hash"),
});

export const webhookUnnamedSale = sqliteTable(
  "webhook_unnamed_sale",
  { source: text().notNull(), orderId: text("order_id").notNull(), currency: text().notNull(), value: integer().notNull() },
  (table) => [primaryKey({ columns: [table.source, table.orderId] })],
);

export const webhookWaitingRefund = sqliteTable("webhook_waiting_refund", {
  entryId: integer("entry_id").primaryKey(),
  source: text().notNull(),
});

export const webhookErasure = sqliteTable("webhook_erasure", { customerId: integer("customer_id").primaryKey() });

export const webhookDataRequest = sqliteTable("webhook_data_request", {
  customerId: integer("customer_id").primaryKey(),
  source: text().notNull(),
  requestedAt: integer("requested_at").notNull(),
});

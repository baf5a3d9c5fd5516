// Which tables does the feed of changes have, in drizzle's terms?
import { customType, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** What the feed tells, by the number in `change.type`. Those from `customer.recomputed` to `status.said`, and those of profiles and statuses that are deleted, are for followers and for the program itself. */
export const CHANGE_TYPES = [
  "entry.created",
  "entry.updated",
  "customer.created",
  "customer.updated",
  "customer.merged",
  "customer.erased",
  "customer.recomputed",
  "customer.named",
  "profile.told",
  "status.said",
  "rate.set",
  "key.created",
  "key.revoked",
  "setting.set",
  "endpoint.created",
  "endpoint.updated",
  "endpoint.deleted",
  "import.finished",
  "entry.deleted",
  "profile.deleted",
  "status.deleted",
  "rate.deleted",
  "entry.stored",
  "profile.stored",
  "claim.held",
  "row.stored",
  "entry.counted",
] as const;
export type ChangeType = (typeof CHANGE_TYPES)[number];

/** A number where a table has row numbers, else a text. */
const anyId = customType<{ data: number | string }>({ dataType: () => "any" });

export const change = sqliteTable("change", {
  seq: integer().primaryKey(),
  type: integer().notNull(),
  id: anyId().notNull(),
  at: integer().notNull(),
});

export const follower = sqliteTable("follower", {
  name: text().primaryKey(),
  seq: integer().notNull(),
  seenAt: integer("seen_at").notNull(),
});

export const webhookEndpoint = sqliteTable("webhook_endpoint", {
  number: integer().primaryKey(),
  id: text().notNull(),
  keyId: text("key_id").notNull(),
  url: text().notNull(),
  events: text().notNull(),
  thresholdMinor: integer("threshold_minor"),
  secret: text().notNull(),
  createdAt: integer("created_at").notNull(),
  fromEntryId: integer("from_entry_id").notNull(),
  seq: integer().notNull(),
  failedAt: integer("failed_at"),
});

export const webhookMessage = sqliteTable("webhook_message", {
  id: integer().primaryKey(),
  webhookId: text("webhook_id").notNull(),
  endpoint: integer().notNull(),
  event: text().notNull(),
  subject: anyId().notNull(),
  customerId: integer("customer_id"),
  toldAt: integer("told_at").notNull(),
  sinceAt: integer("since_at").notNull(),
  state: integer().notNull().default(0),
  attempts: integer().notNull().default(0),
  nextAt: integer("next_at"),
  attemptedAt: integer("attempted_at"),
  status: integer(),
  problem: text(),
});

// Which tables say what is still to be done of a change that was too large for one write? See schema.ts.
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** What can be claimed. */
export const CLAIM_KINDS = ["click", "visitor", "email", "alias"] as const;

export const pendingReassignment = sqliteTable(
  "pending_reassignment",
  {
    kind: text({ enum: CLAIM_KINDS }).notNull(),
    value: text().notNull(),
    fromId: integer("from_id").notNull(),
    afterId: integer("after_id").notNull(),
    notedAt: integer("noted_at").notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.kind, table.value, table.fromId] })],
);

export const pendingRate = sqliteTable(
  "pending_rate",
  {
    currency: text().notNull(),
    fromDay: integer("from_day").notNull(),
    toDay: integer("to_day").notNull(),
    day: integer().notNull(),
    afterId: integer("after_id").notNull(),
    notedAt: integer("noted_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.currency, table.fromDay, table.toDay] })],
);

export const pendingSale = sqliteTable("pending_sale", {
  saleKey: text("sale_key").primaryKey(),
  at: integer().notNull(),
  key: text().notNull(),
  notedAt: integer("noted_at").notNull(),
});

export const pendingFollow = sqliteTable(
  "pending_follow",
  {
    kind: text({ enum: ["click", "sale"] }).notNull(),
    value: text().notNull(),
    fromId: integer("from_id").notNull(),
    afterId: integer("after_id").notNull(),
    notedAt: integer("noted_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.kind, table.value, table.fromId] })],
);

export const pendingErasure = sqliteTable(
  "pending_erasure",
  {
    customerId: integer("customer_id").notNull(),
    kind: text({ enum: ["click", "told", "claim", "entry", "external_id", "visitor", "email", "alias"] }).notNull(),
    value: text().notNull(),
    upToId: integer("up_to_id").notNull(),
    afterValue: text("after_value").notNull().default(""),
    afterAt: integer("after_at").notNull().default(-1),
    afterType: integer("after_type").notNull().default(0),
    afterId: integer("after_id").notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.customerId, table.kind, table.value] })],
);

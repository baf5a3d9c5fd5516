// Which tables remember what imports brought, in drizzle's terms?
import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { CLAIM_KINDS } from "./schema.ts";

export const IMPORT_STATES = ["reading", "checked", "writing", "done", "failed", "undoing", "undone"] as const;
export type ImportState = (typeof IMPORT_STATES)[number];

export const importTable = sqliteTable("import", {
  id: integer().primaryKey(),
  name: text().notNull(),
  format: text(),
  options: text().notNull(),
  state: text({ enum: IMPORT_STATES }).notNull(),
  isSpooled: integer("is_spooled").notNull(),
  fileHash: text("file_hash"),
  rows: integer().notNull().default(0),
  report: text().notNull(),
  problem: text(),
  createdAt: integer("created_at").notNull(),
  finishedAt: integer("finished_at"),
});

export const importSpan = sqliteTable(
  "import_span",
  {
    kind: text({ enum: ["entry", "profile_update", "customer", "restored"] }).notNull(),
    importId: integer("import_id").notNull(),
    isAdded: integer("is_added").notNull(),
    firstId: integer("first_id").notNull(),
    lastId: integer("last_id").notNull(),
  },
  (table) => [primaryKey({ columns: [table.kind, table.importId, table.isAdded, table.firstId] })],
);

export const importStatus = sqliteTable(
  "import_status",
  {
    type: integer().notNull(),
    key: text().notNull(),
    at: integer().notNull(),
    status: text({ enum: ["approved", "pending", "rejected", "fraud"] }).notNull(),
    importId: integer("import_id").notNull(),
    isAdded: integer("is_added").notNull(),
  },
  (table) => [primaryKey({ columns: [table.type, table.key, table.at, table.status, table.importId] })],
);

export const importRate = sqliteTable(
  "import_rate",
  {
    currency: text().notNull(),
    day: integer().notNull(),
    importId: integer("import_id").notNull(),
    rate: text().notNull(),
    former: text(),
    position: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.currency, table.day, table.importId] })],
);

export const importNeighbour = sqliteTable(
  "import_neighbour",
  { kind: text({ enum: ["entry", "profile_update"] }).notNull(), rowId: integer("row_id").notNull() },
  (table) => [primaryKey({ columns: [table.kind, table.rowId] })],
);

export const importUnnamedSale = sqliteTable(
  "import_unnamed_sale",
  {
    importId: integer("import_id").notNull(),
    orderId: text("order_id").notNull(),
    source: text().notNull(),
    currency: text().notNull(),
    value: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.importId, table.orderId] })],
);

export const pendingClaim = sqliteTable(
  "pending_claim",
  {
    kind: text({ enum: CLAIM_KINDS }).notNull(),
    value: text().notNull(),
    fromId: integer("from_id").notNull(),
    afterId: integer("after_id").notNull(),
    notedAt: integer("noted_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.kind, table.value] })],
);

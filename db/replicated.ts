// Which tables does a standby have row by row, besides entries, customers, profile updates and claims? Those that are neither personal nor derived.

/** The columns of each table's key. */
export const KEYS_OF = {
  said_status: ["type", "key", "at", "status"],
  rate: ["currency", "day"],
  api_key: ["id"],
  setting: ["name"],
  idempotency: ["key_hash"],
  webhook_count: ["source", "type", "result", "reason"],
  webhook_field: ["source", "field"],
  webhook_delivery: ["id"],
  webhook_unnamed_sale: ["source", "order_id"],
  webhook_waiting_refund: ["entry_id"],
  webhook_erasure: ["customer_id"],
  webhook_data_request: ["customer_id"],
  import: ["id"],
  import_span: ["kind", "import_id", "is_added", "first_id"],
  import_status: ["type", "key", "at", "status", "import_id"],
  import_rate: ["currency", "day", "import_id"],
  import_neighbour: ["kind", "row_id"],
  import_unnamed_sale: ["import_id", "order_id"],
  webhook_endpoint: ["number"],
  webhook_message: ["id"],
  webhook_once: ["endpoint", "event", "subject"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type PlainTable = keyof typeof KEYS_OF;

// Who is called when something has changed? Endpoints: a URL, its events, and the key whose rights decide what it is sent.
import { randomBytes } from "node:crypto";
import type { Sqlite } from "../../../db/connection.ts";
import type { webhookEndpoint } from "../../../db/feed-schema.ts";
import { randomText } from "../../access/key-format.ts";

export const EVENTS = [
  "customer.created",
  "customer.first_sale",
  "customer.updated",
  "customer.erased",
  "entry.created",
  "sale.refunded",
  "ltv.reached",
  "import.finished",
] as const;
export type WebhookEvent = (typeof EVENTS)[number];

/** The most endpoints of a workspace. Each may have a few connections open. */
export const MOST_ENDPOINTS = 50;

/** A stored endpoint. `number` is its row, `id` what callers know. */
export type EndpointRow = Readonly<typeof webhookEndpoint.$inferSelect>;

/** What an operator says of an endpoint. */
export interface EndpointInput {
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  /** In minor units of the workspace's currency; null without `ltv.reached`. */
  readonly thresholdMinor: number | null;
}

export const eventsOf = ({ events }: Pick<EndpointRow, "events">): readonly WebhookEvent[] => events.split(",") as WebhookEvent[];

const COLUMNS = `number, id, key_id AS keyId, url, events, threshold_minor AS thresholdMinor, secret, created_at AS createdAt,
  from_entry_id AS fromEntryId, seq, failed_at AS failedAt`;

export interface Endpoints {
  list(): EndpointRow[];
  find(id: string): EndpointRow | undefined;
  // The others must be called within a write.
  /** Makes an endpoint that is told of what comes from now on. `at`: in milliseconds. */
  create(input: EndpointInput, keyId: string, at: number): EndpointRow;
  /** Changes it, gives it to the key that changes it, and takes its mark away. */
  change(number: number, input: EndpointInput, keyId: string): void;
  remove(number: number): void;
  /** Marks it as failed, so that nothing is sent until it is changed. */
  markFailed(number: number, at: number): void;
  /** Notes up to which change the feed has been turned into messages. */
  moveTo(number: number, seq: number): void;
}

export function openEndpoints(sqlite: Sqlite): Endpoints {
  const list = sqlite.prepare<[], EndpointRow>(`SELECT ${COLUMNS} FROM webhook_endpoint ORDER BY number`);
  const find = sqlite.prepare<[id: string], EndpointRow>(`SELECT ${COLUMNS} FROM webhook_endpoint WHERE id = ?`);
  const insert = sqlite.prepare(
    `INSERT INTO webhook_endpoint (id, key_id, url, events, threshold_minor, secret, created_at, from_entry_id, seq)
     VALUES (:id, :keyId, :url, :events, :thresholdMinor, :secret, :at, (SELECT coalesce(max(id), 0) FROM entry), (SELECT coalesce(max(seq), 0) FROM change))`,
  );
  const update = sqlite.prepare(
    `UPDATE webhook_endpoint SET key_id = :keyId, url = :url, events = :events, threshold_minor = :thresholdMinor, failed_at = NULL WHERE number = :number`,
  );
  const remove = sqlite.prepare("DELETE FROM webhook_endpoint WHERE number = ?");
  const markFailed = sqlite.prepare("UPDATE webhook_endpoint SET failed_at = ? WHERE number = ? AND failed_at IS NULL");
  const moveTo = sqlite.prepare("UPDATE webhook_endpoint SET seq = ? WHERE number = ?");
  return {
    list: () => list.all(),
    find: (id) => find.get(id),
    create({ url, events, thresholdMinor }, keyId, at) {
      const id = `whe_${randomText(12)}`;
      const secret = `whsec_${randomBytes(32).toString("base64")}`;
      insert.run({ id, keyId, url, events: events.join(","), thresholdMinor, secret, at });
      return find.get(id) as EndpointRow;
    },
    change: (number, { url, events, thresholdMinor }, keyId) =>
      void update.run({ number, keyId, url, events: events.join(","), thresholdMinor }),
    remove: (number) => void remove.run(number),
    markFailed: (number, at) => void markFailed.run(at, number),
    moveTo: (number, seq) => void moveTo.run(seq, number),
  };
}

// What waits to be sent, and what became of it? Messages of one customer are sent in order: only the first of them has a time for its next try.
import { requireRow, type Sqlite } from "../../../db/connection.ts";
import type { webhookMessage } from "../../../db/feed-schema.ts";
import { randomText } from "../../access/key-format.ts";
import type { WebhookEvent } from "./endpoints.ts";

export type MessageRow = Readonly<typeof webhookMessage.$inferSelect>;

export const STATES = ["waiting", "delivered", "failed"] as const;
export type MessageState = (typeof STATES)[number];
const [WAITING, DELIVERED, FAILED] = [0, 1, 2] as const;

/** A message to be stored. `subject`: the row number of the customer or entry that it tells of, or counts as JSON. */
export interface NewMessage {
  readonly event: WebhookEvent | "test";
  readonly subject: number | string;
  readonly customerId: number | null;
}

/** How an attempt went. Without `problem` it is delivered. `nextAt`: null: it is given up. */
export interface Attempted {
  readonly at: number;
  readonly status: number | null;
  readonly problem: string | null;
  readonly nextAt: number | null;
}

/** How many messages wait to be sent, and when the oldest of them was told, in milliseconds. */
interface Waiting {
  readonly count: number;
  readonly oldestAt: number | null;
}

/** How many delivered messages of an endpoint are kept for its log. */
const KEPT_DELIVERED = 1000;
const DROPPED_AT_ONCE = 500;

const COLUMNS = `id, webhook_id AS webhookId, endpoint, event, subject, customer_id AS customerId, told_at AS toldAt, since_at AS sinceAt, state, attempts,
  next_at AS nextAt, attempted_at AS attemptedAt, status, problem`;

/** Functions that change something must be called within a write. `endpoint` is the number of an endpoint; instants are in milliseconds. */
export function openMessages(sqlite: Sqlite) {
  const insert = sqlite.prepare(
    `INSERT INTO webhook_message (webhook_id, endpoint, event, subject, customer_id, told_at, since_at, next_at)
     VALUES (:webhookId, :endpoint, :event, :subject, :customerId, :at, :at,
       CASE WHEN EXISTS (SELECT 1 FROM webhook_message WHERE state = 0 AND endpoint = :endpoint AND customer_id = :customerId) THEN NULL ELSE :from END)`,
  );
  const findSame = sqlite
    .prepare<{ endpoint: number; customerId: number | null; event: string }, number>(
      "SELECT id FROM webhook_message WHERE state = 0 AND endpoint = :endpoint AND customer_id = :customerId AND event = :event ORDER BY id DESC LIMIT 1",
    )
    .pluck();
  const noteOnce = sqlite.prepare("INSERT OR IGNORE INTO webhook_once (endpoint, event, subject) VALUES (?, ?, ?)");
  const isNoted = sqlite.prepare("SELECT 1 FROM webhook_once WHERE endpoint = ? AND event = ? AND subject = ?");
  const due = sqlite.prepare<[endpoint: number, now: number, most: number], MessageRow>(
    `SELECT ${COLUMNS} FROM webhook_message WHERE state = 0 AND endpoint = ? AND next_at <= ? ORDER BY next_at LIMIT ?`,
  );
  const nextDue = sqlite
    .prepare<[endpoint: number], number | null>(
      "SELECT min(next_at) FROM webhook_message WHERE state = 0 AND next_at IS NOT NULL AND endpoint = ?",
    )
    .pluck();
  const finish = sqlite.prepare(
    `UPDATE webhook_message SET state = :state, attempts = attempts + 1, next_at = :nextAt, attempted_at = :at, status = :status, problem = :problem
     WHERE id = :id AND state = 0`,
  );
  const release = sqlite.prepare(
    `UPDATE webhook_message SET next_at = :at WHERE id = (SELECT min(id) FROM webhook_message WHERE state = 0 AND endpoint = :endpoint AND customer_id = :customerId)
     AND next_at IS NULL`,
  );
  const again = sqlite.prepare(
    "UPDATE webhook_message SET state = 0, attempts = 0, since_at = :at, next_at = :at WHERE id = :id AND (state <> 0 OR next_at IS NOT NULL)",
  );
  const find = sqlite.prepare<[webhookId: string], MessageRow>(`SELECT ${COLUMNS} FROM webhook_message WHERE webhook_id = ?`);
  const last = sqlite.prepare<[endpoint: number, most: number], MessageRow>(
    `SELECT ${COLUMNS} FROM webhook_message WHERE endpoint = ? ORDER BY id DESC LIMIT ?`,
  );
  const lastOf = sqlite.prepare<[endpoint: number, state: number, most: number], MessageRow>(
    `SELECT ${COLUMNS} FROM webhook_message WHERE endpoint = ? AND state = ? ORDER BY id DESC LIMIT ?`,
  );
  const waiting = sqlite.prepare<[endpoint: number], Waiting>(
    "SELECT count(*) AS count, min(told_at) AS oldestAt FROM webhook_message WHERE endpoint = ? AND state = 0",
  );
  const dropDelivered = sqlite.prepare<{ endpoint: number }>(
    `DELETE FROM webhook_message WHERE id IN (SELECT id FROM webhook_message WHERE endpoint = :endpoint AND state = ${DELIVERED}
       AND id < (SELECT id FROM webhook_message WHERE endpoint = :endpoint AND state = ${DELIVERED} ORDER BY id DESC LIMIT 1 OFFSET ${KEPT_DELIVERED})
       ORDER BY id LIMIT ${DROPPED_AT_ONCE})`,
  );
  const dropFailed = sqlite.prepare<{ endpoint: number; before: number }>(
    `DELETE FROM webhook_message WHERE id IN (
       SELECT id FROM webhook_message WHERE endpoint = :endpoint AND state = ${FAILED} AND attempted_at < :before ORDER BY id LIMIT ${DROPPED_AT_ONCE})`,
  );

  return {
    /** Stores a message, to be sent from `from` on. Gives its webhook-id. */
    add(endpoint: number, message: NewMessage, at: number, from = at): string {
      const webhookId = `msg_${randomText(24)}`;
      insert.run({ webhookId, endpoint, ...message, at, from });
      return webhookId;
    },
    /** The newest waiting message of the same event and customer. */
    findWaiting: (endpoint: number, { event, customerId }: NewMessage): number | undefined => findSame.get({ endpoint, event, customerId }),
    /** Notes that this is told once. False: it was before. */
    noteOnce: (endpoint: number, event: WebhookEvent | "entry.counted", subject: number): boolean =>
      noteOnce.run(endpoint, event, subject).changes > 0,
    isNoted: (endpoint: number, event: WebhookEvent, subject: number): boolean => isNoted.get(endpoint, event, subject) !== undefined,
    /** Those whose time has come, the longest waiting first. */
    due: (endpoint: number, now: number, most: number): MessageRow[] => due.all(endpoint, now, most),
    /** When the next one is due; undefined: nothing waits. */
    nextDue: (endpoint: number): number | undefined => nextDue.get(endpoint) ?? undefined,
    /** Stores how an attempt went, and lets the next message of the customer go if this one is done. */
    finish({ id, endpoint, customerId }: MessageRow, { at, status, problem, nextAt }: Attempted): void {
      const state = problem === null ? DELIVERED : nextAt === null ? FAILED : WAITING;
      finish.run({ id, state, at, status, problem, nextAt });
      if (state !== WAITING && customerId !== null) release.run({ at, endpoint, customerId });
    },
    /** Sends it once more, at once and with three days from now, unless it waits behind another one of its customer. */
    again: (id: number, at: number): void => void again.run({ id, at }),
    find: (webhookId: string): MessageRow | undefined => find.get(webhookId),
    /** The last messages, the newest first. */
    last: (endpoint: number, most: number, state?: MessageState): MessageRow[] =>
      state === undefined ? last.all(endpoint, most) : lastOf.all(endpoint, STATES.indexOf(state), most),
    waiting: (endpoint: number): Waiting => requireRow(waiting, endpoint),
    /** Drops some that were delivered long ago, or given up before `before`. Gives their number. */
    dropOld: (endpoint: number, before: number): number =>
      dropDelivered.run({ endpoint }).changes + dropFailed.run({ endpoint, before }).changes,
  };
}
export type Messages = ReturnType<typeof openMessages>;

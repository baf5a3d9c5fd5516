// What is remembered of deliveries? Counts by type and result forever, and the last thousand, without anything personal.
import type { webhookDelivery } from "../../../db/schema.ts";
import type { Context } from "../../context.ts";
import type { Translation } from "../../provider/effect.ts";
import type { Provider } from "../../provider/provider.ts";
import type { Outcome } from "../effect/outcome.ts";

const MOST_DELIVERIES = 1000;
/** A result of requests that are no deliveries, because their signature is wrong. */
export const BAD_SIGNATURE = "bad signature";
/** How often bad signatures are stored, so that a flood of them writes little. */
const STORE_EVERY_MS = 1000;

export interface DeliveryLog {
  /** Counts a delivery and remembers it, within a write. */
  add(source: Provider, delivered: Translation, outcome: Outcome): void;
  /** Does it bring a profile, and has one of the last thousand deliveries recorded the same event with the same meaning? */
  hasRecorded(source: Provider, delivered: Translation): boolean;
  /** Counts a request with a bad signature. It is stored within a second. */
  addBadSignature(source: Provider): void;
}

/** The name of an event's type, as far as it may be stored. */
const toTypeName = (type: string): string => (/^[\w./-]{1,100}$/.test(type) ? type : "unknown");

export function openDeliveryLog({ database, ledger, now }: Pick<Context, "database" | "ledger" | "now">): DeliveryLog {
  const { sqlite } = database;
  const count = sqlite.prepare(
    `INSERT INTO webhook_count (source, type, result, reason, count, last_at) VALUES (:source, :type, :result, :reason, :count, :at)
     ON CONFLICT DO UPDATE SET count = count + excluded.count, last_at = max(last_at, excluded.last_at)`,
  );
  const countField = sqlite.prepare(
    "INSERT INTO webhook_field (source, field, count) VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1",
  );
  const insert = sqlite.prepare(
    `INSERT INTO webhook_delivery (source, type, result, reason, detail, entries, at, event_hash)
     VALUES (:source, :type, :result, :reason, :detail, :entries, :at, :eventHash)`,
  );
  const trim = sqlite.prepare("DELETE FROM webhook_delivery WHERE id <= ?");
  const findEvent = sqlite.prepare<[eventHash: string], Pick<typeof webhookDelivery.$inferSelect, "id">>(
    "SELECT id FROM webhook_delivery WHERE event_hash = ?",
  );
  const hashOf = (source: Provider, { eventId, meaning }: Translation): string | null =>
    !("ignored" in meaning) && meaning.some(({ kind }) => kind === "profile")
      ? database.secret.hash(JSON.stringify([source, eventId, meaning]))
      : null;
  const bad = new Map<Provider, number>();
  let isStoring = false;

  function storeBad(): void {
    isStoring = false;
    const found = [...bad];
    bad.clear();
    void ledger
      .groupCommit(() => {
        for (const [source, amount] of found) count.run({ source, type: "", result: BAD_SIGNATURE, reason: "", count: amount, at: now() });
      })
      .catch(() => {
        for (const [source, amount] of found) bad.set(source, (bad.get(source) ?? 0) + amount);
      });
  }

  return {
    add(source, delivered, { result, reason, detail, entryIds, fields }) {
      const at = now();
      const type = toTypeName(delivered.type);
      count.run({ source, type, result, reason, count: 1, at });
      for (const field of fields) countField.run(source, field);
      const eventHash = result === "recorded" ? hashOf(source, delivered) : null;
      const { lastInsertRowid } = insert.run({ source, type, result, reason, detail, entries: JSON.stringify(entryIds), at, eventHash });
      trim.run(Number(lastInsertRowid) - MOST_DELIVERIES);
    },
    hasRecorded(source, delivered) {
      const eventHash = hashOf(source, delivered);
      return eventHash !== null && findEvent.get(eventHash) !== undefined;
    },
    addBadSignature(source) {
      bad.set(source, (bad.get(source) ?? 0) + 1);
      if (isStoring) return;
      isStoring = true;
      setTimeout(storeBad, STORE_EVERY_MS).unref();
    },
  };
}

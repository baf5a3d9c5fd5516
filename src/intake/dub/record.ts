// How are leads and sales of Dub's API recorded and answered? One that was recorded before stays as it is, and is answered again.
import { type entry, LEAD, SALE } from "../../../db/schema.ts";
import type { Context } from "../../context.ts";
import { ApiError } from "../../value/error.ts";
import { toCustomerId } from "../../value/id.ts";
import type { Draft } from "../draft.ts";
import { openRecorder } from "../record.ts";
import { toDub } from "./amount.ts";

const KEY_LENGTH = 27;

type Row = Pick<
  typeof entry.$inferSelect,
  "customerId" | "externalId" | "email" | "name" | "avatar" | "event" | "orderId" | "currency" | "metadata"
> & {
  value: string;
  isErased: 0 | 1;
};

/** Records entries within a write, and gives their row ids. */
function openKeeper(context: Context) {
  const recorder = openRecorder(context);
  const find = context.database.sqlite
    .prepare<[type: number, key: string | null], number>("SELECT id FROM entry WHERE type = ? AND key = ?")
    .pluck();
  return {
    keep(draft: Draft, key: string | null): number {
      try {
        return recorder.record(draft).id;
      } catch (error) {
        if (!(error instanceof ApiError && error.code === "CONFLICT")) throw error;
        const first = find.get(draft.type, key);
        if (first === undefined) throw error;
        return first;
      }
    },
    /** Throws NOT_FOUND if the entry was erased with its customer. */
    requireThere: (id: number): void => void recorder.recall(id, true),
  };
}

export function openLeads(context: Context) {
  const { keep, requireThere } = openKeeper(context);

  /**
   * Records a lead as often as `quantity` says. A customer has one of each name. Their keys are made of the customer's id, so they are hashes
   * with the secret: keys outlive an erasure, and must not confirm a guess at the person.
   */
  function record(draft: Draft, quantity: number): number {
    const content = JSON.stringify(["dub lead", draft.externalId, draft.event?.toLowerCase()]);
    const key = `dub_${context.database.secret.hash(content).slice(0, KEY_LENGTH)}`;
    const keys = Array.from({ length: quantity }, (_, index) => (index === 0 ? key : `${key}#${index + 1}`));
    const ids = keys.map((eventId) => keep({ ...draft, type: LEAD, eventId }, eventId));
    return ids[0] ?? 0;
  }

  return { record, requireThere };
}

export function openSales(context: Context) {
  const { keep, requireThere } = openKeeper(context);
  const select = context.database.sqlite.prepare<[id: number], Row>(
    `SELECT customer_id AS customerId, external_id AS externalId, email, name, avatar, event, order_id AS orderId, cast(value AS TEXT) AS value, currency, metadata,
       EXISTS (SELECT 1 FROM customer WHERE id = entry.customer_id AND deleted_at IS NOT NULL) AS isErased
     FROM entry WHERE id = ? AND type = ${SALE}`,
  );

  /** The answer about a recorded sale, as it was first told. */
  function read(id: number) {
    const row = select.get(id);
    if (!row || row.currency === null) throw new ApiError("INTERNAL_ERROR", "The sale was stored but could not be read.");
    const { customerId, externalId, email, name, avatar, event, orderId, currency, value } = row;
    const { paymentProcessor = "custom", leadEventName: _, ...metadata } = row.metadata === null ? {} : JSON.parse(row.metadata);
    const hasOwner = customerId !== null && row.isErased === 0;
    return {
      eventName: event ?? "Purchase",
      customer: hasOwner ? { id: toCustomerId(customerId), name, email, avatar, externalId } : null,
      sale: {
        amount: Number(toDub(BigInt(value), currency)),
        currency: currency.toLowerCase(),
        paymentProcessor: String(paymentProcessor),
        invoiceId: orderId,
        metadata: Object.keys(metadata).length === 0 ? null : metadata,
      },
    };
  }

  return { record: (draft: Draft): number => keep(draft, draft.orderId), read, requireThere };
}

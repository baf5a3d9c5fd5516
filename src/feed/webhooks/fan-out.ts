// Which messages does a change make? Each endpoint goes through the feed, and notes in the same write how far it has come.
import { type Change, openChanges } from "../../../db/change.ts";
import { REFUND } from "../../../db/schema.ts";
import type { Context } from "../../context.ts";
import { type EndpointRow, type Endpoints, eventsOf, type WebhookEvent } from "./endpoints.ts";
import type { Messages } from "./messages.ts";

/** How many changes one write goes through. */
const CHANGES_AT_ONCE = 250;
/** A change, and what is noted of the entry. */
const COUNTED = "entry.counted";

interface EntryRow {
  readonly type: number;
  readonly status: string | null;
  readonly customerId: number | null;
  readonly hasSale: number;
}
/** Sums are in minor units; `hadSales` and `hadMinor` are what an endpoint's customers had when it was made. */
interface FiguresRow {
  readonly sales: number;
  readonly ltvMinor: number;
}

export interface FanOutOptions {
  readonly endpoints: Endpoints;
  readonly messages: Messages;
  /** Is the key of the endpoint valid, and the endpoint not marked as failed? Nothing is noted for others, and their place in the feed goes on. */
  readonly isActive: (endpoint: EndpointRow) => boolean;
  /** Is this message being sent, so that its payload may be older than a new change? */
  readonly isInFlight: (messageId: number) => boolean;
}

/** Opens the function that turns the next changes into messages of an endpoint. It gives false when there were none. */
export function openFanOut({ database, ledger, now }: Context, { endpoints, messages, isActive, isInFlight }: FanOutOptions) {
  const { sqlite } = database;
  const changes = openChanges(sqlite);
  const findEntry = sqlite.prepare<[id: number], EntryRow>(
    `SELECT e.type, e.status, e.customer_id AS customerId, e.sale_key IS NOT NULL AND EXISTS (SELECT 1 FROM entry AS s WHERE s.type = 2 AND s.key = e.sale_key) AS hasSale
     FROM entry AS e WHERE e.id = ?`,
  );
  const figures = sqlite.prepare<[id: number], FiguresRow>(
    "SELECT sales, gross_minor - refunds_minor AS ltvMinor FROM customer WHERE id = ? AND deleted_at IS NULL",
  );
  const figuresBefore = sqlite.prepare<[id: number, entryId: number, endpoint: number], FiguresRow>(
    `SELECT count(*) FILTER (WHERE type = 2) AS sales, coalesce(sum(CASE type WHEN 2 THEN amount_minor ELSE -amount_minor END), 0) AS ltvMinor
     FROM entry AS e WHERE customer_id = ? AND is_counted AND type IN (2, 4) AND amount_minor IS NOT NULL AND id <= ?
       AND NOT EXISTS (SELECT 1 FROM webhook_once WHERE endpoint = ? AND event = '${COUNTED}' AND subject = e.id)`,
  );

  function ofEntry({ type, id }: Change, add: Add, endpoint: EndpointRow): void {
    const row = findEntry.get(Number(id));
    if (row === undefined) return;
    const { customerId } = row;
    if (type === "entry.created") add({ event: "entry.created", subject: id, customerId });
    // A refund may come before its sale. It is told once both are there.
    if (row.type === REFUND && row.hasSale === 1 && row.status !== "rejected" && endpoint.fromEntryId < Number(id))
      add({ event: "sale.refunded", subject: id, customerId }, Number(id));
  }

  /** What a customer has reached by now, and had not when the endpoint was made. */
  function ofFigures(customerId: number, add: Add, endpoint: EndpointRow): void {
    const now = figures.get(customerId);
    if (now === undefined) return;
    const reached = (event: WebhookEvent, isSo: (row: FiguresRow) => boolean) => {
      if (!add.wants(event) || !isSo(now) || messages.isNoted(endpoint.number, event, customerId)) return;
      const before = figuresBefore.get(customerId, endpoint.fromEntryId, endpoint.number);
      if (before !== undefined && isSo(before)) messages.noteOnce(endpoint.number, event, customerId);
      else add({ event, subject: customerId, customerId }, customerId);
    };
    const { thresholdMinor } = endpoint;
    reached("customer.first_sale", ({ sales }) => sales > 0);
    if (thresholdMinor !== null) reached("ltv.reached", ({ ltvMinor }) => ltvMinor >= thresholdMinor);
  }

  /** Notes that an entry from before the endpoint has begun to count since: what it adds had not been reached when the endpoint was made. */
  function noteCounted(entryId: number, add: Add, { number, fromEntryId }: EndpointRow): void {
    const isOfUse = add.wants("customer.first_sale") || add.wants("ltv.reached");
    if (isOfUse && entryId <= fromEntryId) messages.noteOnce(number, COUNTED, entryId);
  }

  function ofChange(change: Change, add: Add, endpoint: EndpointRow): void {
    const { type, id } = change;
    if (type === COUNTED) noteCounted(Number(id), add, endpoint);
    if (type === "entry.created" || type === "entry.updated") ofEntry(change, add, endpoint);
    if (type === "import.finished") add({ event: "import.finished", subject: id, customerId: null });
    if (typeof id !== "number") return;
    const customer = { subject: id, customerId: id };
    if (type === "customer.created") add({ ...customer, event: "customer.created" });
    if (type === "customer.erased") add({ ...customer, event: "customer.erased" });
    if (type === "customer.updated") {
      ofFigures(id, add, endpoint);
      add({ ...customer, event: "customer.updated" });
    }
  }

  type Add = ReturnType<typeof openAdd>;

  /** Adds a message if the endpoint wants its event: once for `once`, if it is given, and not beside one that waits to tell the same. */
  function openAdd(endpoint: EndpointRow) {
    const wanted = new Set(eventsOf(endpoint));
    const add = (message: Parameters<Messages["add"]>[1] & { event: WebhookEvent }, once?: number): void => {
      if (!wanted.has(message.event)) return;
      if (once !== undefined && !messages.noteOnce(endpoint.number, message.event, once)) return;
      if (message.event === "customer.updated") {
        const waiting = messages.findWaiting(endpoint.number, message);
        if (waiting !== undefined && !isInFlight(waiting)) return; // its payload is made when it is sent
      }
      messages.add(endpoint.number, message, now());
    };
    return Object.assign(add, { wants: (event: WebhookEvent) => wanted.has(event) });
  }

  return (endpoint: EndpointRow): boolean => {
    if (changes.newest() <= endpoint.seq) return false;
    return ledger.write(() => {
      const page = changes.after(endpoint.seq, CHANGES_AT_ONCE);
      const add = openAdd(endpoint);
      if (isActive(endpoint)) for (const change of page) ofChange(change, add, endpoint);
      endpoints.moveTo(endpoint.number, page.at(-1)?.seq ?? endpoint.seq);
      return page.length > 0;
    });
  };
}

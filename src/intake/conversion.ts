// How does a call of /conversions become an entry? (api.md, "/conversions")

/** Events with these names are sales or leads, all others are custom. With a value above 0, every event is a sale. */
const SALE_EVENTS: ReadonlySet<string> = new Set(["purchase", "sale", "order", "checkout"]);
const LEAD_EVENTS: ReadonlySet<string> = new Set(["lead", "signup", "registration", "form_submit", "inquiry"]);

/** A conversion, from any of the three forms of call. */
export interface ConversionCall {
  clickId: string;
  event: string;
  value?: number | null | undefined;
  currency?: string | null | undefined;
  orderId?: string | null | undefined;
  timestamp?: string | number | null | undefined;
  externalId?: string | null | undefined;
  email?: string | null | undefined;
  name?: string | null | undefined;
  metadata?: Record<string, unknown> | null | undefined;
  /** Kept in the metadata. */
  payout?: number | string | null | undefined;
  pixelId?: string | null | undefined;
}

/** The call as an entry in the shape of /events. `orderId` becomes its key, whatever its type. */
export function toEntry(call: ConversionCall): Record<string, unknown> {
  const { clickId, event, currency, timestamp, externalId, email, name } = call;
  const type = (call.value ?? 0) > 0 || SALE_EVENTS.has(event) ? "sale" : LEAD_EVENTS.has(event) ? "lead" : "custom";
  const extra = { ...(call.payout != null && { payout: call.payout }), ...(call.pixelId != null && { pixelId: call.pixelId }) };
  return {
    type,
    clickId,
    event,
    currency,
    timestamp,
    externalId,
    email,
    name,
    value: call.value ?? (type === "sale" ? 0 : null),
    orderId: call.orderId,
    eventId: type === "sale" ? null : call.orderId,
    metadata: call.metadata || Object.keys(extra).length > 0 ? { ...call.metadata, ...extra } : null,
  };
}

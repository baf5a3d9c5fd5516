// Which columns does a new entry have? Those with what was sent, and those that the server fills in.
import type { Draft } from "./draft.ts";

/** The columns with what was sent, and the fields of the draft that they hold. */
export const SENT_COLUMNS = {
  type: "type",
  at: "at",
  defaulted: "defaulted",
  external_id: "externalId",
  email: "email",
  aliases: "aliases",
  name: "name",
  avatar: "avatar",
  country: "country",
  click_id: "clickId",
  visitor_id: "visitorId",
  event: "event",
  event_id: "eventId",
  order_id: "orderId",
  value: "value",
  currency: "currency",
  sent_status: "status",
  link: "link",
  campaign: "campaign",
  source: "source",
  medium: "medium",
  url: "url",
  referrer: "referrer",
  metadata: "metadata",
  total_until: "totalUntil",
} as const satisfies Record<string, keyof Draft>;

/** The columns of a new row that the server fills in. */
export const OTHER_COLUMNS = [
  "key",
  "received_at",
  "set_status",
  "status",
  "declared_customer_id",
  "sale_key",
  "customer_id",
  "is_counted",
  "amount_minor",
  "rate_day",
] as const;

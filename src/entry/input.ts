// What may an entry say? (api.md, "POST /events")
import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { ENTRY_TYPES } from "../../db/schema.ts";
import { Avatar, Blankable, Country, Currency, Email, Metadata, Money, Nullable, OneOf, PlainOrInstant, Text } from "../http/wire.ts";

/** `refunded` is what refunds make of a sale; it cannot be sent. */
const SENT_STATUSES = ["approved", "pending", "rejected", "fraud"] as const;

const optional = <T extends TSchema>(schema: T) => Type.Optional(Nullable(schema));
const described = <T extends TSchema>(schema: T, description: string): T => ({ ...schema, description });

/** One entry of `POST /events`. Absent and `null` mean the same in every field. */
export const EntryInput = Type.Object({
  type: OneOf(ENTRY_TYPES, { description: "What happened." }),
  eventId: optional(
    Text(255, "Your id of this entry; sent again it is a replay. The key of a sale is its orderId, of a click its clickId."),
  ),
  timestamp: optional(
    described(PlainOrInstant, "When it happened; absent: now. ISO 8601 with an offset, a plain date, or Unix seconds or milliseconds."),
  ),
  externalId: optional(Text(255, "The customer's id in your own system (definitions §5).")),
  email: optional(Email),
  name: optional(Text(255, "The customer's name.")),
  avatar: optional(Avatar),
  country: optional(Country),
  clickId: optional(Text(255, "The visit through a link: of a click its own, of another entry the click that led to it.")),
  visitorId: optional(Text(255, "The browser or device.")),
  event: optional(Text(255, "What exactly happened, in your own words; a custom entry needs it.")),
  orderId: optional(Text(255, "Of a sale: its key. Of a refund: the order of the sale that it gives back.")),
  value: optional(
    described(Money, "Money in major units (99.99); a sale needs it. On a refund, absent: all that is left (definitions §3, §4)."),
  ),
  currency: optional(described(Currency, "ISO 4217; absent: the workspace's currency, on a refund that of its sale.")),
  status: optional(OneOf(SENT_STATUSES, { description: "Of a conversion; absent: approved (definitions §4)." })),
  link: optional(Blankable(2048, "The link that was clicked.")),
  campaign: optional(Blankable(255, "Absent: utm_campaign of url (definitions §6).")),
  source: optional(Blankable(255, "Absent: utm_source of url, else the host of referrer (definitions §6).")),
  medium: optional(Blankable(255, "Absent: utm_medium of url (definitions §6).")),
  url: optional(Blankable(8192, "The page that was visited.")),
  referrer: optional(Blankable(8192, "The page that led there.")),
  metadata: optional(Metadata),
});
export type EntryInput = Static<typeof EntryInput>;

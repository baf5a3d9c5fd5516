// Which fields may an entry have in `POST /events`?
import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { ENTRY_TYPES } from "../../db/schema.ts";
import {
  Aliases,
  Avatar,
  Blankable,
  Country,
  Currency,
  Email,
  Metadata,
  Money,
  Nullable,
  OneOf,
  PlainOrInstant,
  Text,
} from "../http/wire.ts";

/** `refunded` cannot be sent: a sale gets this status from its refunds. */
const SENT_STATUSES = ["approved", "pending", "rejected", "fraud"] as const;

const optional = <T extends TSchema>(schema: T) => Type.Optional(Nullable(schema));
const described = <T extends TSchema>(schema: T, description: string): T => ({ ...schema, description });

/** One entry of `POST /events`. Absent and `null` mean the same in every field. */
export const EntryInput = Type.Object({
  type: OneOf(ENTRY_TYPES, { description: "What kind of entry this is." }),
  eventId: optional(
    Text(255, "Your id of this entry. Sending it again is a replay. For a sale, orderId is the key; for a click, clickId."),
  ),
  timestamp: optional(
    described(
      PlainOrInstant,
      "When it happened; the default is now. ISO 8601 with Z or an offset, a plain date, or Unix seconds or milliseconds.",
    ),
  ),
  externalId: optional(Text(255, "The customer's id in your own system (definitions §5).")),
  email: optional(Email),
  aliases: optional(Aliases),
  name: optional(Text(255, "The customer's name.")),
  avatar: optional(Avatar),
  country: optional(Country),
  clickId: optional(Text(255, "The id of a visit through a link. On a click, its own id; on other entries, the click that led to it.")),
  visitorId: optional(Text(255, "The id of the browser or device.")),
  event: optional(Text(255, "The name of the event, in your own words. A custom entry needs it.")),
  orderId: optional(Text(255, "On a sale, its key. On a refund, the order that is refunded.")),
  value: optional(
    described(
      Money,
      "An amount in major units (99.99). A sale needs it. A refund without it refunds all that is left (definitions §3, §4).",
    ),
  ),
  currency: optional(
    described(Currency, "ISO 4217, in upper case. The default is the workspace's currency; on a refund, that of the sale."),
  ),
  status: optional(
    OneOf(SENT_STATUSES, {
      description:
        "The status of a conversion or refund, said for its timestamp; the default is approved. A refund is approved or rejected (definitions §4).",
    }),
  ),
  link: optional(Blankable(2048, "The link that was clicked.")),
  campaign: optional(Blankable(255, "The default is utm_campaign in url (definitions §6).")),
  source: optional(Blankable(255, "The default is utm_source in url, or else the host of referrer (definitions §6).")),
  medium: optional(Blankable(255, "The default is utm_medium in url (definitions §6).")),
  url: optional(Blankable(8192, "The page that was visited.")),
  referrer: optional(Blankable(8192, "The page that linked to it.")),
  metadata: optional(Metadata),
});
export type EntryInput = Static<typeof EntryInput>;

// What is a draft? An entry after its input was parsed and before it is stored: text normalized, money in minor units, defaults filled in.
import { DEFAULTED } from "../../db/schema.ts";

/** The columns of `entry` that come from the caller. An absent field is null, as in SQL, never undefined. */
export interface Draft {
  type: number;
  at: number;
  /** The bits of the fields that were not sent but filled in: DEFAULTED in db/schema.ts. */
  defaulted: number;
  externalId: string | null;
  email: string | null;
  /** JSON of an array: in NFC, in the order that they were sent in, each once. */
  aliases: string | null;
  name: string | null;
  avatar: string | null;
  country: string | null;
  clickId: string | null;
  visitorId: string | null;
  event: string | null;
  eventId: string | null;
  orderId: string | null;
  /** In minor units of `currency`; in ten-thousandths on a refund without a currency. */
  value: bigint | null;
  currency: string | null;
  status: string | null;
  link: string | null;
  campaign: string | null;
  source: string | null;
  medium: string | null;
  url: string | null;
  referrer: string | null;
  /** JSON of an object. */
  metadata: string | null;
  /** Of a total of refunds, the instant up to which it knows of refunds. No request can send it: it comes from files. */
  totalUntil: number | null;
}

/** Was this field filled in by the server? `defaulted`: the bits of the entry. */
export const isDefaulted = (defaulted: number, field: keyof typeof DEFAULTED): boolean => (defaulted & DEFAULTED[field]) !== 0;

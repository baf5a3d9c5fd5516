// What is an entry once its input was understood, and before it is stored? Text trimmed and folded, money in minor units, defaults filled in.
import { DEFAULTED } from "../../db/schema.ts";

/** The columns of `entry` that come from the caller. `undefined` never occurs: absent is null, as in SQL. */
export interface Draft {
  type: number;
  at: number;
  /** Bits of what was not sent but filled in: DEFAULTED in db/schema.ts. */
  defaulted: number;
  externalId: string | null;
  email: string | null;
  name: string | null;
  avatar: string | null;
  country: string | null;
  clickId: string | null;
  visitorId: string | null;
  event: string | null;
  eventId: string | null;
  orderId: string | null;
  /** Minor units of `currency`; of a refund without currency: ten-thousandths. */
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
}

/** Was this field of the draft filled in by us? */
export const isDefaulted = (defaulted: number, field: keyof typeof DEFAULTED): boolean => (defaulted & DEFAULTED[field]) !== 0;

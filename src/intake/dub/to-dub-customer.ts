// What does a customer look like in an answer of Dub's API?
import { type Static, Type } from "@sinclair/typebox";
import type { CustomerRow } from "../../customer/customer-row.ts";
import { Count, Instant, Nullable } from "../../http/wire.ts";
import { ApiError } from "../../value/error.ts";
import { toCustomerId } from "../../value/id.ts";
import { toIso } from "../../value/instant.ts";
import { toDub } from "./amount.ts";

const text = Nullable(Type.String());

export const DubCustomer = Type.Object({
  id: Type.String(),
  name: text,
  email: text,
  avatar: text,
  externalId: Type.String({ description: "Your id of them; empty while they are known by email alone." }),
  stripeCustomerId: text,
  country: text,
  sales: { ...Count, description: "Counted sales (definitions §4)." },
  saleAmount: Type.Integer({
    description: "Gross revenue in cents of the workspace's currency, or in whole units if it has none (definitions §4).",
  }),
  createdAt: Instant,
  firstSaleAt: Nullable(Instant),
  subscriptionCanceledAt: Type.Null(),
  link: Type.Optional(Type.Null()),
  programId: Type.Optional(Type.Null()),
  partner: Type.Optional(Type.Null()),
  discount: Type.Optional(Type.Null()),
});
export type DubCustomer = Static<typeof DubCustomer>;

/** There are no partners here; the fields are there when they are asked for. */
const EXPANDED = { link: null, programId: null, partner: null, discount: null };

/** Converts a row. `currency`: that of the reports. Throws ANALYTICS_ERROR for a sum beyond 2^53 − 1. */
export function toDubCustomer(row: CustomerRow, currency: string, isExpanded: boolean): DubCustomer {
  const saleAmount = Number(toDub(row.grossMinor, currency));
  if (!Number.isSafeInteger(saleAmount)) throw new ApiError("ANALYTICS_ERROR", "A sum is too large to be written exactly.");
  return {
    id: toCustomerId(row.id),
    name: row.name,
    email: row.email,
    avatar: row.avatar,
    externalId: row.externalId ?? "",
    stripeCustomerId: null,
    country: row.country,
    sales: row.sales,
    saleAmount,
    createdAt: toIso(row.createdAt),
    firstSaleAt: row.firstSaleAt === null ? null : toIso(row.firstSaleAt),
    subscriptionCanceledAt: null,
    ...(isExpanded && EXPANDED),
  };
}

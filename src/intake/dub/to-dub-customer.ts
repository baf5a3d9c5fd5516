// What does a customer look like in an answer of Dub's API?
import { type Static, Type } from "@sinclair/typebox";
import type { Context } from "../../context.ts";
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
  externalId: Type.String({ description: "Your id of them; empty while they are known by email or aliases alone." }),
  stripeCustomerId: Nullable(Type.String({ description: "Of the alias `stripe:cus_…` (definitions §5)." })),
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

/** Begins the alias of a customer's id at Stripe. */
export const STRIPE_ALIAS = "stripe:";

export type ToDubCustomer = (row: CustomerRow, isExpanded?: boolean) => DubCustomer;

/** Makes the function that converts a row. It throws ANALYTICS_ERROR for a sum beyond 2^53 − 1. */
export function openToDubCustomer({ database, config: { currency } }: Pick<Context, "database" | "config">): ToDubCustomer {
  const findStripeAlias = database.sqlite
    .prepare<[customerId: number], string>(
      `SELECT value FROM claim WHERE customer_id = ? AND kind = 'alias' AND value >= '${STRIPE_ALIAS}' AND value < 'stripe;' ORDER BY value LIMIT 1`,
    )
    .pluck();

  return (row, isExpanded = false) => {
    const saleAmount = Number(toDub(row.grossMinor, currency));
    if (!Number.isSafeInteger(saleAmount)) throw new ApiError("ANALYTICS_ERROR", "A sum is too large to be written exactly.");
    return {
      id: toCustomerId(row.id),
      name: row.name,
      email: row.email,
      avatar: row.avatar,
      externalId: row.externalId ?? "",
      stripeCustomerId: findStripeAlias.get(row.id)?.slice(STRIPE_ALIAS.length) ?? null,
      country: row.country,
      sales: row.sales,
      saleAmount,
      createdAt: toIso(row.createdAt),
      firstSaleAt: row.firstSaleAt === null ? null : toIso(row.firstSaleAt),
      subscriptionCanceledAt: null,
      ...(isExpanded && EXPANDED),
    };
  };
}

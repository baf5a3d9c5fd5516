// What does a customer look like in an answer?

import { type Static, Type } from "@sinclair/typebox";
import type { Context } from "../context.ts";
import { Count, Instant, Money, Nullable, personal, Unconverted } from "../http/wire.ts";
import { ApiError } from "../value/error.ts";
import { toCustomerId } from "../value/id.ts";
import { toIso } from "../value/instant.ts";
import { requireDecimals, toMajor } from "../value/money.ts";
import type { CustomerRow } from "./customer-row.ts";

const described = <T extends object>(schema: T, description: string): T => ({ ...schema, description });
const text = (description: string) => Nullable(Type.String({ description }));

export const Customer = Type.Object({
  id: Type.String({ description: "The id of the customer in this workspace, `cus_…` (definitions §1)." }),
  externalId: personal(text("Your id of them; null while they are known by email or aliases alone (definitions §5).")),
  email: personal(text("The newest email told; null if nobody told one (definitions §5).")),
  aliases: personal(Type.Array(Type.String(), { description: "Their further names, by code points, the first 100 (definitions §5)." })),
  aliasCount: described(Count, "How many further names are theirs (definitions §5)."),
  name: personal(text("The newest name told (definitions §5).")),
  avatar: personal(text("The newest avatar told, an http(s) URL (definitions §5).")),
  country: text("ISO 3166-1 alpha-2; the newest told (definitions §5)."),
  metadata: personal(
    Nullable(
      Type.Record(Type.String(), Type.Unknown(), {
        description: "Set by POST and PATCH /customers, merged key by key (definitions §5).",
      }),
    ),
  ),
  clickId: text("Of their earliest click (definitions §9)."),
  source: Type.String({ description: "The source of the first touch; (direct) if it has none (definitions §6)." }),
  campaign: Type.String({ description: "The campaign of the first touch; (none) if it has none (definitions §6)." }),
  firstTouchAt: described(Instant, "Their earliest entry of any type, or their creation (definitions §6)."),
  lastSeenAt: described(Instant, "Their latest entry of any type, or their creation (definitions §6)."),
  currency: Type.String({ description: "The workspace's currency. All amounts are in it, except `unconverted` (definitions §3)." }),
  ltv: described(Money, "Lifetime value: grossRevenue − refunds, in major units of `currency` (definitions §4)."),
  grossRevenue: described(Money, "Σ value of counted sales, converted, in major units of `currency` (definitions §3, §4)."),
  refunds: described(Money, "Σ refunds of counted sales, converted, in major units of `currency` (definitions §3, §4)."),
  sales: described(Count, "Counted sales: approved or refunded, and converted (definitions §4)."),
  firstSaleAt: described(Nullable(Instant), "The first counted sale; null without one (definitions §4)."),
  lastSaleAt: described(Nullable(Instant), "The last counted sale; null without one (definitions §4)."),
  unconverted: Unconverted,
  createdAt: described(Instant, "When this record was made: createdAt as sent, else the time of receipt (definitions §2)."),
  updatedAt: described(Instant, "When this record last changed (definitions §2)."),
});
export type Customer = Static<typeof Customer>;

/** How many aliases an answer shows. */
const MOST_ALIASES = 100;

/** Sums come as text, because the driver would round wide integers. */
interface UnconvertedRow {
  currency: string;
  sales: number;
  gross: string;
  refunds: string;
}

export type ToCustomer = (row: CustomerRow) => Customer;

/** Makes the function that turns a row into a customer of an answer. It throws ANALYTICS_ERROR for sums beyond 2^53 − 1 minor units. */
export function openToCustomer({ database, config }: Pick<Context, "database" | "config">): ToCustomer {
  const unconverted = database.sqlite.prepare<[customerId: number], UnconvertedRow>(
    `SELECT currency, sum(sales) AS sales, cast(sum(gross_minor) AS TEXT) AS gross, cast(sum(refunds_minor) AS TEXT) AS refunds
     FROM customer_unconverted WHERE customer_id = ? GROUP BY currency ORDER BY currency`,
  );
  const decimals = requireDecimals(config.currency);
  const firstAliases = database.sqlite
    .prepare<[customerId: number], string>(
      `SELECT value FROM claim WHERE customer_id = ? AND kind = 'alias' ORDER BY value LIMIT ${MOST_ALIASES + 1}`,
    )
    .pluck();
  const countAliases = database.sqlite
    .prepare<[customerId: number], number>(`SELECT count(*) FROM claim WHERE customer_id = ? AND kind = 'alias'`)
    .pluck();

  function aliasesOf({ id, knownAlias, aliased }: CustomerRow): Pick<Customer, "aliases" | "aliasCount"> {
    // Nobody claims the alias of a customer whom only a refund names.
    if (aliased === 0) return knownAlias === null ? { aliases: [], aliasCount: 0 } : { aliases: [knownAlias], aliasCount: 1 };
    const found = firstAliases.all(id);
    return { aliases: found.slice(0, MOST_ALIASES), aliasCount: found.length > MOST_ALIASES ? (countAliases.get(id) ?? 0) : found.length };
  }

  function money(minor: bigint, digits = decimals): number {
    try {
      return toMajor(minor, digits);
    } catch (cause) {
      throw new ApiError("ANALYTICS_ERROR", "A sum is too large to be written exactly.", { cause });
    }
  }

  return (row) => ({
    id: toCustomerId(row.id),
    externalId: row.externalId,
    email: row.email,
    ...aliasesOf(row),
    name: row.name,
    avatar: row.avatar,
    country: row.country,
    metadata: row.metadata === null ? null : (JSON.parse(row.metadata) as Record<string, unknown>),
    clickId: row.clickId,
    source: row.source ?? "(direct)",
    campaign: row.campaign ?? "(none)",
    firstTouchAt: toIso(row.firstTouchAt ?? row.createdAt),
    lastSeenAt: toIso(row.lastSeenAt ?? row.createdAt),
    currency: config.currency,
    ltv: money(row.grossMinor - row.refundsMinor),
    grossRevenue: money(row.grossMinor),
    refunds: money(row.refundsMinor),
    sales: row.sales,
    firstSaleAt: row.firstSaleAt === null ? null : toIso(row.firstSaleAt),
    lastSaleAt: row.lastSaleAt === null ? null : toIso(row.lastSaleAt),
    unconverted:
      row.unconverted === 0
        ? []
        : unconverted.all(row.id).map((each) => {
            const digits = requireDecimals(each.currency);
            const [gross, refunds] = [BigInt(each.gross), BigInt(each.refunds)];
            return {
              currency: each.currency,
              sales: each.sales,
              grossRevenue: money(gross, digits),
              refunds: money(refunds, digits),
              revenue: money(gross - refunds, digits),
            };
          }),
    createdAt: toIso(row.createdAt),
    updatedAt: toIso(row.updatedAt),
  });
}

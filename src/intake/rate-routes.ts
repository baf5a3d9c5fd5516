// /rates: exchange rates of other currencies into the workspace's currency (definitions §3, "Other currencies").
import { Type } from "@sinclair/typebox";
import { requireRow } from "../../db/connection.ts";
import type { Context } from "../context.ts";
import { nextTurn, openTurn } from "../host/turn.ts";
import { cutDetails, MAX_DETAILS } from "../http/check.ts";
import { type Endpoint, endpoint, ok } from "../http/endpoint.ts";
import { Count, Currency, Pagination, success, Whole } from "../http/wire.ts";
import { type Detail, invalid } from "../value/error.ts";
import { parseRate, type Rate, RateInput, storeRate } from "./rate.ts";

const MOST = 1000;

const RateAnswer = Type.Object({ currency: Currency, date: Type.String(), rate: Type.String() });

export function rateEndpoints(context: Context): Endpoint[] {
  const { ledger, database } = context;
  type Page = { currency: string | null; limit: number; offset: number };
  const page = database.sqlite.prepare<Page, Rate>(
    `SELECT currency, day, rate FROM rate WHERE currency = coalesce(:currency, currency) ORDER BY currency, day DESC LIMIT :limit OFFSET :offset`,
  );
  const count = database.sqlite
    .prepare<[currency: string | null], number>(`SELECT count(*) FROM rate WHERE currency = coalesce(?, currency)`)
    .pluck();

  return [
    endpoint({
      method: "PUT",
      path: "/rates",
      admission: "conversions:write",
      tag: "Rates",
      summary: "Store exchange rates",
      description:
        "Takes one rate, or an array of 1 to 1000 rates, and stores all or none. A rate with the same currency and date replaces the former one. Sales that were waiting for a rate are converted automatically.",
      body: Type.Union([RateInput, Type.Array(RateInput, { minItems: 1, maxItems: MOST })]),
      checksBody: true,
      answers: { 200: success(Type.Object({ stored: Count })) },
      examples: { body: { currency: "EUR", date: "2026-01-01", rate: "1.0855" } },
      async handle({ body }) {
        const raws: unknown[] = Array.isArray(body) ? body : [body];
        if (raws.length < 1 || raws.length > MOST) throw invalid([{ path: "", message: `must be one rate or an array of 1 to ${MOST}` }]);
        const rates: Rate[] = [];
        const details: Detail[] = [];
        const isOver = openTurn();
        for (const [index, raw] of raws.entries()) {
          const parsed = parseRate(raw, context, Array.isArray(body) ? `${index}.` : "", Math.max(MAX_DETAILS - details.length, 1));
          if ("details" in parsed) details.push(...parsed.details);
          else rates.push(parsed);
          if (isOver()) await nextTurn();
        }
        if (details.length > 0) throw invalid(cutDetails(details));
        ledger.write(() => {
          for (const each of rates) storeRate(context, each);
        });
        return ok({ stored: raws.length });
      },
    }),
    endpoint({
      method: "GET",
      path: "/rates",
      admission: "conversions:write",
      tag: "Rates",
      summary: "List exchange rates",
      description: "Rates are sorted newest first, in pages. Without `currency`, all rates are listed by currency.",
      query: Type.Object({
        currency: Type.Optional(Currency),
        page: Whole(1, 1_000_000, { default: 1, description: "The page, from 1." }),
        limit: Whole(1, MOST, { default: MOST, description: "The maximum number of rates on a page." }),
      }),
      answers: { 200: success(Type.Array(RateAnswer), { pagination: Pagination }) },
      handle({ query: { currency = null, page: number, limit } }) {
        const total = requireRow(count, currency);
        const rates = page.all({ currency, limit, offset: (number - 1) * limit });
        const pagination = { page: number, limit, total, totalPages: Math.ceil(total / limit), hasMore: number * limit < total };
        return ok(
          rates.map(({ currency, day, rate }) => ({ currency, date: new Date(day * 86_400_000).toISOString().slice(0, 10), rate })),
          { pagination },
        );
      },
    }),
  ];
}

// /rates: exchange rates of other currencies into the workspace's currency (definitions §3, "Other currencies").
import { Type } from "@sinclair/typebox";
import type { Context } from "../context.ts";
import { nextTurn, openTurn } from "../host/turn.ts";
import { cutDetails, MAX_DETAILS } from "../http/check.ts";
import { type Endpoint, endpoint, ok } from "../http/endpoint.ts";
import { Count, Currency, success } from "../http/wire.ts";
import { type Detail, invalid } from "../value/error.ts";
import { parseRate, type Rate, RateInput, storeRate } from "./rate.ts";

const MOST = 1000;

const RateAnswer = Type.Object({ currency: Currency, date: Type.String(), rate: Type.String() });

export function rateEndpoints(context: Context): Endpoint[] {
  const { ledger, database } = context;
  const find = database.sqlite.prepare<[currency: string], Rate>(
    `SELECT currency, day, rate FROM rate WHERE currency = ? ORDER BY day DESC`,
  );
  const all = database.sqlite.prepare<[], Rate>(`SELECT currency, day, rate FROM rate ORDER BY currency, day DESC`);

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
      description: "Rates are sorted newest first. Without `currency`, all rates are listed by currency.",
      query: Type.Object({ currency: Type.Optional(Currency) }),
      answers: { 200: success(Type.Array(RateAnswer)) },
      handle({ query }) {
        const rows = query.currency === undefined ? all.all() : find.all(query.currency);
        return ok(rows.map(({ currency, day, rate }) => ({ currency, date: new Date(day * 86_400_000).toISOString().slice(0, 10), rate })));
      },
    }),
  ];
}

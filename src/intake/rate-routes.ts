// /rates: exchange rates of other currencies into the workspace's currency (definitions §3, "Other currencies").
import { type Static, Type } from "@sinclair/typebox";
import type { rate } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import { check } from "../http/check.ts";
import { type Endpoint, endpoint, ok } from "../http/endpoint.ts";
import { Count, Currency, echoed, success } from "../http/wire.ts";
import { parseDay } from "../value/calendar.ts";
import { butNot } from "../value/echo.ts";
import { type Detail, invalid } from "../value/error.ts";
import { parseDecimal, toDecimalText } from "../value/money.ts";

const MOST = 1000;
const MOST_DECIMALS = 12;
/** More than any real rate needs, and few enough that converted amounts fit into SQLite's integers. */
const MOST_RATE_DIGITS = 9;

const RateInput = Type.Object({
  currency: Currency,
  date: echoed(
    Type.String({
      pattern: "^\\d{4}-\\d\\d-\\d\\d$",
      title: "date such as 2026-01-31",
      description: "The first day of this rate, in the workspace's time zone.",
    }),
  ),
  rate: echoed(
    Type.Union([Type.String({ pattern: "^\\d{1,9}(?:\\.\\d{1,12})?$" }), Type.Number({ exclusiveMinimum: 0 })], {
      title: "decimal above 0 with at most 12 decimals and 9 digits before the point",
      description: "How many units of the workspace's currency one unit is worth: a number above 0 with at most 12 decimals.",
    }),
  ),
});
const RateAnswer = Type.Object({ currency: Currency, date: Type.String(), rate: Type.String() });

type RateRow = typeof rate.$inferSelect;

function isRate(decimal: ReturnType<typeof parseDecimal>): boolean {
  if (!decimal || decimal.digits <= 0n || decimal.scale > MOST_DECIMALS) return false;
  return String(decimal.digits).length - decimal.scale <= MOST_RATE_DIGITS;
}

export function rateEndpoints(context: Context): Endpoint[] {
  const { ledger, config, database } = context;
  const find = database.sqlite.prepare<[currency: string], RateRow>(
    `SELECT currency, day, rate FROM rate WHERE currency = ? ORDER BY day DESC`,
  );
  const all = database.sqlite.prepare<[], RateRow>(`SELECT currency, day, rate FROM rate ORDER BY currency, day DESC`);

  /** One rate of the body, or its problems. `prefix` goes before their paths. */
  function parseRate(raw: unknown, prefix: string): RateRow | { details: Detail[] } {
    const checked = check(RateInput, raw);
    const details: Detail[] =
      "details" in checked
        ? checked.details.map(({ path, message }) => ({ path: path === "" ? prefix.slice(0, -1) : prefix + path, message }))
        : [];
    const { currency, date, rate }: Partial<Static<typeof RateInput>> = "details" in checked ? checked.sound : checked.value;
    const bad = (field: string, message: string) => void details.push({ path: prefix + field, message });
    if (currency === config.currency)
      bad("currency", `must not be ${config.currency}, the currency of the workspace, whose rate is always 1`);
    const day = date === undefined ? undefined : parseDay(date);
    if (date !== undefined && day === undefined) bad("date", `must be a day of the calendar${butNot(date)}`);
    const decimal = rate === undefined ? undefined : parseDecimal(rate);
    if (rate !== undefined && !isRate(decimal))
      bad(
        "rate",
        `must be a decimal above 0 with at most ${MOST_DECIMALS} decimals and ${MOST_RATE_DIGITS} digits before the point${butNot(rate)}`,
      );
    return details.length > 0 || !currency || day === undefined || !decimal
      ? { details }
      : { currency, day, rate: toDecimalText(decimal.digits, decimal.scale) };
  }

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
      handle({ body }) {
        const raws: unknown[] = Array.isArray(body) ? body : [body];
        if (raws.length < 1 || raws.length > MOST) throw invalid([{ path: "", message: `must be one rate or an array of 1 to ${MOST}` }]);
        const parsed = raws.map((raw, index) => parseRate(raw, Array.isArray(body) ? `${index}.` : ""));
        const details = parsed.flatMap((each) => ("details" in each ? each.details : []));
        if (details.length > 0) throw invalid(details);
        ledger.write(() => {
          for (const each of parsed) {
            if ("details" in each) continue;
            const until = ledger.rates.put(each.currency, each.day, each.rate);
            ledger.sales.revalueForeign(each.currency, each.day, until);
          }
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

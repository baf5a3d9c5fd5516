// /rates: what the money of other currencies is worth (definitions §3, "Other currencies").
import { type Static, Type } from "@sinclair/typebox";
import type { Context } from "../context.ts";
import { check } from "../http/check.ts";
import { type Endpoint, endpoint, ok } from "../http/endpoint.ts";
import { Count, Currency, success } from "../http/wire.ts";
import { parseDay } from "../value/calendar.ts";
import { type Detail, invalid } from "../value/error.ts";
import { parseDecimal } from "../value/money.ts";

const MOST = 1000;
const MOST_DECIMALS = 12;
/** Above any rate between two currencies, and low enough that nothing converted outgrows SQLite's integers. */
const MOST_RATE_DIGITS = 9;

const RateInput = Type.Object({
  currency: Currency,
  date: Type.String({
    pattern: "^\\d{4}-\\d\\d-\\d\\d$",
    title: "date such as 2026-01-31",
    description: "From this day on, in the workspace's zone.",
  }),
  rate: Type.Union([Type.String({ pattern: "^\\d{1,9}(?:\\.\\d{1,12})?$" }), Type.Number({ exclusiveMinimum: 0 })], {
    title: "decimal above 0 with at most 12 decimals",
    description: "So many units of the workspace's currency for one unit; a decimal above 0 with at most 12 decimals.",
  }),
});
const RateAnswer = Type.Object({ currency: Currency, date: Type.String(), rate: Type.String() });

function isRate(decimal: ReturnType<typeof parseDecimal>): boolean {
  if (!decimal || decimal.digits <= 0n || decimal.scale > MOST_DECIMALS) return false;
  return String(decimal.digits).length - decimal.scale <= MOST_RATE_DIGITS;
}

/** A decimal in its plain form: `1.5000` and 1.5 are `1.5`. */
function toPlain({ digits, scale }: { digits: bigint; scale: number }): string {
  const text = String(digits).padStart(scale + 1, "0");
  return scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

export function rateEndpoints(context: Context): Endpoint[] {
  const { ledger, config, database } = context;
  const find = database.sqlite.prepare(`SELECT currency, day, rate FROM rate WHERE currency = ? ORDER BY day DESC`);
  const all = database.sqlite.prepare(`SELECT currency, day, rate FROM rate ORDER BY currency, day DESC`);

  /** One rate of the body, or what is wrong with it. */
  function understand(raw: unknown, prefix: string): { currency: string; day: number; rate: string } | { details: Detail[] } {
    const checked = check(RateInput, raw);
    const details: Detail[] =
      "details" in checked
        ? checked.details.map(({ path, message }) => ({ path: path === "" ? prefix.slice(0, -1) : prefix + path, message }))
        : [];
    const { currency, date, rate }: Partial<Static<typeof RateInput>> = "details" in checked ? checked.sound : checked.value;
    const bad = (field: string, message: string) => void details.push({ path: prefix + field, message });
    if (currency === config.currency) bad("currency", "must not be the workspace's currency");
    const day = date === undefined ? undefined : parseDay(date);
    if (date !== undefined && day === undefined) bad("date", "must be a date of the calendar");
    const decimal = rate === undefined ? undefined : parseDecimal(rate);
    if (rate !== undefined && !isRate(decimal)) bad("rate", "must be a decimal above 0 with at most 12 decimals");
    return details.length > 0 || !currency || day === undefined || !decimal ? { details } : { currency, day, rate: toPlain(decimal) };
  }

  return [
    endpoint({
      method: "PUT",
      path: "/rates",
      admission: "conversions:write",
      tag: "Rates",
      summary: "Store exchange rates",
      description:
        "One rate, or an array of 1–1000, all stored or none. The same currency and date again replaces it. Sales that waited for a rate are converted without being sent again.",
      body: Type.Union([RateInput, Type.Array(RateInput, { minItems: 1, maxItems: MOST })]),
      checksBody: true,
      answers: { 200: success(Type.Object({ stored: Count })) },
      examples: { body: { currency: "EUR", date: "2026-01-01", rate: "1.0855" } },
      handle({ body }) {
        const raws: unknown[] = Array.isArray(body) ? body : [body];
        if (raws.length < 1 || raws.length > MOST) throw invalid([{ path: "", message: `must be one rate or an array of 1 to ${MOST}` }]);
        const understood = raws.map((raw, index) => understand(raw, Array.isArray(body) ? `${index}.` : ""));
        const details = understood.flatMap((each) => ("details" in each ? each.details : []));
        if (details.length > 0) throw invalid(details);
        ledger.write(() => {
          for (const each of understood) {
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
      description: "Newest first; of all currencies, by currency, when none is named.",
      query: Type.Object({ currency: Type.Optional(Currency) }),
      answers: { 200: success(Type.Array(RateAnswer)) },
      handle({ query }) {
        const rows = (query.currency === undefined ? all.all() : find.all(query.currency)) as {
          currency: string;
          day: number;
          rate: string;
        }[];
        return ok(rows.map(({ currency, day, rate }) => ({ currency, date: new Date(day * 86_400_000).toISOString().slice(0, 10), rate })));
      },
    }),
  ];
}

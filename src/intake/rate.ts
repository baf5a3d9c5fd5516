// How is an exchange rate parsed and stored? (definitions §3, "Other currencies")
import { type Static, Type } from "@sinclair/typebox";
import type { rate } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import { check } from "../http/check.ts";
import { Currency, echoed } from "../http/wire.ts";
import { parseDay } from "../value/calendar.ts";
import { butNot } from "../value/echo.ts";
import type { Detail } from "../value/error.ts";
import { parseDecimal, toDecimalText } from "../value/money.ts";

const MOST_DECIMALS = 12;
/** More than any real rate needs, and few enough that converted amounts fit into SQLite's integers. */
const MOST_RATE_DIGITS = 9;

export const RateInput = Type.Object({
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

/** A parsed rate: `day` is counted from 1970-01-01, `rate` is an exact decimal. */
export type Rate = typeof rate.$inferSelect;

function isRate(decimal: ReturnType<typeof parseDecimal>): boolean {
  if (!decimal || decimal.digits <= 0n || decimal.scale > MOST_DECIMALS) return false;
  return String(decimal.digits).length - decimal.scale <= MOST_RATE_DIGITS;
}

/** One rate of a body, or its problems, about `most` of them. `prefix` goes before their paths. */
export function parseRate(raw: unknown, { config }: Pick<Context, "config">, prefix = "", most?: number): Rate | { details: Detail[] } {
  const checked = check(RateInput, raw, { ...(most !== undefined && { most }) });
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

/** Stores a rate within a write. The sales that it applies to are converted at once or soon after. */
export function storeRate({ ledger }: Pick<Context, "ledger">, { currency, day, rate }: Rate): void {
  ledger.ways.setRate(currency, day, rate, ledger.rates.at(currency, day));
  ledger.setRate(currency, day, rate);
}

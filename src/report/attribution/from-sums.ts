// How does the attribution of everybody follow from its sums? The arithmetic is the same whichever engine has added up. (definitions §9)
import type { Context } from "../../context.ts";
import { MODELS, type Model } from "../../credit/model.ts";
import { CREDITED, creditedBy } from "../../credit/sums.ts";
import { toIso } from "../../value/instant.ts";
import { requireDecimals, toMajor } from "../../value/money.ts";
import { toUnconverted, type UnconvertedRow } from "../figure.ts";
import { totalsRules } from "./explain-schema.ts";
import { findFirst, type Ranked } from "./ranked.ts";
import type { Earned, KeyTally, Tally } from "./tally.ts";
import type { TotalsAnswer, TotalsQuestion, TotalsRow } from "./totals-answer.ts";

/** Decimals of a sale's credit. */
const CREDIT_DECIMALS = 4;

/** The figures of a key in the range: touches, clicks, and credit by model; and customers by `CREDITED`. */
export interface KeySums {
  touches: number;
  clicks: number;
  readonly sales: bigint[];
  readonly minor: bigint[];
  readonly customers: Float64Array;
}
/** Nothing. */
export const emptySums = (): KeySums => ({
  touches: 0,
  clicks: 0,
  sales: MODELS.map(() => 0n),
  minor: MODELS.map(() => 0n),
  customers: new Float64Array(CREDITED.length),
});

/** Adds figures to others, one by one. */
export function addTo(sum: Float64Array, more: Float64Array): void {
  for (let place = 0; place < sum.length; place++) sum[place] = (sum[place] as number) + (more[place] as number);
}

/** The models of a question, the first of which sorts the rows. */
export const modelsOf = ({ model, compare }: TotalsQuestion): Model[] => [...new Set([model, ...compare])];

/** The tally of some models from the sums by the rows of `credit_key`, and those of everybody. `textOf`: the text of such a row. */
export function toTally(
  sums: ReadonlyMap<number, KeySums>,
  everybody: KeySums,
  models: readonly Model[],
  textOf: (id: number) => string,
): Tally {
  const places = models.map((model) => [CREDITED.indexOf(creditedBy(model)), MODELS.indexOf(model)] as const);
  const keys = new Map<string, KeyTally>();
  const totals = { touches: 0, clicks: 0, customers: everybody.customers[CREDITED.indexOf("every")] ?? 0, sales: 0n, netMinor: 0n };
  for (const [id, { touches, clicks, sales, minor, customers }] of sums) {
    totals.touches += touches;
    totals.clicks += clicks;
    totals.sales += sales[0] ?? 0n; // the same under every model
    totals.netMinor += minor[0] ?? 0n;
    const earned = places.map(([credited, model]) => ({
      customers: customers[credited] ?? 0,
      sales: sales[model] ?? 0n,
      netMinor: minor[model] ?? 0n,
    }));
    if (touches === 0 && earned.every((each) => each.customers === 0)) continue;
    keys.set(textOf(id), { touches, clicks, earned });
  }
  return { keys, totals };
}

/** Gives the function that makes the answer to a question from its tally and the sales without a rate. */
export function openTotalsAnswer({ config }: Pick<Context, "config">) {
  const decimals = requireDecimals(config.currency);
  return async (question: TotalsQuestion, { keys, totals }: Tally, unconverted: readonly UnconvertedRow[]): Promise<TotalsAnswer> => {
    const { groupBy, model, compare, windowDays, startAt, endAt, limit } = question;
    const models = modelsOf(question);
    const figures = ({ customers, sales, netMinor }: Earned) => ({
      customers,
      sales: toMajor(sales, CREDIT_DECIMALS),
      revenue: toMajor(netMinor, decimals),
    });
    const credit = ({ earned }: KeyTally, place: number) => figures(earned[place] ?? { customers: 0, sales: 0, netMinor: 0 });
    const toRow = ([key, each]: Ranked): TotalsRow => ({
      key,
      touches: each.touches,
      clicks: each.clicks,
      ...credit(each, 0),
      ...(compare.length > 0 && { compare: Object.fromEntries(compare.map((name) => [name, credit(each, models.indexOf(name))])) }),
    });
    const rows = await findFirst(keys, limit);
    return {
      groupBy,
      model,
      windowDays,
      start: startAt === undefined ? null : toIso(startAt),
      end: endAt === undefined ? null : toIso(endAt),
      timezone: config.timezone,
      currency: config.currency,
      unconverted: toUnconverted(unconverted),
      ...(question.explain && { rules: totalsRules(model, windowDays, question, config) }),
      rows: rows.map(toRow),
      ...(keys.size > limit && { more: keys.size - limit }),
      totals: { touches: totals.touches, clicks: totals.clicks, ...figures(totals) },
    };
  };
}

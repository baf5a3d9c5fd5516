// How are the sums of a batch added to the totals of attribution? By day and by month, each total once.
import type { Sqlite } from "../../db/connection.ts";
import { MODELS } from "../credit/model.ts";
import { addPairCounts, type PairCounts } from "../credit/pair-counts.ts";
import { type CreditSums, fromSpot, isSomething, NEVER, type Part, toSpot } from "../credit/sums.ts";
import type { Calendar } from "../value/calendar.ts";

/** The units of totals. */
export const DAY = 0;
export const MONTH = 1;

export const FIGURE_COLUMNS = [
  "touches",
  "clicks",
  ...MODELS.map((model) => `${model}_sales`),
  ...MODELS.map((model) => `${model}_minor`),
] as const;

const KEYS = ["grouping", "unit", "period", "key_id"] as const;
const ADD_TOTAL = `INSERT INTO credit_total AS t (${[...KEYS, ...FIGURE_COLUMNS].join(", ")})
  VALUES (${[...KEYS, ...FIGURE_COLUMNS].map(() => "?").join(", ")})
  ON CONFLICT DO UPDATE SET ${FIGURE_COLUMNS.map((column) => `${column} = t.${column} + excluded.${column}`).join(", ")}`;

const NOTHING = new Uint8Array();

export interface TotalRow {
  readonly unit: number;
  readonly grouping: number;
  readonly key: number;
  readonly period: number;
  readonly figures: Float64Array;
}
export interface CustomerRow {
  readonly unit: number;
  readonly grouping: number;
  readonly key: number;
  readonly period: number;
  readonly counts: PairCounts;
}

function addTo(map: Map<number, Float64Array>, place: number, figures: Float64Array): void {
  const sum = map.get(place);
  if (sum === undefined) map.set(place, figures.slice());
  else for (let index = 0; index < figures.length; index++) sum[index] = (sum[index] as number) + (figures[index] as number);
}

/** The rows of `credit_total` that sums change, by day and by month. */
export function* totalRows({ totals }: Part, monthOfDay: Calendar["monthOfDay"]): Generator<TotalRow> {
  const months = new Map<number, Float64Array>();
  for (const [spot, figures] of totals) {
    if (!isSomething(figures)) continue;
    const { grouping, key, day } = fromSpot(spot);
    addTo(months, toSpot(grouping, key, monthOfDay(day)), figures);
    yield { unit: DAY, grouping, key, period: day, figures };
  }
  for (const [spot, figures] of months) {
    const { grouping, key, day: period } = fromSpot(spot);
    yield { unit: MONTH, grouping, key, period, figures };
  }
}

/** What sums add to the rows of `credit_customer`, by day and by month. In a month, only the first day with credit counts. */
export function* customerRows({ pairs }: Part, monthOfDay: Calendar["monthOfDay"]): Generator<CustomerRow> {
  const months = new Map<number, Map<number, Float64Array>>();
  for (const [spot, counts] of pairs) {
    const { grouping, key, day } = fromSpot(spot);
    yield { unit: DAY, grouping, key, period: day, counts };
    const month = monthOfDay(day);
    const place = toSpot(grouping, key, month);
    let ofMonth = months.get(place);
    for (const [previous, each] of counts) {
      if (previous !== NEVER && monthOfDay(previous) === month) continue;
      if (ofMonth === undefined) {
        ofMonth = new Map();
        months.set(place, ofMonth);
      }
      addTo(ofMonth, previous, each);
    }
  }
  for (const [spot, counts] of months) {
    const { grouping, key, day: period } = fromSpot(spot);
    yield { unit: MONTH, grouping, key, period, counts };
  }
}

/** Gives the function that adds sums to the stored totals. Call it within a write. */
export function openCreditTotals(sqlite: Sqlite, calendar: Calendar): (sums: CreditSums) => void {
  const addTotal = sqlite.prepare<number[]>(ADD_TOTAL);
  type Place = [grouping: number, unit: number, period: number, key: number];
  const find = sqlite
    .prepare<Place, Uint8Array>(`SELECT counts FROM credit_customer WHERE grouping = ? AND unit = ? AND period = ? AND key_id = ?`)
    .pluck();
  const set = sqlite.prepare<[...Place, counts: Uint8Array]>(
    `INSERT INTO credit_customer (grouping, unit, period, key_id, counts) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET counts = excluded.counts`,
  );
  const drop = sqlite.prepare<Place>(`DELETE FROM credit_customer WHERE grouping = ? AND unit = ? AND period = ? AND key_id = ?`);
  return ({ parts }) => {
    for (const part of parts) {
      for (const { grouping, unit, period, key, figures } of totalRows(part, calendar.monthOfDay))
        addTotal.run(grouping, unit, period, key, ...figures);
      for (const { grouping, unit, period, key, counts } of customerRows(part, calendar.monthOfDay)) {
        const stored = find.get(grouping, unit, period, key);
        const sum = addPairCounts(stored ?? NOTHING, counts);
        if (sum.length > 0) set.run(grouping, unit, period, key, sum);
        else if (stored !== undefined) drop.run(grouping, unit, period, key);
      }
    }
  };
}

// Which figure of the curves is shown, how is it written, and which months does it take to pay back a customer's cost?
import type { DataOf } from "./answers.ts";
import { bareMoney, count, money, percent, shortMoney, wholeMoney } from "./format.ts";
import type { WORDS } from "./words.ts";

export type Data = DataOf<"/customers/ltv-cohorts">;
export type Cohort = Data["cohorts"][number];
export type Cell = Cohort["periods"][number];
export type Shown = keyof typeof WORDS.ltv.show;

export interface Figure {
  /** The value of a cell; null in the future. */
  value(cell: Cell, cohort: Cohort): number | null;
  /** In a cell, where the table says the unit. */
  cell(value: number | null): string;
  /** With its unit. */
  whole(value: number | null): string;
  axis(value: number): string;
  /** The section of the definitions. */
  readonly section: string;
}

const LARGE = 10_000;

/** The figure of a name. `data` decides how many digits its amounts have room for. */
export function toFigure(shown: Shown, data: Data): Figure {
  const { currency } = data;
  const share = { cell: percent, whole: percent, axis: (value: number) => percent(value, 0), section: "s8" };
  const largest = Math.max(0, ...data.cohorts.flatMap(({ periods }) => periods.map((cell) => Math.abs(cell.cumulativeRevenue ?? 0))));
  const sum = {
    cell: (value: number | null) => (largest >= LARGE ? count(value) : bareMoney(value, currency)),
    whole: (value: number | null) => (largest >= LARGE ? wholeMoney(value, currency) : money(value, currency)),
    axis: (value: number) => shortMoney(value, currency),
    section: "s8",
  };
  switch (shown) {
    case "cumulative":
      return { ...sum, value: (cell) => cell.cumulativeRevenue };
    case "revenue":
      return { ...sum, value: (cell) => cell.revenue };
    case "retention":
      return { ...share, value: (cell) => cell.retention };
    case "paying":
      // A share of two figures shown: paying customers by then, of all of the cohort.
      return {
        ...share,
        value: (cell, { customers }) => (cell.payingCustomers === null || customers === 0 ? null : cell.payingCustomers / customers),
      };
    default:
      return {
        value: (cell) => cell.ltv,
        cell: (value) => bareMoney(value, currency),
        whole: (value) => money(value, currency),
        axis: (value) => shortMoney(value, currency),
        section: "s8",
      };
  }
}

/**
 * The average of each period over the cohorts whose period is complete. For LTV, the report says it; for shares and revenue it is the
 * sum of the figures shown by the sum of their customers; a sum of money has no average.
 */
export function toAverage(shown: Shown, { average, cohorts }: Data): (number | null)[] {
  if (shown === "ltv") return average.map(({ ltv }) => ltv);
  if (shown !== "retention" && shown !== "paying") return average.map(() => null);
  return average.map((_, period) => {
    let [people, customers] = [0, 0];
    for (const cohort of cohorts) {
      const cell = cohort.periods[period];
      if (cell?.status !== "complete" || cohort.customers === 0) continue;
      people += (shown === "retention" ? cell.activeCustomers : cell.payingCustomers) ?? 0;
      customers += cohort.customers;
    }
    return customers === 0 ? null : people / customers;
  });
}

/** The first period in which a cohort's LTV has reached the cost; undefined: it has not. */
export function paybackOf({ periods, customers }: Cohort, cost: number): number | undefined {
  if (customers === 0) return undefined;
  const found = periods.findIndex(({ ltv }) => ltv !== null && ltv >= cost);
  return found === -1 ? undefined : found;
}

/** The middle one of some numbers. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
}

/** The cohorts that are in colour unless others are chosen: the first and the last that can be compared, and the one between them. */
export function usualPicks(cohorts: readonly Cohort[]): string[] {
  const grown = cohorts.filter(({ customers, periods }) => customers > 0 && periods[1]?.status === "complete");
  const places = [0, Math.floor((grown.length - 1) / 2), grown.length - 1];
  return [...new Set(places.map((place) => grown[place]?.cohort).filter((each) => each !== undefined))];
}

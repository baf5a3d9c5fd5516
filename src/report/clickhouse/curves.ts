// How does each acquisition month's revenue grow, period by period? Added up by ClickHouse. (definitions §8)
import type { Context } from "../../context.ts";
import type { UnconvertedRow } from "../figure.ts";
import type { LtvAnswer, LtvQuestion } from "../ltv/answer.ts";
import type { ErasedRow } from "../ltv/explain.ts";
import { type CurveRow, type LtvRange, ltvRange, openLtvAnswer } from "../ltv/from-sums.ts";
import unconvertedSql from "./clickhouse-cohort-unconverted.sql" with { type: "text" };
import cellsSql from "./clickhouse-ltv-cells.sql" with { type: "text" };
import membersSql from "./clickhouse-ltv-members.sql" with { type: "text" };
import type { Shipping } from "./shipping.ts";

interface MembersRow {
  cohortMonth: bigint;
  customers: bigint;
}
interface CellRow {
  cohortMonth: bigint;
  k: bigint;
  revenueMinor: bigint;
  activeCustomers: bigint;
  newPaying: bigint;
}

const NO_HOURS = { headFrom: 0, headTo: 0, tailFrom: 0, tailTo: 0 } as const;

/** All months and periods in order, with sums along each curve. */
export function toCurveRows({ firstMonth, lastMonth }: LtvRange, members: readonly MembersRow[], cells: readonly CellRow[]): CurveRow[] {
  const months = lastMonth - firstMonth + 1;
  const customersOf = new Map(members.map(({ cohortMonth, customers }) => [Number(cohortMonth), customers]));
  const cellOf = new Map(cells.map((cell) => [`${cell.cohortMonth} ${cell.k}`, cell]));
  return Array.from({ length: months }, (_, place) => {
    let cumulativeMinor = 0n;
    let payingCustomers = 0n;
    return Array.from({ length: months }, (__, k): CurveRow => {
      const cell = cellOf.get(`${firstMonth + place} ${k}`);
      cumulativeMinor += cell?.revenueMinor ?? 0n;
      payingCustomers += cell?.newPaying ?? 0n;
      return {
        place: BigInt(place),
        period: BigInt(k),
        customers: customersOf.get(firstMonth + place) ?? 0n,
        revenueMinor: cell?.revenueMinor ?? 0n,
        cumulativeMinor,
        activeCustomers: cell?.activeCustomers ?? 0n,
        payingCustomers,
      };
    });
  }).flat();
}

/** `Analytics.ltvCohorts` by ClickHouse. */
export function openClickHouseCurves(context: Context, shipping: Shipping): (question: LtvQuestion) => Promise<LtvAnswer> {
  const { calendar, now } = context;
  const toAnswer = openLtvAnswer(context);
  return async (question) => {
    const at = now();
    return shipping.read(async (clickhouse, base) => {
      const range = ltvRange(question, at, calendar);
      const { firstMonth, lastMonth, period } = range;
      const asked = { firstMonth, lastMonth, period, base };
      const readBoth = (erasedOnly: 0 | 1) =>
        Promise.all([
          clickhouse.select<MembersRow>(membersSql, { firstMonth, lastMonth, base, erasedOnly }),
          clickhouse.select<CellRow>(cellsSql, { ...asked, erasedOnly }),
        ]);
      const days = { firstDay: range.firstDay, lastDay: range.lastDay, ...NO_HOURS };
      const [[members, cells], [goneMembers, goneCells], unconverted] = await Promise.all([
        readBoth(0),
        question.explain ? readBoth(1) : [[], []],
        clickhouse.select<UnconvertedRow>(unconvertedSql, { ...days, lastMonth, base }),
      ]);
      const erased: ErasedRow[] = [
        ...goneMembers.map((row) => ({ ...row, k: null, revenueMinor: 0n, activeCustomers: 0n, newPaying: 0n })),
        ...goneCells.map((row) => ({ ...row, customers: 0n })),
      ];
      return toAnswer(question, at, { rows: toCurveRows(range, members, cells), unconverted, erased });
    });
  };
}

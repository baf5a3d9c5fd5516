// How fast is revenue over time compared with DuckDB, which computes the same table from the raw entries? The answers are compared first.
import { type Duck, type DuckPeriod, SPANS } from "./duck.ts";
import { alternate, judge, type Line, timed } from "./measure.ts";
import type { Progress } from "./progress.ts";

export const revenuePath = (span: string, range = "") => `/customers/revenue?group_by=${span}${range}`;

interface OurPeriod {
  start: string;
  newCustomers: number;
  newPayingCustomers: number;
  sales: number;
  grossRevenue: number;
  refunds: number;
  firstSaleRevenue: number;
}

const cents = (major: number) => Math.round(major * 100);

function isSame(ours: unknown, theirs: readonly DuckPeriod[]): boolean {
  const told = (ours as { periods: OurPeriod[] }).periods
    .map(({ start, newCustomers, newPayingCustomers, sales, grossRevenue, refunds, firstSaleRevenue }) =>
      [start.slice(0, 10), newCustomers, newPayingCustomers, sales, cents(grossRevenue), cents(refunds), cents(firstSaleRevenue)].join(" "),
    )
    .filter((line) => /[1-9]/.test(line.slice(10)));
  const computed = theirs.map(({ start, newCustomers, newPayingCustomers, sales, gross, refunds, firstGross }) =>
    [start, newCustomers, newPayingCustomers, sales, gross, refunds, firstGross].join(" "),
  );
  return told.join() === computed.join();
}

/** Revenue by day, week and month, over all time and over `range`, whose ends are within days. */
export async function revenueLines(
  ask: (path: string) => Promise<unknown>,
  duck: Duck,
  range: { start: string; end: string },
  rounds: number,
  progress: Progress,
): Promise<Line[]> {
  const lines: Line[] = [];
  for (const span of SPANS)
    for (const [how, within] of [
      ["cold", undefined],
      ["start and end within days, cold", range],
    ] as const) {
      const what = `revenue by ${span}, ${how}`;
      progress(what);
      const path = revenuePath(span, within && `&start=${within.start}&end=${within.end}`);
      const wrong = !isSame(await ask(path), await duck.revenue(span, within));
      const figures = await alternate(
        rounds,
        () => timed(() => ask(path)),
        () => timed(() => duck.revenue(span, within)),
      );
      const about = { part: "reports", what, unit: "ms", against: "DuckDB", wrong, ...(wrong && { note: "the answers differ" }) } as const;
      lines.push(judge(about, figures, { of: "faster", least: 25 }));
    }
  return lines;
}

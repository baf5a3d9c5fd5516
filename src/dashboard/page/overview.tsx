// How is the business doing? Five figures against the range before, revenue over time, and where it comes from.
import { useRef } from "preact/hooks";
import { setQuery, toHref, useAddress } from "./address.ts";
import type { AnswerOf } from "./answers.ts";
import { toUrl } from "./api.ts";
import { Segments } from "./controls.tsx";
import { Earners } from "./earners.tsx";
import { ExportMenu } from "./export-menu.tsx";
import { FigureBox, type FigureProps } from "./figures.tsx";
import { count, money, percent, wholeMoney } from "./format.ts";
import { Notices } from "./notices.tsx";
import { addDays, daysIn, lastOfMonth, naturalGrouping, type Range, rangeBefore } from "./range.ts";
import { type Period, type Revenue, RevenueChart, RevenueTable } from "./revenue-chart.tsx";
import { When } from "./state.tsx";
import { useAnswer } from "./use-answer.ts";
import { WORDS } from "./words.ts";
import { rangeToKeep, useRange, useWorkspace } from "./workspace.ts";

type Grouping = keyof typeof WORDS.overview.by;
type RevenueAnswer = AnswerOf<"/customers/revenue">;
type AttributionAnswer = AnswerOf<"/customers/attribution">;

/** From this amount on, the cents of a sum are left out at the top. */
const LARGE = 10_000;
/** The API answers at most so many periods. */
const MOST_PERIODS = 1100;

/** A share of two figures shown. */
const repeatShare = ({ repeatRevenue, grossRevenue }: Revenue["totals"]): number | null =>
  grossRevenue === 0 ? null : repeatRevenue / grossRevenue;

/** The list of those who bought in a range: in a month, in one that is not over, or ever. For other ranges the API has no list. */
function payingHref(range: Range, today: string): string | undefined {
  const { start, end } = range;
  const list = (filters: Readonly<Record<string, string>>) => toHref("/app/customers", { range: "all", paying: "true", ...filters });
  if (start === undefined || end === undefined) return list({});
  if (start === `${end.slice(0, 7)}-01` && (end === lastOfMonth(end) || end === today)) return list({ activeIn: end.slice(0, 7) });
  return end === today ? list({ lastSaleAfter: start }) : undefined;
}

interface FiguresProps {
  readonly revenue: Revenue;
  readonly paying: number | undefined;
  /** Of the range before; undefined: it is not known, or does not cover the range. */
  readonly before: Revenue["totals"] | undefined;
  readonly payingBefore: number | undefined;
  readonly beforeName: string | undefined;
  readonly isUnfinished: (period: Period) => boolean;
}

function Figures({ revenue, paying, before, payingBefore, beforeName, isUnfinished }: FiguresProps) {
  const { totals, currency, periods } = revenue;
  const { text, range } = useRange();
  const { today } = useWorkspace();
  const words = WORDS.figure;
  const over = periods.filter((period) => !isUnfinished(period));
  const trend = (value: (period: Period) => number | null) => over.map((period) => value(period) ?? 0);
  const sum = (value: number) => (Math.abs(value) >= LARGE ? wholeMoney(value, currency) : money(value, currency));
  const common = { beforeName };
  const figures: FigureProps[] = [
    {
      ...common,
      name: words.revenue,
      text: sum(totals.revenue),
      value: totals.revenue,
      section: "s7",
      before: before?.revenue,
      trend: trend(({ revenue: value }) => value),
    },
    {
      ...common,
      name: words.newCustomers,
      text: count(totals.newCustomers),
      value: totals.newCustomers,
      section: "s7",
      before: before?.newCustomers,
      trend: trend(({ newCustomers }) => newCustomers),
      href: toHref("/app/customers", { range: rangeToKeep(text), sortBy: "firstTouchAt" }),
    },
    {
      ...common,
      name: words.payingCustomers,
      text: paying === undefined ? "…" : count(paying),
      value: paying ?? null,
      section: "s9",
      before: before && payingBefore,
      trend: trend(({ newPayingCustomers }) => newPayingCustomers),
      trendName: words.firstTime,
      href: payingHref(range, today),
      note: words.ofThem(totals.newPayingCustomers),
      noteHref: toHref("/app/customers", {
        range: "all",
        firstSaleAfter: range.start,
        firstSaleBefore: range.end === undefined ? undefined : addDays(range.end, 1),
        paying: "true",
      }),
    },
    {
      ...common,
      name: words.repeatShare,
      text: percent(repeatShare(totals), 0),
      value: repeatShare(totals),
      section: "s7",
      before: before && repeatShare(before),
      isShare: true,
      trend: trend(repeatShare),
    },
    {
      ...common,
      name: words.averageOrder,
      text: money(totals.averageOrderValue, currency),
      value: totals.averageOrderValue,
      section: "s7",
      before: before?.averageOrderValue,
      trend: trend(({ averageOrderValue }) => averageOrderValue),
    },
  ];
  return (
    <dl class="figures">
      {figures.map((figure) => (
        <FigureBox key={figure.name} {...figure} />
      ))}
    </dl>
  );
}

/** Whether the range before has data from its first quarter on; else the two are not alike. */
function covers(before: Revenue, start: string, end: string): boolean {
  const first = before.periods[0];
  if (!first) return false;
  return daysIn(start, first.period.length === 10 ? first.period : first.start.slice(0, 10)) <= daysIn(start, end) / 4;
}

export function Overview() {
  const { query } = useAddress();
  const { today, dates } = useWorkspace();
  const { range } = useRange();
  const within = useRef<HTMLElement>(null);
  const asked = query.get("by");
  const days = range.start === undefined || range.end === undefined ? Number.POSITIVE_INFINITY : daysIn(range.start, range.end);
  const natural = naturalGrouping(range);
  const wanted: Grouping = asked !== null && asked in WORDS.overview.by ? (asked as Grouping) : natural;
  const grouping = wanted === "day" && days > MOST_PERIODS ? natural : wanted;
  const before = rangeBefore(range, today);
  const spanOf = ({ start, end }: { start: string | undefined; end: string | undefined }) => ({ start, end });
  const revenue = useAnswer<RevenueAnswer>(toUrl("/customers/revenue", { group_by: grouping, ...spanOf(range) }));
  const revenueBefore = useAnswer<RevenueAnswer>(before && toUrl("/customers/revenue", { group_by: "month", ...spanOf(before) }));
  const sales = useAnswer<AttributionAnswer>(toUrl("/customers/attribution", spanOf(range)));
  const salesBefore = useAnswer<AttributionAnswer>(before && toUrl("/customers/attribution", spanOf(before)));
  const isUnfinished = ({ end }: Period) => dates.plain(end) > today;
  const known = revenueBefore.body?.data;
  const isCovered =
    known !== undefined && before?.start !== undefined && before.end !== undefined && covers(known, before.start, before.end);

  return (
    <>
      <h1 class="hidden">{WORDS.nav.overview}</h1>
      <Notices unconverted={revenue.body?.data.unconverted ?? []} />
      <When answer={revenue}>
        {({ data }) => (
          <>
            <Figures
              revenue={data}
              paying={sales.body?.data.totals.customers}
              before={isCovered ? known?.totals : undefined}
              payingBefore={salesBefore.body?.data.totals.customers}
              beforeName={before?.name}
              isUnfinished={isUnfinished}
            />
            {known && before && !isCovered ? <p class="soft after">{WORDS.figure.uncovered(before.name)}</p> : null}
            <section ref={within} aria-labelledby="over-time">
              <div class="chart-head">
                <h2 id="over-time">{WORDS.overview.title[grouping]}</h2>
                <span class="key first">{WORDS.overview.first}</span>
                <span class="key repeat">{WORDS.overview.repeat}</span>
                <span class="end">
                  <Segments
                    label={WORDS.overview.grouping}
                    names={WORDS.overview.by}
                    chosen={grouping}
                    choose={(name) => setQuery({ by: name === natural ? undefined : name }, { replace: true })}
                  />
                  <ExportMenu
                    name={`revenue-by-${grouping}`}
                    within={within}
                    csv={toUrl("/customers/revenue", { group_by: grouping, ...spanOf(range), format: "csv" })}
                    hasChart
                  />
                </span>
              </div>
              {data.periods.length === 0 ? (
                <p class="empty">{WORDS.overview.none}</p>
              ) : (
                <>
                  <RevenueChart data={data} isUnfinished={isUnfinished} />
                  <details class="as-table">
                    <summary class="soft">{WORDS.overview.asTable}</summary>
                    <div class="scroll">
                      <RevenueTable data={data} isUnfinished={isUnfinished} />
                    </div>
                  </details>
                </>
              )}
            </section>
          </>
        )}
      </When>
      <div class="two">
        <Earners grouping="source" />
        <Earners grouping="campaign" />
      </div>
    </>
  );
}

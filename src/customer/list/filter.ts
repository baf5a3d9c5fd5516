// Which customers does a caller ask for? Every cell of a report leads to its people through these, in any combination.

import { type Static, Type } from "@sinclair/typebox";
import type { Context } from "../../context.ts";
import type { Refined } from "../../http/refined.ts";
import { Flag, Money, OneOf, PlainOrInstant, Text, Whole } from "../../http/wire.ts";
import { fold } from "../../ledger/profile.ts";
import { type Calendar, DAY_MS, parseMonth } from "../../value/calendar.ts";
import type { Detail } from "../../value/error.ts";
import { parseInstant } from "../../value/instant.ts";
import { requireDecimals, toMinor } from "../../value/money.ts";
import type { Condition } from "./condition.ts";

const Month = (description: string) => Type.String({ pattern: "^\\d{4}-(?:0[1-9]|1[0-2])$", title: "month such as 2026-02", description });
const From = (what: string) => Type.Optional({ ...PlainOrInstant, description: `${what} at or after this instant.` });
const Until = (what: string) => Type.Optional({ ...PlainOrInstant, description: `${what} before this instant.` });
const MOST_PERIODS = 1200;

/** The query parameters that choose customers. */
export const FilterFields = {
  search: Type.Optional(Text(255, "Case-insensitive substring of name, email or externalId; % and _ are taken literally.")),
  week: Type.Optional(
    Type.String({
      pattern: "^\\d{4}-W\\d\\d$",
      title: "week such as 2026-W08",
      description: "ISO week of the first touch (definitions §6).",
    }),
  ),
  month: Type.Optional(Month("Month of the first touch (definitions §6).")),
  source: Type.Optional(Text(8192, "Source of the first touch; `(direct)` asks for those without one.")),
  campaign: Type.Optional(Text(8192, "Campaign of the first touch; `(none)` asks for those without one.")),
  lead: Type.Optional(Flag({ description: "With a counted lead, or without (definitions §4)." })),
  paying: Type.Optional(Flag({ description: "With a counted sale, or without (definitions §4)." })),
  minSales: Type.Optional(Whole(0, 1_000_000_000, { description: "Counted sales, at least." })),
  minLtv: Type.Optional({ ...Money, description: "Lifetime value in the reporting currency, at least." }),
  maxLtv: Type.Optional({ ...Money, description: "Lifetime value in the reporting currency, at most." }),
  firstTouchAfter: From("First touch"),
  firstTouchBefore: Until("First touch"),
  lastSeenAfter: From("Last seen"),
  lastSeenBefore: Until("Last seen"),
  createdAfter: From("Record made"),
  createdBefore: Until("Record made"),
  activeIn: Type.Optional(Month("Had a counted sale in this month (definitions §8).")),
  activePeriod: Type.Optional(
    Whole(0, MOST_PERIODS, { description: "Had a counted sale in this period since the first touch (definitions §8)." }),
  ),
  firstSaleWithin: Type.Optional(
    Whole(0, MOST_PERIODS, { description: "First counted sale in periods 0 to this one since the first touch (definitions §8)." }),
  ),
  period: Type.Optional(
    OneOf(["calendar", "elapsed"], {
      default: "calendar",
      description: "How activePeriod and firstSaleWithin count periods (definitions §8).",
    }),
  ),
  end: Type.Optional(
    Month("activePeriod and firstSaleWithin see sales through this month only, as curves with this end do (definitions §8)."),
  ),
};
const Filters = Type.Object(FilterFields);
export type Filters = Partial<Static<typeof Filters>>;

type Add = (sql: string, values?: Condition["values"], more?: Omit<Condition, "sql" | "values">) => void;

/** Counted sales up to the clock, by month and by period since the first touch, are in customer_cell. */
const inCells = (condition: string) =>
  `EXISTS (SELECT 1 FROM customer_cell AS m WHERE m.customer_id = c.id AND m.month <= :end AND ${condition})`;
/** A condition on the columns has_lead and sales, and the figure of cohorts that counts whom it means, if there is one. */
const inSorts = (figure?: string) => ({ isInEverySort: true, ...(figure !== undefined && { inTotals: { figure } }) });
/** The figures that count customers with so many sales at least. */
const WITH_SALES = ["customers", "paying_customers", "repeat_customers"];
const NO_END = 999_999;
/** No sale in the curves is later. */
const LAST_MONTH = "(SELECT max(month) FROM ltv_cell)";

/** First touch on the days [from, to), bound as `name`From and `name`To; `cohort`: the cells of curves that are the same. */
function onDays(add: Add, name: string, [from, to]: readonly [number, number], cohort?: { sql: string; value: number }): void {
  const values = { [`${name}From`]: from, [`${name}To`]: to, ...(cohort && { [name]: cohort.value }) };
  // The same days in UTC, and one more on either side: no zone is further off.
  const instants = { [`${name}Since`]: (from - 1) * DAY_MS, [`${name}Until`]: (to + 1) * DAY_MS };
  add(
    `c.first_touch_day >= :${name}From AND c.first_touch_day < :${name}To AND c.first_touch_at >= :${name}Since AND c.first_touch_at < :${name}Until`,
    { ...values, ...instants },
    { boundsFirstTouch: true, inTotals: { days: `day >= :${name}From AND day < :${name}To`, ...(cohort && { cohort: cohort.sql }) } },
  );
}

/** The days [first, next) of a week by its key; undefined: the year has no such week. */
function daysOfWeek(key: string, calendar: Calendar): [number, number] | undefined {
  const [year = 0, week = 0] = key.split("-W").map(Number);
  const january4 = Math.floor(Date.UTC(year, 0, 4) / DAY_MS); // is always in week 1 (ISO 8601)
  const monday = calendar.mondayOf(january4) + (week - 1) * 7;
  return calendar.weekKey(monday) === key ? [monday, monday + 7] : undefined;
}

type Judges = Pick<Context, "calendar" | "config">;

/** What customer_search makes the same of as fold() does; of other letters it knows more forms, or fewer. */
const PLAIN = /^[\x20-\x7e]*$/;

/** The index of texts knows runs of three characters and more. */
const LEAST_INDEXED = 3;
/** Of a longer text, so many runs are enough to find the rare ones among them. */
const MOST_TRIGRAMS = 12;
/** … each so far from the one before it: runs that overlap a little tell more of a short text. */
const LEAST_STEP = 2;

const quote = (characters: readonly string[]) => `"${characters.join("").replaceAll('"', '""')}"`;

/** Runs of three characters from all over a text. */
function trigramsOf(characters: readonly string[]): string[] {
  const last = characters.length - LEAST_INDEXED;
  const step = Math.max(LEAST_STEP, Math.ceil(last / (MOST_TRIGRAMS - 1)));
  const trigrams = new Set<string>();
  for (let from = 0; from < last; from += step) trigrams.add(quote(characters.slice(from, from + LEAST_INDEXED)));
  if (last >= 0) trigrams.add(quote(characters.slice(last)));
  return [...trigrams];
}

function search(text: string, add: Add): void {
  const folded = fold(text);
  const characters = [...folded];
  const phrase = characters.length < LEAST_INDEXED ? undefined : quote(characters);
  const glob = `*${folded.replace(/[*?[]/g, "[$&]")}*`;
  const found = { phrase, trigrams: trigramsOf(characters), isExact: PLAIN.test(folded) };
  add("c.search_text GLOB :search", { search: glob }, { search: found });
}

/** What the parameters ask for, as conditions that all have to hold; or every one that no instant, amount or week can be made of. */
export function readFilters(filters: Filters, { calendar, config }: Judges): Refined<Condition[]> {
  const conditions: Condition[] = [];
  const details: Detail[] = [];
  const add: Add = (sql, values = {}, more = {}) => void conditions.push({ sql, values, ...more });
  const bad = (path: string, message: string) => void details.push({ path, message });

  function instant(name: keyof Filters, sql: string, more: Parameters<Add>[2] = {}): void {
    const value = filters[name];
    if (value === undefined) return;
    const at = parseInstant(value as string | number, calendar);
    if (at === undefined) bad(name, "must be ISO 8601 with an offset, a plain date, or Unix seconds or milliseconds");
    else add(`${sql} :${name}`, { [name]: at }, more);
  }

  function money(name: "minLtv" | "maxLtv", sql: string): void {
    if (filters[name] === undefined) return;
    const minor = toMinor(filters[name], requireDecimals(config.currency));
    if (minor === undefined) bad(name, `must be an amount of ${config.currency}`);
    else add(`c.gross_minor - c.refunds_minor ${sql} :${name}`, { [name]: minor });
  }

  if (filters.search !== undefined) search(filters.search, add);
  if (filters.week !== undefined) {
    const days = daysOfWeek(filters.week, calendar);
    if (days) onDays(add, "week", days);
    else bad("week", "must be a week that the year has");
  }
  if (filters.month !== undefined) {
    const month = parseMonth(filters.month) ?? 0;
    const dayOf = (of: number) => Math.floor(Date.UTC(Math.floor(of / 12), of % 12, 1) / DAY_MS);
    onDays(add, "month", [dayOf(month), dayOf(month + 1)], { sql: "m.cohort_month = :month", value: month });
  }
  if (filters.source !== undefined) add("c.source = :source", { source: filters.source }, { inTotals: { grouping: "source" } });
  if (filters.campaign !== undefined) add("c.campaign = :campaign", { campaign: filters.campaign }, { inTotals: { grouping: "campaign" } });
  if (filters.lead !== undefined)
    add("c.has_lead = :lead", { lead: filters.lead ? 1 : 0 }, inSorts(filters.lead ? "leads" : "customers - leads"));
  if (filters.paying !== undefined)
    add(filters.paying ? "c.sales > 0" : "c.sales = 0", {}, inSorts(filters.paying ? "paying_customers" : "customers - paying_customers"));
  if (filters.minSales !== undefined) add("c.sales >= :minSales", { minSales: filters.minSales }, inSorts(WITH_SALES[filters.minSales]));
  money("minLtv", ">=");
  money("maxLtv", "<=");
  instant("firstTouchAfter", "c.first_touch_at >=", { boundsFirstTouch: true });
  instant("firstTouchBefore", "c.first_touch_at <", { boundsFirstTouch: true });
  instant("lastSeenAfter", "c.last_seen_at >=");
  instant("lastSeenBefore", "c.last_seen_at <");
  instant("createdAfter", "c.created_at >=");
  instant("createdBefore", "c.created_at <");
  const end = (filters.end === undefined ? undefined : parseMonth(filters.end)) ?? NO_END;
  const isElapsed = filters.period === "elapsed";
  const active = isElapsed ? "active_period" : "active_month";
  /**
   * `sum` counts each customer once among the cells that meet the condition, which is made of the month in which a cohort begins;
   * `sooner`: what that month is then, which is seen without looking at cells.
   */
  function cells(sum: string, condition: (begin: string) => string, sooner: string, values: Condition["values"]): void {
    const total = { cells: `m.month <= :end AND ${condition("m.cohort_month")}`, sum };
    const sql = `c.cohort_month <= ${sooner} AND ${inCells(`m.${sum} AND ${condition("c.cohort_month")}`)}`;
    add(sql, { ...values, end }, { inTotals: total });
  }
  const lived = (begin: string, is: string) => (isElapsed ? `m.period ${is}` : `m.month ${is.replace(":", `${begin} + :`)}`);
  if (filters.activeIn !== undefined)
    cells("active_month", () => "m.month = :activeIn", ":activeIn", { activeIn: parseMonth(filters.activeIn) ?? 0 });
  if (filters.activePeriod !== undefined) {
    const sooner = `min(:end, ${LAST_MONTH}) - :activePeriod`;
    cells(active, (begin) => lived(begin, "= :activePeriod"), sooner, { activePeriod: filters.activePeriod });
  }
  if (filters.firstSaleWithin !== undefined)
    cells("new_paying", (begin) => lived(begin, "<= :firstSaleWithin"), ":end", { firstSaleWithin: filters.firstSaleWithin });
  return details.length > 0 ? { details } : { value: conditions };
}

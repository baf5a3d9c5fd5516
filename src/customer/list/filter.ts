// Which customers does a caller ask for? The filters can be combined, so that the people behind every cell of a report can be listed.

import { type Static, Type } from "@sinclair/typebox";
import type { Context } from "../../context.ts";
import type { Refined } from "../../http/refined.ts";
import { echoed, Flag, Money, OneOf, PlainOrInstant, Text, Whole } from "../../http/wire.ts";
import type { Detail } from "../../value/error.ts";
import { instantProblem, parseInstant } from "../../value/instant.ts";
import { requireDecimals, toMinor } from "../../value/money.ts";
import type { CohortFigure, Condition } from "./condition.ts";
import { inMonth, inWeek } from "./first-touch-condition.ts";
import { salePeriodConditions } from "./sale-period-condition.ts";
import { searchCondition } from "./search-condition.ts";
import { SORTS } from "./sort.ts";

const Month = (description: string) =>
  echoed(Type.String({ pattern: "^\\d{4}-(?:0[1-9]|1[0-2])$", title: "month such as 2026-02", description }));
const From = (what: string) => Type.Optional({ ...PlainOrInstant, description: `${what} at or after this instant.` });
const Until = (what: string) => Type.Optional({ ...PlainOrInstant, description: `${what} before this instant.` });
/** As the index of the sort by lastSaleAt has it. */
const LAST_SALE_AT = SORTS.lastSaleAt.value;
const MOST_PERIODS = 1200;

/** The query parameters that filter customers. */
export const FilterFields = {
  email: Type.Optional(Text(254, "The email of the customer, exactly; spaces around it and the case of letters are ignored.")),
  search: Type.Optional(Text(255, "Case-insensitive substring of name, email or externalId; % and _ are taken literally.")),
  alias: Type.Optional(Text(255, "The one customer that this alias belongs to, compared exactly (definitions §5).")),
  week: Type.Optional(
    echoed(
      Type.String({
        pattern: "^\\d{4}-W\\d\\d$",
        title: "week such as 2026-W08",
        description: "ISO week of the first touch (definitions §6).",
      }),
    ),
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
  firstSaleAfter: From("First counted sale"),
  firstSaleBefore: Until("First counted sale"),
  lastSaleAfter: From("Last counted sale"),
  lastSaleBefore: Until("Last counted sale"),
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

/** What the parsing of instants, money and weeks needs. */
type FilterContext = Pick<Context, "calendar" | "config">;

/** The figures of customers with at least 0, 1 or 2 sales, by that number. */
const WITH_SALES: readonly CohortFigure[] = ["all", "paying", "repeat"];

/** A condition on the columns has_lead and sales, which the index of every sort contains. */
const onSalesOrLead = (sql: string, values: Condition["values"], figure: CohortFigure | undefined): Condition => ({
  sql,
  values,
  isInEverySort: true,
  ...(figure !== undefined && { inTotals: { figure } }),
});

/** The customer whom an alias belongs to: by a claim, else the one who is known by it alone. */
const aliasCondition = (alias: string): Condition => ({
  sql: `c.id = coalesce((SELECT customer_id FROM claim WHERE kind = 'alias' AND value = :alias), (SELECT id FROM customer WHERE known_alias = :alias))`,
  values: { alias },
  isOfOne: true,
});

/** The parameters as conditions that must all hold, or all bad parameters. */
export function readFilters(filters: Filters, { calendar, config }: FilterContext): Refined<Condition[]> {
  const conditions: Condition[] = [];
  const details: Detail[] = [];
  const reject = (path: string, message: string) => void details.push({ path, message });

  function addInstant(name: keyof Filters, comparison: string, more: Partial<Condition> = {}): void {
    const value = filters[name];
    if (value === undefined) return;
    const at = parseInstant(value as string | number, calendar);
    if (at === undefined) reject(name, instantProblem(value as string | number));
    else conditions.push({ sql: `${comparison} :${name}`, values: { [name]: at }, ...more });
  }

  function addLtv(name: "minLtv" | "maxLtv", operator: ">=" | "<="): void {
    if (filters[name] === undefined) return;
    const minor = toMinor(filters[name], requireDecimals(config.currency));
    if (minor === undefined)
      reject(
        name,
        `must have at most ${requireDecimals(config.currency)} decimals and 10^12 minor units in ${config.currency}, not ${filters[name]}`,
      );
    else conditions.push({ sql: `c.gross_minor - c.refunds_minor ${operator} :${name}`, values: { [name]: minor } });
  }

  const { email, search, alias, week, month, source, campaign, lead, paying, minSales } = filters;
  if (email !== undefined) conditions.push({ sql: "c.email = :email", values: { email: email.trim().toLowerCase() }, isEmail: true });
  if (alias !== undefined) conditions.push(aliasCondition(alias.normalize("NFC")));
  if (search !== undefined) conditions.push(searchCondition(search));
  if (week !== undefined) {
    const condition = inWeek(week, calendar);
    if (condition) conditions.push(condition);
    else reject("week", `must be a week of the calendar, not ${week}`);
  }
  if (month !== undefined) conditions.push(inMonth(month));
  if (source !== undefined)
    conditions.push({ sql: "c.source = :source", values: { source }, isSource: true, inTotals: { grouping: "source" } });
  if (campaign !== undefined) conditions.push({ sql: "c.campaign = :campaign", values: { campaign }, inTotals: { grouping: "campaign" } });
  if (lead !== undefined)
    conditions.push(onSalesOrLead("c.has_lead = :lead", { lead: lead ? 1 : 0 }, lead ? "with a lead" : "without a lead"));
  if (paying !== undefined) conditions.push(onSalesOrLead(paying ? "c.sales > 0" : "c.sales = 0", {}, paying ? "paying" : "not paying"));
  if (minSales !== undefined) conditions.push(onSalesOrLead("c.sales >= :minSales", { minSales }, WITH_SALES[minSales]));
  addLtv("minLtv", ">=");
  addLtv("maxLtv", "<=");
  addInstant("firstTouchAfter", "c.first_touch_at >=", { boundsFirstTouch: true });
  addInstant("firstTouchBefore", "c.first_touch_at <", { boundsFirstTouch: true });
  addInstant("firstSaleAfter", "c.first_sale_at >=", { boundsFirstSale: true });
  addInstant("firstSaleBefore", "c.first_sale_at <", { boundsFirstSale: true });
  addInstant("lastSaleAfter", `${LAST_SALE_AT} >=`, { boundsLastSale: true });
  addInstant("lastSaleBefore", `${LAST_SALE_AT} >= 0 AND ${LAST_SALE_AT} <`, { boundsLastSale: true });
  addInstant("lastSeenAfter", "c.last_seen_at >=", { boundsLastSeen: true });
  addInstant("lastSeenBefore", "c.last_seen_at <", { boundsLastSeen: true });
  addInstant("createdAfter", "c.created_at >=");
  addInstant("createdBefore", "c.created_at <");
  conditions.push(...salePeriodConditions(filters));
  return details.length > 0 ? { details } : { value: conditions };
}

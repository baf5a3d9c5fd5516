// Which clicks earned one customer's revenue? (definitions §9)
import { type Analytics, guarded } from "../analytics.ts";
import type { Context } from "../context.ts";
import { requireDecimals, toUnconverted, type UnconvertedRow } from "../figure.ts";
import { toCustomerId } from "../id.ts";
import { toIso } from "../instant.ts";
import { compareCodePoints } from "../log-order.ts";
import { toMajor } from "../money.ts";
import type { AttributionAnswer, AttributionQuestion, CreditRow, Touch } from "./answer.ts";
import clicksSql from "./clicks.sql" with { type: "text" };
import { type Credits, creditSales, type Sale } from "./credit.ts";
import { openExplanation } from "./explain.ts";
import { attributionRules } from "./explanation.ts";
import lastConversionSql from "./last-conversion.sql" with { type: "text" };
import salesSql from "./sales.sql" with { type: "text" };
import unconvertedSql from "./unconverted.sql" with { type: "text" };

/** Decimals of a sale's credit. */
const CREDIT_DECIMALS = 4;

interface ClickRow {
  at: number;
  clickId: string | null;
  link: string | null;
  campaign: string | null;
  source: string | null;
  medium: string | null;
}

interface Group {
  netMinor: number;
  sales: number;
  clicks: number;
  firstAt: number | undefined;
  lastAt: number | undefined;
}

function toTouch(click: ClickRow | undefined): Touch | null {
  if (!click) return null;
  const { at, clickId, link, campaign, source, medium } = click;
  return { clickId, timestamp: toIso(at), link, campaign, source, medium };
}

/** One of the three lists: clicks and their credit grouped by a field, `without` for those that lack it. */
export function creditRows(
  clicks: readonly ClickRow[],
  credits: Credits,
  field: "link" | "campaign" | "source",
  without: string,
  decimals: number,
): CreditRow[] {
  const groups = new Map<string, Group>();
  const ensureGroup = (key: string): Group => {
    const found = groups.get(key);
    if (found) return found;
    const made: Group = { clicks: 0, firstAt: undefined, lastAt: undefined, netMinor: 0, sales: 0 };
    groups.set(key, made);
    return made;
  };
  clicks.forEach((click, index) => {
    const group = ensureGroup(click[field] ?? without);
    group.clicks++;
    group.firstAt ??= click.at;
    group.lastAt = click.at;
    group.netMinor += credits.netMinor[index] ?? 0;
    group.sales += credits.sales[index] ?? 0;
  });
  if (credits.none.sales > 0) {
    const group = ensureGroup(without);
    group.netMinor += credits.none.netMinor;
    group.sales += credits.none.sales;
  }
  return [...groups]
    .sort(([a, { netMinor: ours }], [b, { netMinor: theirs }]) => theirs - ours || compareCodePoints(a, b))
    .map(([key, group]) => ({
      key,
      clicks: group.clicks,
      firstAt: group.firstAt === undefined ? null : toIso(group.firstAt),
      lastAt: group.lastAt === undefined ? null : toIso(group.lastAt),
      sales: toMajor(group.sales, CREDIT_DECIMALS),
      revenue: toMajor(group.netMinor, decimals),
    }));
}

/** The embedded engine's answer to `Analytics.attribution`; prepares its statements at once. */
export function openAttribution(context: Context): Analytics["attribution"] {
  const { config, database, ledger } = context;
  const { sqlite } = database;
  const explain = openExplanation(context);
  const decimals = requireDecimals(config.currency);
  const findClicks = sqlite.prepare(clicksSql);
  const findSales = sqlite.prepare(salesSql);
  const findLastConversion = sqlite.prepare(lastConversionSql).pluck();
  const unconverted = sqlite.prepare(unconvertedSql).safeIntegers();

  const read = sqlite.transaction((customerId: number) => ({
    clicks: findClicks.all({ customerId }) as ClickRow[],
    sales: findSales.all({ customerId }) as Sale[], // beyond 2^53 − 1 they are no safe integers, which creditSales refuses
    lastConversionAt: findLastConversion.get({ customerId }) as number | null,
    lacking: unconverted.all({ customerId }) as UnconvertedRow[],
  }));

  return guarded(async (question: AttributionQuestion): Promise<AttributionAnswer> => {
    const { customerId, model, windowDays } = question;
    ledger.freshCustomer(customerId);
    const { clicks, sales, lastConversionAt, lacking } = read(customerId);
    const clickedAt = clicks.map((click) => click.at);
    const credits = await creditSales(sales, clickedAt, model, windowDays);
    const revenueMinor = sales.reduce((sum, sale) => sum + sale.netMinor, 0);
    return {
      customerId: toCustomerId(customerId),
      model,
      windowDays,
      currency: config.currency,
      revenue: toMajor(revenueMinor, decimals),
      unconverted: toUnconverted(lacking),
      firstTouch: toTouch(clicks[0]),
      lastTouch: toTouch(lastConversionAt === null ? clicks.at(-1) : clicks.findLast((click) => click.at <= lastConversionAt)),
      clicks: clicks.length,
      links: creditRows(clicks, credits, "link", "(none)", decimals),
      campaigns: creditRows(clicks, credits, "campaign", "(none)", decimals),
      sources: creditRows(clicks, credits, "source", "(direct)", decimals),
      ...(question.explain && { rules: attributionRules(model, windowDays, config), explain: await explain(question, clicks) }),
    };
  });
}

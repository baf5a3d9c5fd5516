// Which clicks earned one customer's revenue? (definitions §9)

import { CLICK, type entry } from "../../../db/schema.ts";
import type { Context } from "../../context.ts";
import { toCustomerId } from "../../value/id.ts";
import { toIso } from "../../value/instant.ts";
import { requireDecimals, toMajor } from "../../value/money.ts";
import { type Analytics, guarded } from "../engine.ts";
import { toUnconverted, type UnconvertedRow } from "../figure.ts";
import type { AttributionAnswer, AttributionQuestion, Touch } from "./answer.ts";
import lastConversionSql from "./attribution-last-conversion.sql" with { type: "text" };
import touchesAndSalesSql from "./attribution-touches-and-sales.sql" with { type: "text" };
import unconvertedSql from "./attribution-unconverted.sql" with { type: "text" };
import { creditSales, type Sale } from "./credit.ts";
import { creditRows } from "./credit-rows.ts";
import { type ExplainedClick, openExplanation } from "./explain.ts";
import { attributionRules } from "./explain-schema.ts";

type Entry = typeof entry.$inferSelect;
/** A row of attribution-touches-and-sales.sql as an array, because objects take longer to create. */
type Row = [
  type: Entry["type"],
  at: Entry["at"],
  link: Entry["link"],
  campaign: Entry["campaign"],
  source: Entry["source"],
  medium: Entry["medium"],
  clickId: Entry["clickId"],
  netMinor: number | null,
];

type OfCustomer = { customerId: number };

/** A customer's clicks in log order, with a list for each field. */
interface Clicks {
  readonly at: number[];
  readonly link: (string | null)[];
  readonly campaign: (string | null)[];
  readonly source: (string | null)[];
  readonly medium: (string | null)[];
  readonly clickId: (string | null)[];
}

/** Separates clicks from sales. Unconverted sales are left out, and `hasUnconverted` says whether there are any. */
function separate(rows: readonly Row[]): { clicks: Clicks; sales: Sale[]; hasUnconverted: boolean } {
  const clicks: Clicks = { at: [], link: [], campaign: [], source: [], medium: [], clickId: [] };
  const sales: Sale[] = [];
  let hasUnconverted = false;
  for (const [type, at, link, campaign, source, medium, clickId, netMinor] of rows) {
    if (type === CLICK) {
      clicks.at.push(at);
      clicks.link.push(link);
      clicks.campaign.push(campaign);
      clicks.source.push(source);
      clicks.medium.push(medium);
      clicks.clickId.push(clickId);
    } else if (netMinor === null) hasUnconverted = true;
    else sales.push({ at, netMinor });
  }
  return { clicks, sales, hasUnconverted };
}

function clickAt({ at, link, campaign, source, clickId }: Clicks, place: number): ExplainedClick {
  return {
    at: at[place] ?? 0,
    clickId: clickId[place] ?? null,
    link: link[place] ?? null,
    campaign: campaign[place] ?? null,
    source: source[place] ?? null,
  };
}

/** `Analytics.attribution` of the embedded engine. Prepares its statements at once. */
export function openAttribution(context: Context): Analytics["attribution"] {
  const { config, database, ledger } = context;
  const { sqlite } = database;
  const explain = openExplanation(context);
  const decimals = requireDecimals(config.currency);
  const findRows = sqlite.prepare<OfCustomer, Row>(touchesAndSalesSql).raw();
  const findLastConversion = sqlite.prepare<OfCustomer, Entry["at"] | null>(lastConversionSql).pluck();
  const findUnconverted = sqlite.prepare<OfCustomer, UnconvertedRow>(unconvertedSql).safeIntegers();

  const read = sqlite.transaction((customerId: number) => {
    // Integers beyond 2^53 − 1 lose precision here, and creditSales refuses them.
    const { hasUnconverted, ...entries } = separate(findRows.all({ customerId }));
    return {
      ...entries,
      lastConversionAt: findLastConversion.get({ customerId }) ?? null,
      unconverted: hasUnconverted ? findUnconverted.all({ customerId }) : [],
    };
  });

  return guarded(async (question: AttributionQuestion): Promise<AttributionAnswer> => {
    const { customerId, model, windowDays } = question;
    ledger.ensureCustomerFresh(customerId);
    const { clicks, sales, lastConversionAt, unconverted } = read(customerId);
    const credits = await creditSales(sales, clicks.at, model, windowDays);
    const written: string[] = []; // an instant is formatted once, though several lists contain it
    const isoOf = (place: number): string => {
      written[place] ??= toIso(clicks.at[place] as number);
      return written[place];
    };
    const toTouch = (place: number): Touch | null => {
      if (place < 0 || place >= clicks.at.length) return null;
      const { clickId, link, campaign, source } = clickAt(clicks, place);
      return { clickId, timestamp: isoOf(place), link, campaign, source, medium: clicks.medium[place] ?? null };
    };
    return {
      customerId: toCustomerId(customerId),
      model,
      windowDays,
      currency: config.currency,
      revenue: toMajor(
        sales.reduce((sum, sale) => sum + sale.netMinor, 0),
        decimals,
      ),
      unconverted: toUnconverted(unconverted),
      firstTouch: toTouch(0),
      lastTouch: toTouch(lastConversionAt === null ? clicks.at.length - 1 : clicks.at.findLastIndex((at) => at <= lastConversionAt)),
      clicks: clicks.at.length,
      links: creditRows(clicks.link, credits, "(none)", isoOf, decimals),
      campaigns: creditRows(clicks.campaign, credits, "(none)", isoOf, decimals),
      sources: creditRows(clicks.source, credits, "(direct)", isoOf, decimals),
      ...(question.explain && {
        rules: attributionRules(model, windowDays, config),
        explain: await explain(
          question,
          clicks.at.map((_, place) => clickAt(clicks, place)),
        ),
      }),
    };
  });
}

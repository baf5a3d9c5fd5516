// Which touches earned one customer's revenue? (definitions §9)

import { CLICK, type entry } from "../../../db/schema.ts";
import { creditSales } from "../../credit/credit.ts";
import { toCustomerId } from "../../value/id.ts";
import { toIso } from "../../value/instant.ts";
import { requireDecimals, toMajor } from "../../value/money.ts";
import { type Analytics, guarded, type Reading } from "../engine.ts";
import { toUnconverted, type UnconvertedRow } from "../figure.ts";
import type { AttributionAnswer, AttributionQuestion, Touch } from "./answer.ts";
import creationsSql from "./attribution-creations.sql" with { type: "text" };
import lastConversionSql from "./attribution-last-conversion.sql" with { type: "text" };
import touchesAndSalesSql from "./attribution-touches-and-sales.sql" with { type: "text" };
import unconvertedSql from "./attribution-unconverted.sql" with { type: "text" };
import { creditRows } from "./credit-rows.ts";
import { type ExplainedOrigin, openExplanation } from "./explain.ts";
import { attributionRules } from "./explain-schema.ts";
import { toTouchType } from "./touch-type.ts";
import { historyOf, type OriginRow, type Touches } from "./touches.ts";

type Entry = typeof entry.$inferSelect;
type OfCustomer = { customerId: number };

/** The touch at a place, as an answer shows it. */
function touchAt({ type, at, link, campaign, source, clickId }: Touches, place: number): ExplainedOrigin {
  return {
    type: toTouchType(type[place] ?? CLICK),
    at: at[place] ?? 0,
    clickId: clickId[place] ?? null,
    link: link[place] ?? null,
    campaign: campaign[place] ?? null,
    source: source[place] ?? null,
  };
}

/** `Analytics.attribution` of the embedded engine. Prepares its statements at once. */
export function openAttribution(context: Reading): Analytics["attribution"] {
  const { config, database, ledger } = context;
  const { sqlite } = database;
  const explain = openExplanation(context);
  const decimals = requireDecimals(config.currency);
  const findEntries = sqlite.prepare<OfCustomer & { lastId: number }, OriginRow>(touchesAndSalesSql).raw();
  const findCreations = sqlite.prepare<OfCustomer, OriginRow>(creationsSql).raw();
  const findLastConversion = sqlite.prepare<OfCustomer, Entry["id"]>(lastConversionSql).pluck();
  const findUnconverted = sqlite.prepare<OfCustomer, UnconvertedRow>(unconvertedSql).safeIntegers();

  const read = sqlite.transaction((customerId: number) => {
    const lastId = findLastConversion.get({ customerId });
    // Integers beyond 2^53 − 1 lose precision here, and creditSales refuses them.
    const history = historyOf(findEntries.all({ customerId, lastId: lastId ?? 0 }), findCreations.all({ customerId }), lastId);
    return { ...history, unconverted: history.hasUnconverted ? findUnconverted.all({ customerId }) : [] };
  });

  return guarded(async (question: AttributionQuestion): Promise<AttributionAnswer> => {
    const { customerId, model, windowDays } = question;
    ledger.ensureCustomerFresh(customerId);
    const { touches, clicks, sales, touchesUpTo, touchesUpToLast, unconverted } = read(customerId);
    const credits = await creditSales(sales, touches.at, model, windowDays);
    const written: string[] = []; // an instant is formatted once, though several lists contain it
    const isoOf = (place: number): string => {
      written[place] ??= toIso(touches.at[place] as number);
      return written[place];
    };
    const toTouch = (place: number): Touch | null => {
      if (place < 0 || place >= touches.at.length) return null;
      const { type, clickId, link, campaign, source } = touchAt(touches, place);
      return { type, clickId, timestamp: isoOf(place), link, campaign, source, medium: touches.medium[place] ?? null };
    };
    const rows = (keys: readonly (string | null)[], without: string) =>
      creditRows({ keys, types: touches.type, without }, credits, isoOf, decimals);
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
      lastTouch: toTouch((touchesUpToLast ?? touches.at.length) - 1),
      touches: touches.at.length,
      clicks,
      links: rows(touches.link, "(none)"),
      campaigns: rows(touches.campaign, "(none)"),
      sources: rows(touches.source, "(direct)"),
      ...(question.explain && {
        rules: attributionRules(model, windowDays, config),
        explain: await explain(
          question,
          touches.at.map((_, place) => touchAt(touches, place)),
          touchesUpTo,
        ),
      }),
    };
  });
}

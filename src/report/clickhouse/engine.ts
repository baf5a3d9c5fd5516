// How does ClickHouse answer? The reports about everybody are added up there; those about one customer, and what needs more than it has, are SQLite's.
import type { Context } from "../../context.ts";
import { ApiError } from "../../value/error.ts";
import { daysOf } from "../days.ts";
import { type Analytics, guarded } from "../engine.ts";
import type { Range } from "../range.ts";
import { openClickHouseTotals } from "./attribution.ts";
import { openClickHouseCohorts } from "./cohorts.ts";
import { BadAnswer, Unreachable } from "./connection.ts";
import { openClickHouseCurves } from "./curves.ts";
import { openClickHouseRevenue } from "./revenue.ts";
import type { Shipping } from "./shipping.ts";

/**
 * The engine. `embedded` answers what ClickHouse does not have: one customer, another attribution window, and revenue and attribution in a range
 * that begins or ends within a day. With ANALYTICS_FALLBACK, and on a standby, it answers the others too while ClickHouse cannot.
 */
export function openClickHouseEngine(context: Context, shipping: Shipping, embedded: Analytics): Analytics {
  const { config, calendar, log } = context;
  const hasFallback = config.analyticsFallback;

  function isOfWholeDays(range: Range): boolean {
    const { headFrom, headTo, tailFrom, tailTo } = daysOf(range, calendar);
    return headFrom >= headTo && tailFrom >= tailTo;
  }

  /** Asks ClickHouse, or SQLite if that is allowed. */
  function either<Question, Answer>(
    there: (question: Question) => Promise<Answer>,
    here: (question: Question) => Promise<Answer>,
    isThere: (question: Question) => boolean = () => true,
  ): (question: Question) => Promise<Answer> {
    return guarded(async (question) => {
      const isReady = shipping.isUsable();
      if (!isThere(question) || shipping.state().phase === "standby" || (hasFallback && !isReady)) return here(question);
      try {
        return await there(question);
      } catch (error) {
        const isAway = error instanceof Unreachable;
        if (!isAway && !(error instanceof BadAnswer)) throw error;
        if (isAway && isReady) shipping.lost();
        if (!hasFallback && !isAway) throw error;
        if (hasFallback) {
          log.warn({ message: "SQLite answers a report instead of the analytics engine", error: error.message });
          return here(question);
        }
        throw new ApiError("SERVICE_UNAVAILABLE", "The analytics store cannot be reached: try again soon.", {
          headers: { "Retry-After": "1" },
          cause: error,
        });
      }
    });
  }

  return {
    ...embedded,
    cohorts: either(openClickHouseCohorts(context, shipping), embedded.cohorts),
    ltvCohorts: either(openClickHouseCurves(context, shipping), embedded.ltvCohorts),
    revenue: either(openClickHouseRevenue(context, shipping), embedded.revenue, isOfWholeDays),
    attributionTotals: either(
      openClickHouseTotals(context, shipping),
      embedded.attributionTotals,
      (question) => question.windowDays === config.attributionWindowDays && isOfWholeDays(question),
    ),
  };
}

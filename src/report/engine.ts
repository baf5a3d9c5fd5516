// Which questions does an analytics engine answer, and how does it fail? The endpoints know only this interface, not the engine.

import { isClosed, isUnavailable } from "../../db/unavailable.ts";
import type { Context } from "../context.ts";
import type { Snapshots } from "../http/snapshots.ts";
import { ApiError } from "../value/error.ts";
import type { AttributionAnswer, AttributionQuestion } from "./attribution/answer.ts";
import type { TotalsAnswer, TotalsQuestion } from "./attribution/totals-answer.ts";
import type { CohortAnswer, CohortQuestion } from "./cohort/answer.ts";
import type { JourneyAnswer, JourneyQuestion } from "./journey/answer.ts";
import type { LtvAnswer, LtvQuestion } from "./ltv/answer.ts";
import type { RevenueAnswer, RevenueQuestion } from "./revenue/answer.ts";

/**
 * The reports of an engine. Those about everybody tell what is derived; the caller derives what is left before. Each rejects with an
 * ApiError: `SERVICE_UNAVAILABLE` if the store cannot be reached, `NOT_FOUND` for an unknown customer, `VALIDATION_ERROR` for an answer that
 * would be too long, and `ANALYTICS_ERROR` for anything else.
 */
export interface Analytics {
  /** What became of the customers of each week, month, campaign or source? Definitions §7. */
  cohorts(question: CohortQuestion): Promise<CohortAnswer>;
  /** How does the revenue of each acquisition month grow, period by period? Definitions §8. */
  ltvCohorts(question: LtvQuestion): Promise<LtvAnswer>;
  /** How much revenue was made in each day, week or month, and how much of it by first sales? Definitions §7. */
  revenue(question: RevenueQuestion): Promise<RevenueAnswer>;
  /** What did one customer do, in log order? Definitions §1, §4 and §6. */
  journey(question: JourneyQuestion): Promise<JourneyAnswer>;
  /** Which clicks earned one customer's revenue? Definitions §9. */
  attribution(question: AttributionQuestion): Promise<AttributionAnswer>;
  /** Which sources, campaigns or links earned the revenue of all customers? Definitions §9. */
  attributionTotals(question: TotalsQuestion): Promise<TotalsAnswer>;
}

/** What a report about one customer reads. Another thread has no more than this. */
export interface Reading {
  readonly config: Context["config"];
  readonly database: Pick<Context["database"], "sqlite">;
  readonly ledger: Pick<Context["ledger"], "ensureCustomerFresh">;
}

/** What the attribution of all customers reads. Another thread has no more than this either. */
export type TotalsReading = Pick<Reading, "config" | "database"> & Pick<Context, "calendar">;

/** What the endpoints of reports need: a `Context` with the engine and the snapshots. */
export interface Reporting extends Context {
  readonly analytics: Analytics;
  readonly snapshots: Snapshots;
}

/**
 * Turns the errors of a report into those of `Analytics`. Each ApiError
 * passes unchanged; the original of any other error becomes the `cause`.
 */
export function guarded<Question, Answer>(read: (question: Question) => Answer | Promise<Answer>): (question: Question) => Promise<Answer> {
  return async (question) => {
    try {
      return await read(question);
    } catch (error) {
      if (error instanceof ApiError) throw error;
      if (isUnavailable(error) || isClosed(error))
        throw new ApiError("SERVICE_UNAVAILABLE", "The analytics store cannot be reached: try again soon.", {
          headers: { "Retry-After": "1" },
          cause: error,
        });
      throw new ApiError("ANALYTICS_ERROR", "The report could not be computed.", { cause: error });
    }
  };
}

// How does the embedded engine answer? It computes every report from the workspace's SQLite database.
import type { Context } from "../context.ts";
import type { ThreadClient } from "../host/thread-client.ts";
import type { AttributionAnswer } from "./attribution/answer.ts";
import { openAttribution } from "./attribution/attribution.ts";
import { openTotals } from "./attribution/totals.ts";
import type { TotalsAnswer } from "./attribution/totals-answer.ts";
import { openCohorts } from "./cohort/cohorts.ts";
import { type Analytics, guarded } from "./engine.ts";
import type { JourneyAnswer } from "./journey/answer.ts";
import { openJourney } from "./journey/journey.ts";
import type { LargeAnswer, LargeRequest } from "./large-thread.ts";
import { openCurves } from "./ltv/curves.ts";
import { openRevenue } from "./revenue/revenue.ts";

/** From how many entries on a customer's history is read beside the requests. An entry can take up to some 25 KB. */
const MANY_ENTRIES = 500;

/** From how many sources, campaigns and links on the totals of attribution are read there. A link can take some 2 KB, and all are read. */
const MANY_KEYS = 1000;

/** The embedded engine. Prepares the statements of every report at once. `beside` answers for customers with very many entries, and for very many keys. */
export function openEmbeddedEngine(context: Context, beside?: ThreadClient<LargeRequest, LargeAnswer>): Analytics {
  const { config, database, ledger } = context;
  const hasMany = database.sqlite.prepare<[customerId: number]>(
    `SELECT 1 FROM entry WHERE customer_id = ? LIMIT 1 OFFSET ${MANY_ENTRIES - 1}`,
  );
  const hasManyKeys = database.sqlite.prepare(`SELECT 1 FROM credit_key LIMIT 1 OFFSET ${MANY_KEYS - 1}`);
  const [journey, attribution, totals] = [openJourney(context), openAttribution(context), openTotals(context)];

  /** Asks the thread about a customer who has very many entries, once they are up to date; undefined: they have not. */
  const there = async (customerId: number, request: LargeRequest): Promise<LargeAnswer> => {
    if (beside === undefined || (hasMany.get(customerId) === undefined && !ledger.isLarge(customerId))) return undefined;
    ledger.ensureCustomerFresh(customerId);
    return beside.ask(request);
  };

  return {
    cohorts: openCohorts(context),
    ltvCohorts: openCurves(context),
    revenue: openRevenue(context),
    journey: guarded(
      async (question) =>
        ((await there(question.customerId, { config, journey: question })) as JourneyAnswer | undefined) ?? journey(question),
    ),
    attribution: guarded(
      async (question) =>
        ((await there(question.customerId, { config, attribution: question })) as AttributionAnswer | undefined) ?? attribution(question),
    ),
    attributionTotals: guarded(async (question) =>
      beside !== undefined && question.windowDays === config.attributionWindowDays && hasManyKeys.get() !== undefined
        ? ((await beside.ask({ config, totals: question })) as TotalsAnswer)
        : totals(question),
    ),
  };
}

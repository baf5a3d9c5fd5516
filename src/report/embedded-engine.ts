// How does the embedded engine answer? It computes every report from the workspace's SQLite database.
import type { Context } from "../context.ts";
import { openAttribution } from "./attribution/attribution.ts";
import { openTotals } from "./attribution/totals.ts";
import { openCohorts } from "./cohort/cohorts.ts";
import type { Analytics } from "./engine.ts";
import { openJourney } from "./journey/journey.ts";
import { openCurves } from "./ltv/curves.ts";
import { openRevenue } from "./revenue/revenue.ts";

/** The embedded engine. Prepares the statements of every report at once. */
export function openEmbeddedEngine(context: Context): Analytics {
  return {
    cohorts: openCohorts(context),
    ltvCohorts: openCurves(context),
    revenue: openRevenue(context),
    journey: openJourney(context),
    attribution: openAttribution(context),
    attributionTotals: openTotals(context),
  };
}

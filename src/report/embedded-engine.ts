// Which engine answers where no other is set? The embedded one: every report from the workspace's own SQLite database.
import type { Context } from "../context.ts";
import { openAttribution } from "./attribution/attribution.ts";
import { openTotals } from "./attribution/totals.ts";
import { openCohorts } from "./cohort/cohorts.ts";
import type { Analytics } from "./engine.ts";
import { openJourney } from "./journey/journey.ts";
import { openCurves } from "./ltv/curves.ts";

/** Prepares the statements of every report. */
export function openEmbeddedEngine(context: Context): Analytics {
  return {
    cohorts: openCohorts(context),
    ltvCohorts: openCurves(context),
    journey: openJourney(context),
    attribution: openAttribution(context),
    attributionTotals: openTotals(context),
  };
}

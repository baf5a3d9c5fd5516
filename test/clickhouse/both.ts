// Do both engines answer alike? A workspace that tells ClickHouse what changes, with an app for each engine.
import { type App, createApp } from "../../src/app/app.ts";
import type { Workspace } from "../../src/app/workspace.ts";
import { readAnalyticsUrl } from "../../src/host/analytics-url.ts";
import { connectClickHouse } from "../../src/report/clickhouse/connection.ts";
import { openShipping } from "../../src/report/clickhouse/shipping.ts";
import { ADMIN_KEY, type WorldOptions } from "../harness.ts";
import { TOTALS } from "../oracle/questions.ts";
import type { Chdb } from "./chdb.ts";

/** How a world tells a database of the engine what changes. */
export const through = (chdb: Pick<Chdb, "url">, database: string): Pick<WorldOptions, "config" | "openShipping"> => ({
  config: { analyticsUrl: readAnalyticsUrl(`${chdb.url.replace("//", "//regulars:secret@")}/${database}`) },
  openShipping: (context, target) => openShipping(context, { target, clickhouse: connectClickHouse(target), hasFallback: false }),
});

/** A report waits two seconds each time. */
const TRIES = 10;

const EXPLAINED = ["/customers/cohorts?group_by=source", "/customers/cohorts?group_by=month", "/customers/revenue?group_by=month"];
/** Reports about everybody, with every model of attribution, and some with explanations. */
export const QUESTIONS: readonly string[] = [
  ...TOTALS.filter((path) => !path.startsWith("/customers/count")),
  ...EXPLAINED.flatMap((path) => [`${path}&explain=true`, `${path}&explain=true&start=2021-01-01&end=2021-12-31`]),
  ...["calendar", "elapsed"].map((period) => `/customers/ltv-cohorts?months=24&end=2021-12&explain=true&period=${period}`),
  "/customers/cohorts?group_by=campaign&limit=1",
  ...["source", "campaign", "link"].flatMap((grouping) =>
    [
      "&model=last&compare=first,linear,position,time_decay",
      "&model=linear&start=2021-03-28&end=2021-11-20",
      "&model=time_decay&end=2021-07-08",
      "&model=first&start=2021-10-31&end=2021-10-31",
      "&model=position&start=2020-02-29&limit=2&explain=true",
    ].map((more) => `/customers/attribution?group_by=${grouping}${more}`),
  ),
];

async function ask(app: App, path: string): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await app.handle(new Request(`http://localhost${path}`, { headers: { authorization: `Bearer ${ADMIN_KEY}` } }));
  const text = await response.text();
  return { status: response.status, text: text.replace(/"(?:computedAt|requestId)":"[^"]*"/g, ""), headers: response.headers };
}

/** Asks until nothing is lacking: a busy machine may send what has changed only after a report has waited for it. */
async function askSettled(app: App, path: string): ReturnType<typeof ask> {
  for (let tries = 1; ; tries++) {
    const answer = await ask(app, path);
    if (answer.headers.get("x-behind") === null || tries === TRIES) return answer;
  }
}

/** Opens the function that gives the questions that the engines answer differently, or that ClickHouse does not answer. */
export function openBoth(workspace: Workspace): (paths: readonly string[]) => Promise<string[]> {
  const there = createApp(workspace);
  const here = createApp({ ...workspace, shipping: undefined });
  return async (paths) => {
    const faults: string[] = [];
    for (const path of paths) {
      const [ours, sqlite] = [await askSettled(there, path), await askSettled(here, path)];
      if (ours.text !== sqlite.text || ours.status !== sqlite.status || ours.headers.get("x-behind") !== null)
        faults.push(
          `${path}\n  ClickHouse ${ours.status}, behind ${ours.headers.get("x-behind")}, ${ours.text}\n  SQLite     ${sqlite.status} ${sqlite.text}`,
        );
    }
    return faults;
  };
}

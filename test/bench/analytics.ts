// How fast are the reports by ClickHouse, and how fast is it told? Against SQLite's totals, with which the answers are compared. It needs chdb: see CHDB.
import { rmSync } from "node:fs";
import { createApp } from "../../src/app/app.ts";
import { assembleWorkspace, type Workspace } from "../../src/app/workspace.ts";
import { readAnalyticsUrl } from "../../src/host/analytics-url.ts";
import { readConfig } from "../../src/host/config.ts";
import { silentLog } from "../../src/host/log.ts";
import { type ClickHouse, connectClickHouse, type Tuple } from "../../src/report/clickhouse/connection.ts";
import { toRev } from "../../src/report/clickhouse/cursor.ts";
import { openReadCustomers } from "../../src/report/clickhouse/read-customers.ts";
import { TABLE } from "../../src/report/clickhouse/schema.ts";
import { openShipping } from "../../src/report/clickhouse/shipping.ts";
import { type Chdb, hasChdb, startChdb } from "../clickhouse/chdb.ts";
import { ADMIN_KEY, ensureDatabase, settings } from "./load.ts";
import { alternate, judge, type Line, median, timed } from "./measure.ts";
import { copyDatabase, removeDatabase } from "./program.ts";
import type { Progress } from "./progress.ts";
import { cohortsPath, curvesPath } from "./reports.ts";
import { benchPath, type Size } from "./size.ts";

const DATABASE = "bench";
const ROUNDS = 7;
const MILLION = 1_000_000;
/** A part in which the rows of so many customers are replaced. */
const REPLACED = 1000;
/** How far the filling may take. */
const PATIENCE_MS = 3_600_000;

/** Reports, and the milliseconds of a prototype at a million customers; none where it had no such report. */
const QUESTIONS: readonly [what: string, path: string, mostMs?: number][] = [
  ["LTV triangle of 24 months", curvesPath("calendar"), 45],
  ["cohorts by source", cohortsPath("source"), 16],
  ["cohorts by week", cohortsPath("week"), 12],
  ["revenue by month", "/customers/revenue?group_by=month"],
  ["attribution by source, last touch", "/customers/attribution?group_by=source"],
  ["attribution by campaign, five models", "/customers/attribution?group_by=campaign&compare=first,linear,position,time_decay"],
];

/** The same connection, which adds up how long its inserts take. */
function timing(clickhouse: ClickHouse): ClickHouse & { inserted(): number } {
  let milliseconds = 0;
  return {
    ...clickhouse,
    insert: async (table: string, rows: readonly Tuple[]) => {
      milliseconds += await timed(() => clickhouse.insert(table, rows));
    },
    inserted: () => milliseconds,
  };
}

function openAsk(workspace: Workspace): (path: string) => Promise<string> {
  const app = createApp(workspace);
  return async (path) => {
    const response = await app.handle(new Request(`http://localhost${path}`, { headers: { authorization: `Bearer ${ADMIN_KEY}` } }));
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return (await response.text()).replace(/"computedAt":"[^"]*"/, "");
  };
}

/** How much of the engine's CPU something takes, which depends less on what else the machine does. */
async function cpuOf(chdb: Chdb, work: () => Promise<unknown>): Promise<string> {
  const before = await chdb.cpuMs();
  for (let round = 0; round < ROUNDS; round++) await work();
  return `${Math.round(((await chdb.cpuMs()) - before) / ROUNDS)} ms of CPU`;
}

/** Fills the table from the workspace's database, and measures that and what follows. */
async function measureWith(chdb: Chdb, path: string, size: Size, progress: Progress): Promise<Line[]> {
  const target = readAnalyticsUrl(`${chdb.url}/${DATABASE}`);
  const clickhouse = timing(connectClickHouse(target, { selectMs: 60_000, insertMs: 60_000 }));
  const config = readConfig({ ...settings(path), ANALYTICS_URL: `${chdb.url}/${DATABASE}` });
  const workspace = assembleWorkspace(config, {
    log: silentLog(),
    openShipping: (context) => openShipping(context, { target, clickhouse, hasFallback: false }),
  });
  const { shipping } = workspace;
  if (shipping === undefined) throw new Error("nothing is sent");
  const perMillion = (figure: number) => (figure * MILLION) / size.customers;
  const line = (what: string, unit: Line["unit"], ours: number, most?: number, note?: string) =>
    judge({ part: "analytics", what, unit, ...(note && { note }) }, { ours }, most === undefined ? { of: "none" } : { of: "ours", most });
  const lines: Line[] = [];
  try {
    const idle = await chdb.cpuMs();
    const filled = await timed(async () => {
      shipping.start();
      for (const until = performance.now() + PATIENCE_MS; !shipping.isUsable(); await Bun.sleep(20)) {
        progress("filling ClickHouse", shipping.state().rows, size.customers);
        if (performance.now() > until) throw new Error("the filling takes too long");
      }
    });
    const inserted = perMillion(clickhouse.inserted());
    lines.push(
      line("filling, beside requests, per million customers", "ms", perMillion(filled), undefined, "half of the time is left to requests"),
    );
    lines.push(
      line(
        "loading the rows of a million customers",
        "ms",
        inserted,
        2400,
        `as JSON by HTTP, with attribution: ${Math.round(perMillion((await chdb.cpuMs()) - idle) / 1000)} s of CPU`,
      ),
    );
    await chdb.sql(DATABASE, `OPTIMIZE TABLE ${TABLE} FINAL`);
    const bytes = Number(await chdb.sql(DATABASE, `SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = '${DATABASE}'`));
    lines.push(
      line("size of the table, per million customers", "MB", perMillion(bytes / 1e6), 59, "with attribution, which is nine tenths of it"),
    );

    const [there, here] = [openAsk(workspace), openAsk({ ...workspace, shipping: undefined })];
    for (const [what, path, most] of QUESTIONS) {
      progress(what);
      const wrong = (await there(path)) !== (await here(path));
      const figures = await alternate(
        ROUNDS,
        () => timed(() => there(path)),
        () => timed(() => here(path)),
      );
      const note = wrong ? "wrong" : await cpuOf(chdb, () => there(path));
      const about = { part: "analytics", what, unit: "ms", against: "SQLite's totals", wrong, note } as const;
      lines.push(judge(about, figures, most === undefined ? { of: "none" } : { of: "ours", most }));
    }

    progress("replacing rows");
    const ids = Array.from({ length: REPLACED }, (_, index) => 1 + index * Math.floor(size.customers / REPLACED));
    const read = openReadCustomers(workspace);
    const [made, sent]: [number[], number[]] = [[], []];
    for (let round = 1; round <= ROUNDS; round++) {
      let rows: Tuple[] = [];
      made.push(
        await timed(async () => {
          rows = await read(ids, (seq) => toRev(1, seq + round));
        }),
      );
      sent.push(await timed(() => clickhouse.insert(TABLE, rows)));
    }
    lines.push(line(`making ${REPLACED} rows`, "ms", median(made)));
    const rows = await read(ids, (seq) => toRev(1, seq + ROUNDS + 1));
    lines.push(line(`replacing ${REPLACED} rows`, "ms", median(sent), 6, await cpuOf(chdb, () => clickhouse.insert(TABLE, rows))));
    return lines;
  } finally {
    await workspace.close();
  }
}

export async function measureAnalytics(size: Size, progress: Progress): Promise<Line[]> {
  if (!hasChdb) throw new Error("name the folder where npm has installed chdb in CHDB");
  const path = copyDatabase(await ensureDatabase(size, progress), "analytics");
  const folder = benchPath("analytics-clickhouse");
  rmSync(folder, { recursive: true, force: true });
  const chdb = await startChdb(folder);
  try {
    return await measureWith(chdb, path, size, progress);
  } finally {
    await chdb.stop();
    rmSync(folder, { recursive: true, force: true });
    removeDatabase(path);
  }
}

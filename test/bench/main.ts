// What does `bun run bench [PART …] [--size small|medium|large]` measure? Every line of the table of performance targets.
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { measureAnalytics } from "./analytics.ts";
import { measureBusy } from "./busy.ts";
import { measureChanges } from "./changes.ts";
import { measureDashboard } from "./dashboard.ts";
import { measureExtremes } from "./extremes.ts";
import { measureFreshness } from "./freshness.ts";
import { measureGrowth } from "./growth.ts";
import { measureHttp } from "./http.ts";
import { measureIntake } from "./intake.ts";
import { measureLists } from "./lists.ts";
import type { Line } from "./measure.ts";
import { measureMemory } from "./memory.ts";
import { openProgress, type Progress } from "./progress.ts";
import { measureReports } from "./reports.ts";
import { benchFolder, benchPath, SIZES, type Size } from "./size.ts";
import { toTable, writeJson } from "./table.ts";

type Part = (size: Size, progress: Progress) => Promise<Line[]>;

const PARTS: Readonly<Record<string, Part>> = {
  reports: measureReports,
  growth: measureGrowth,
  http: measureHttp,
  intake: measureIntake,
  freshness: measureFreshness,
  changes: measureChanges,
  lists: measureLists,
  memory: measureMemory,
  busy: measureBusy,
  extremes: measureExtremes,
  dashboard: measureDashboard,
  analytics: measureAnalytics,
};

const HELP = `bun run bench [PART …] [--size small|medium|large]

Measures the targets of performance against their peers, ours and the peer in turn, and prints a table.
PART: ${Object.keys(PARTS).join(", ")} (all of them when none is named)
--size: 100 thousand (small, the default), 1 million (medium) or 10 million entries (large)

Data is made once and kept in $BENCH_DIR (${benchFolder()}).`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { size: { type: "string", default: "small" }, help: { type: "boolean", short: "h", default: false } },
});
const size = SIZES.find(({ name }) => name === values.size);
const unknown = positionals.filter((name) => !(name in PARTS));
if (values.help || !size || unknown.length > 0) {
  console.error(HELP);
  process.exit(values.help ? 0 : 2);
}

const progress = openProgress();
const startedAt = new Date().toISOString();
const lines: Line[] = [];
for (const [name, part] of Object.entries(PARTS)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  progress(`${name}, ${size.name}`);
  try {
    lines.push(...(await part(size, progress)));
  } catch (error) {
    console.error(`\nThe part ${name} failed:`, error);
    process.exitCode = 1;
  }
}
process.stderr.write("\n");
console.log(toTable(lines));
const path = benchPath(`result-${size.name}${positionals.length > 0 ? `-${positionals.join("-")}` : ""}.json`);
writeJson(path, size.name, lines, {
  startedAt,
  endedAt: new Date().toISOString(),
  cpus: cpus().map(({ model }) => model),
  bun: Bun.version,
});
console.log(`\n${lines.filter(({ met }) => met).length} of ${lines.length} met. As JSON: ${path}`);

// Do cold reports stay as fast if the log grows and the number of customers does not?
import { attributionPath } from "./attribution.ts";
import { ensureDatabase, openBench } from "./load.ts";
import { judge, type Line, median, timed } from "./measure.ts";
import type { Progress } from "./progress.ts";
import { cohortsPath, curvesPath, openAsk } from "./reports.ts";
import { revenuePath } from "./revenue.ts";
import { growthSizes, type Size } from "./size.ts";

const ROUNDS = 21;
const REPORTS = {
  ...Object.fromEntries(["week", "month", "source", "campaign"].map((grouping) => [`cohorts by ${grouping}`, cohortsPath(grouping)])),
  ...Object.fromEntries(["day", "week", "month"].map((span) => [`revenue by ${span}`, revenuePath(span)])),
  ...Object.fromEntries(
    (["source", "campaign", "link"] as const).map((key) => [`attribution by ${key}, linear`, attributionPath(key, "linear")]),
  ),
  "ltv-cohorts, calendar": curvesPath("calendar"),
  "ltv-cohorts, elapsed": curvesPath("elapsed"),
};

/** The largest log against the smallest, in turn. The sizes between are in the note. */
export async function measureGrowth(size: Size, progress: Progress): Promise<Line[]> {
  const sizes = growthSizes(size);
  const worlds = [];
  for (const each of sizes) {
    const context = openBench(await ensureDatabase(each, progress));
    worlds.push({ entries: each.entries.toLocaleString("en"), context, ask: openAsk(context) });
  }
  const lines: Line[] = [];
  for (const [what, path] of Object.entries(REPORTS)) {
    progress(`growth, ${what}`);
    const times = worlds.map((): number[] => []);
    for (let round = 0; round <= ROUNDS; round++)
      for (const [index, { ask }] of worlds.entries()) {
        const ms = await timed(() => ask(path));
        if (round > 0) times[index]?.push(ms);
      }
    const medians = times.map(median);
    const note = worlds.map(({ entries }, index) => `${entries}: ${medians[index]?.toFixed(2)} ms`).join(", ");
    const about = {
      part: "growth",
      what: `${what}, cold, customers held`,
      unit: "ms",
      against: `at ${worlds[0]?.entries} entries`,
      note,
    } as const;
    lines.push(judge(about, { ours: medians.at(-1) ?? 0, peer: medians[0] ?? 0 }, { of: "share", most: 1.5 }));
  }
  for (const { context } of worlds) {
    await context.close();
  }
  return lines;
}

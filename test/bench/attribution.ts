// How fast is the attribution of everybody compared with DuckDB, which computes the same credit from the raw entries? The answers are compared first.
import { type Duck, type DuckCredit, KEYS, type KeyKind, WEIGHTS, type WeightKind } from "./duck.ts";
import { alternate, judge, type Line, timed } from "./measure.ts";
import type { Progress } from "./progress.ts";

/** The window of the workspace, from which totals are kept, and another one. */
const [WINDOW, OTHER_WINDOW] = [30, 45];
const MOST_MS = 150;

interface Range {
  readonly start: string;
  readonly end: string;
}
/** Whole days: a month, and thirty days that begin and end within months. `end` is the day after. */
const RANGES: Readonly<Record<string, Range | undefined>> = {
  "all time": undefined,
  "a month": { start: "2024-03-01", end: "2024-04-01" },
  "30 days": { start: "2024-10-12", end: "2024-11-11" },
};

export const attributionPath = (key: string, model: string, range?: Range, windowDays = WINDOW) =>
  `/customers/attribution?group_by=${key}&model=${model}&limit=1000&window_days=${windowDays}${range ? `&start=${range.start}T00:00:00Z&end=${range.end}T00:00:00Z` : ""}`;

interface OurRow {
  readonly key: string;
  readonly touches: number;
  readonly customers: number;
  readonly sales: number;
  readonly revenue: number;
}

function isSame(ours: unknown, theirs: readonly DuckCredit[]): boolean {
  const told = (ours as { rows: OurRow[] }).rows.map(({ key, touches, customers, sales, revenue }) =>
    [key, touches, customers, Math.round(sales * 10_000), Math.round(revenue * 100)].join(" "),
  );
  const computed = theirs.map(({ key, touches, customers, sales, minor }) => [key, touches, customers, sales, minor].join(" "));
  return told.sort().join() === computed.sort().join();
}

/**
 * Everybody's attribution by each key under three models, over all time, a month and thirty days, and once with another window. `roundsOfAll`:
 * how often all time is measured, which takes the peer up to a minute.
 */
export async function attributionLines(
  ask: (path: string) => Promise<unknown>,
  duck: Duck,
  rounds: number,
  roundsOfAll: number,
  progress: Progress,
): Promise<Line[]> {
  const lines: Line[] = [];
  let slowest = 0;
  async function measure(key: KeyKind, weight: WeightKind, how: string, range: Range | undefined, windowDays: number): Promise<void> {
    const what = `attribution by ${key}, ${weight}, ${how}, cold`;
    progress(what);
    const path = attributionPath(key, weight, range, windowDays);
    const wrong = !isSame(await ask(path), await duck.attribution(key, weight, windowDays, range));
    const figures = await alternate(
      range ? rounds : Math.min(rounds, roundsOfAll),
      () => timed(() => ask(path)),
      () => timed(() => duck.attribution(key, weight, windowDays, range)),
      false, // the comparison was the round that does not count
    );
    const about = { part: "reports", what, unit: "ms", against: "DuckDB", wrong, ...(wrong && { note: "the answers differ" }) } as const;
    if (windowDays !== WINDOW) lines.push(judge(about, figures, { of: "share", most: 1.5 }));
    else {
      lines.push(judge(about, figures, { of: "faster", least: 25 }));
      slowest = Math.max(slowest, figures.ours);
    }
  }
  for (const key of Object.keys(KEYS) as KeyKind[])
    for (const weight of Object.keys(WEIGHTS) as WeightKind[])
      for (const [how, range] of Object.entries(RANGES)) await measure(key, weight, how, range, WINDOW);
  const about = { part: "reports", what: "the slowest of these attributions", unit: "ms" } as const;
  lines.push(judge(about, { ours: slowest }, { of: "ours", most: MOST_MS }));
  await measure("source", "linear", `a window of ${OTHER_WINDOW} days`, undefined, OTHER_WINDOW);
  return lines;
}

// How soon does somebody see the overview of the demo, after the page was asked for and after a start?
import { openBrowser, openVisit } from "../slow/dashboard.ts";
import { ADMIN_KEY } from "./load.ts";
import { judge, type Line, median } from "./measure.ts";
import { removeDatabase, runOurs, startOurs } from "./program.ts";
import type { Progress } from "./progress.ts";
import { benchPath, type Size } from "./size.ts";

const ROUNDS = 7;

/** Notes when the first figure is in the page. The clock begins when the page is asked for. */
const NOTE_FIGURES = `new MutationObserver((_, observer) => {
  if (!document.querySelector("[data-figure]")) return;
  window.figuresAt = performance.now();
  observer.disconnect();
}).observe(document, { childList: true, subtree: true });`;

interface Seen {
  readonly paint: number;
  readonly figures: number;
}

/** Opens the overview in a new window, which has nothing of it yet. */
async function look(browser: Awaited<ReturnType<typeof openBrowser>>, url: string): Promise<Seen> {
  const visit = await openVisit(browser, url, ADMIN_KEY);
  await visit.page.addInitScript(NOTE_FIGURES);
  await visit.show("/");
  const seen = await visit.page.evaluate<Seen>(
    `({ paint: performance.getEntriesByName("first-contentful-paint")[0].startTime, figures: window.figuresAt })`,
  );
  await visit.close();
  return seen;
}

export async function measureDashboard(_: Size, progress: Progress): Promise<Line[]> {
  const path = benchPath("dashboard.db");
  removeDatabase(path);
  progress("filling the demo");
  await runOurs(path, ["demo"]);
  const browser = await openBrowser();
  const server = await startOurs(path);
  try {
    progress("opening the overview");
    const first = await look(browser, server.url);
    const seen: Seen[] = [];
    for (let round = 0; round < ROUNDS; round++) seen.push(await look(browser, server.url));
    const line = (what: string, ours: number, most?: number) =>
      judge({ part: "dashboard", what, unit: "ms" }, { ours }, most === undefined ? { of: "none" } : { of: "ours", most });
    return [
      line("first paint of the overview", median(seen.map(({ paint }) => paint)), 300),
      line("first figures of the overview", median(seen.map(({ figures }) => figures))),
      line("first paint after a start", first.paint),
      line("first figures after a start", first.figures),
    ];
  } finally {
    await browser.close();
    await server.stop();
    removeDatabase(path);
  }
}

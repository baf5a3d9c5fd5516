// Does every screen work on a full and on an empty database, in both schemes, narrow and wide, for everybody, and without another host?
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import type { Browser } from "playwright-core";
import { FROM_SOURCE, type Running, run, start } from "../program.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { CHROMIUM } from "./browser.ts";
import { type Look, openBrowser, openVisit } from "./dashboard.ts";

const NEEDED = process.env.NO_SKIP !== undefined;
if (CHROMIUM === undefined && !NEEDED) console.warn("Skipped: Chromium was not found.");

/** Pictures to look at. */
const PICTURES = process.env.PICTURES_DIR ?? `${temporaryFolder()}/pictures`;

const SCREENS = {
  overview: "/",
  cohorts: "/app/cohorts",
  sources: "/app/cohorts?group=source&range=all",
  ltv: "/app/ltv?cost=22",
  retention: "/app/ltv?show=retention&period=elapsed",
  customers: "/app/customers",
  customer: "/app/customers/ext_user_42",
  attribution: "/app/attribution?group=campaign",
  data: "/app/data",
};
const LOOKS: readonly Look[] = [
  { width: 1280, scheme: "light" },
  { width: 1280, scheme: "dark" },
  { width: 360, scheme: "light" },
  { width: 360, scheme: "dark" },
];

let browser: Browser | undefined;
const servers: Running[] = [];

async function serve(isFull: boolean): Promise<Running> {
  const directory = temporaryFolder();
  if (isFull) {
    const filled = await run([...FROM_SOURCE, "demo"], directory);
    expect([filled.code, filled.code === 0 ? "" : filled.err]).toEqual([0, ""]);
  }
  const server = await start(FROM_SOURCE, directory);
  servers.push(server);
  return server;
}

/** Shows screens one after the other, and gives everything that is wrong with them. */
async function faultsOf(server: Running, look: Look, screens: Readonly<Record<string, string>>, kind: string): Promise<string[]> {
  if (!browser) throw new Error("There is no browser.");
  const visit = await openVisit(browser, server.url, server.key, look);
  const faults: string[] = [];
  for (const [name, path] of Object.entries(screens)) {
    await visit.show(path);
    const sideways = await visit.page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
    const found = await visit.findFaults();
    const wrong = await visit.page.evaluate<string[]>(
      `document.body.innerText.match(/\\b(?:NaN|null|undefined|Infinity)\\b|-0\\b/g) ?? []`,
    );
    await visit.page.screenshot({ path: `${PICTURES}/${kind}-${name}-${look.width}-${look.scheme}.png`, fullPage: true });
    faults.push(...[...found, ...wrong, ...(sideways > 0 ? [`sideways by ${sideways}`] : [])].map((fault) => `${name}: ${fault}`));
  }
  faults.push(...visit.complaints, ...visit.strangers);
  await visit.close();
  return faults;
}

describe.skipIf(CHROMIUM === undefined && !NEEDED)("the dashboard", () => {
  let full: Running;
  let empty: Running;
  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    [browser, full, empty] = await Promise.all([openBrowser(), serve(true), serve(false)]);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await Promise.all(servers.map((server) => server.stop()));
  });

  test.each(LOOKS)(
    "on the demo: %p",
    async (look) => {
      expect(await faultsOf(full, look, SCREENS, "demo")).toEqual([]);
    },
    120_000,
  );

  test.each(LOOKS.filter(({ width, scheme }) => (width === 1280) === (scheme === "light")))(
    "on an empty database: %p",
    async (look) => {
      const { customer: _, ...screens } = SCREENS;
      expect(await faultsOf(empty, look, screens, "empty")).toEqual([]);
    },
    120_000,
  );

  test("with fewer colours, less motion, and at 4K", async () => {
    const { overview, ltv, customers } = SCREENS;
    expect(await faultsOf(full, { forcedColors: true, reducedMotion: true }, { overview, ltv }, "forced")).toEqual([]);
    expect(await faultsOf(full, { width: 3840, height: 2160 }, { overview, customers }, "wide")).toEqual([]);
  }, 60_000);

  test("somebody without a key sees how to sign in", async () => {
    if (!browser) throw new Error("There is no browser.");
    const visit = await openVisit(browser, full.url, undefined);
    await visit.show("/app/cohorts");
    expect(await visit.page.locator("h1").textContent()).toBe("Sign in");
    expect(await visit.findFaults()).toEqual([]);
    // The browser reports the 401 that says so; there is nothing else.
    expect(visit.complaints.filter((complaint) => !complaint.includes("401"))).toEqual([]);
    await visit.close();
  }, 60_000);

  test("control: a violation of the policy, an exception, another host and a fault for axe are noticed", async () => {
    if (!browser) throw new Error("There is no browser.");
    const visit = await openVisit(browser, full.url, full.key);
    await visit.show("/app/cohorts");
    await visit.page.evaluate(`(() => {
      const script = document.createElement("script");
      const image = document.createElement("img");
      try { script.textContent = "window.isRun = true"; } catch { /* trusted types */ }
      document.body.append(script, image);
      image.src = "https://elsewhere.example/a.png";
      setTimeout(() => { throw new Error("thrown"); });
    })()`);
    await Bun.sleep(300);
    expect(await visit.page.evaluate("window.isRun")).toBeUndefined();
    expect(visit.complaints.some((complaint) => /Content Security Policy|TrustedScript/.test(complaint))).toBe(true);
    expect(visit.complaints.some((complaint) => complaint.includes("thrown"))).toBe(true);
    expect((await visit.findFaults()).some((fault) => fault.startsWith("image-alt"))).toBe(true);
    await visit.close();
  }, 60_000);
});

// `bun run pictures`: what does the dashboard look like? Small pictures of its screens on the demo, for the README.
import { mkdirSync } from "node:fs";
import { FROM_SOURCE, run, start } from "../program.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { type Look, openBrowser, openVisit } from "./dashboard.ts";

const FOLDER = `${import.meta.dir}/../../.github/pictures`;
/** The demo is the same every time. */
const SETTINGS = { CLOCK: "2026-11-15T12:00:00Z" };

const WIDE: Look = { width: 1120, height: 760 };
const PICTURES: Readonly<Record<string, { readonly path: string; readonly look: Look }>> = {
  overview: { path: "/", look: WIDE },
  "overview-dark": { path: "/", look: { ...WIDE, scheme: "dark" } },
  cohorts: { path: "/app/cohorts", look: WIDE },
  ltv: { path: "/app/ltv?cost=22", look: { ...WIDE, height: 900 } },
  customers: { path: "/app/customers?paying=true", look: WIDE },
  customer: { path: "/app/customers/ext_user_1569", look: { ...WIDE, height: 900 } },
  attribution: { path: "/app/attribution", look: WIDE },
  narrow: { path: "/app/ltv?cost=22", look: { width: 390, height: 844, scheme: "dark" } },
};

mkdirSync(FOLDER, { recursive: true });
const directory = temporaryFolder();
const filled = await run([...FROM_SOURCE, "demo"], directory, SETTINGS);
if (filled.code !== 0) throw new Error(filled.err);
const [browser, server] = await Promise.all([openBrowser(), start(FROM_SOURCE, directory, SETTINGS)]);
try {
  for (const [name, { path, look }] of Object.entries(PICTURES)) {
    const visit = await openVisit(browser, server.url, server.key, look);
    await visit.show(path);
    if (name === "customer") await visit.page.locator(".entry").first().waitFor();
    await visit.page.screenshot({ path: `${FOLDER}/${name}.png` });
    await visit.close();
    console.log(`.github/pictures/${name}.png`);
  }
} finally {
  await browser.close();
  await server.stop();
}

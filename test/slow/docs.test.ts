// Can somebody try every report out in Swagger UI, in a browser that has no network?

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { FROM_SOURCE, type Running, run, start } from "../program.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { CHROMIUM, openPage, type Page } from "./browser.ts";

const NEEDED = process.env.NO_SKIP !== undefined;
if (CHROMIUM === undefined && !NEEDED) console.warn("Skipped: Chromium was not found.");

const directory = temporaryFolder();
let running: Running | undefined;
let page: Page | undefined;

/** The page's parts of one operation; Swagger UI names its block after tag and operation. */
const block = (method: string, path: string) =>
  `[...document.querySelectorAll(".opblock-${method}")].find((each) => each.querySelector(".opblock-summary-path").dataset.path === ${JSON.stringify(path)})`;

/** Sets a field as typing would, for React to notice. */
const TYPE = `(field, text) => {
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, text);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
  field.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
}`;

/** Opens an operation, fills its parameters, executes it, and answers what is then shown: status and body. */
async function tryOut(
  path: string,
  parameters: Readonly<Record<string, string>> = {},
  method = "get",
): Promise<{ status: number; body: unknown }> {
  if (!page) throw new Error("There is no page.");
  const operation = block(method, path);
  await page.until(operation);
  await page.evaluate(`${operation}.querySelector(".opblock-summary-control").click()`);
  await page.until(`${operation}.querySelector(".try-out__btn")`);
  await page.evaluate(`void (${operation}.querySelector(".execute") ?? ${operation}.querySelector(".try-out__btn").click())`);
  await page.until(`${operation}.querySelector(".execute")`);
  for (const [name, value] of Object.entries(parameters)) {
    const field = `${operation}.querySelector('tr[data-param-name="${name}"] :is(input, select)')`;
    await page.until(field);
    await page.evaluate(`(${TYPE})(${field}, ${JSON.stringify(value)})`);
  }
  // Swagger UI takes typed text over after a moment's rest.
  await Bun.sleep(500);
  await page.evaluate(`${operation}.querySelector(".execute").click()`);
  const status = await page.until<string>(`${operation}.querySelector(".live-responses-table tbody .response-col_status")?.innerText`);
  // Long answers are shown shortened or highlighted in pieces; the text is whole.
  const text = await page.evaluate<string>(
    `${operation}.querySelector(".live-responses-table tbody .response-col_description pre")?.innerText ?? ""`,
  );
  await page.evaluate(`${operation}.querySelector(".btn-clear").click()`);
  await page.evaluate(`${operation}.querySelector(".opblock-summary-control").click()`);
  return { status: Number.parseInt(status, 10), body: JSON.parse(text) };
}

describe.skipIf(CHROMIUM === undefined && !NEEDED)("Swagger UI on the demo, without a network", () => {
  beforeAll(async () => {
    const filled = await run([...FROM_SOURCE, "demo"], directory);
    expect([filled.code, filled.code === 0 ? "" : filled.err]).toEqual([0, ""]);
    running = await start(FROM_SOURCE, directory);
    page = await openPage(`${running.url}/docs`);
  }, 120_000);
  afterAll(async () => {
    await page?.close();
    await running?.stop();
  });

  test("opens and takes the key", async () => {
    await page?.until(`document.querySelector(".btn.authorize")`);
    await page?.evaluate(`document.querySelector(".btn.authorize").click()`);
    await page?.until(`document.querySelector(".auth-container input")`);
    await page?.evaluate(`(${TYPE})(document.querySelector(".auth-container input"), ${JSON.stringify(running?.key)})`);
    await page?.evaluate(`document.querySelector(".auth-container .authorize").click()`);
    await page?.until(
      `document.querySelector(".auth-container")?.innerText.includes("Authorized") || document.querySelector(".auth-container .btn-done")`,
    );
    await page?.evaluate(`document.querySelector(".auth-btn-wrapper .btn-done").click()`);
  });

  test("shows customers and their number", async () => {
    expect(await tryOut("/customers", { limit: "3" })).toMatchObject({
      status: 200,
      body: { success: true, pagination: { total: 2000, limit: 3 } },
    });
    expect(await tryOut("/customers/count")).toMatchObject({ status: 200, body: { data: { count: 2000 } } });
  });

  test("fills its forms with the defaults", async () => {
    expect(await tryOut("/customers/cohorts")).toMatchObject({ status: 200, body: { data: { groupBy: "week" } } });
    expect(await tryOut("/customers/ltv-cohorts")).toMatchObject({ status: 200, body: { data: { months: 12, period: "calendar" } } });
    expect(await tryOut("/customers/attribution")).toMatchObject({ status: 200, body: { data: { groupBy: "source", model: "last" } } });
  });

  test("shows one customer, their journey and what earned them", async () => {
    const [buyer] = await mostValuable();
    const id = `ext_${buyer?.externalId}`;
    expect(await tryOut("/customers/{id}", { id })).toMatchObject({
      status: 200,
      body: { data: { externalId: buyer?.externalId, ltv: buyer?.ltv } },
    });
    expect(await tryOut("/customers/{id}/journey", { id })).toMatchObject({
      status: 200,
      body: { data: { summary: { revenue: buyer?.ltv } } },
    });
    const { status, body } = await tryOut("/customers/{id}/attribution", { id, model: "linear" });
    const { data } = body as { data: { revenue: number; sources: { revenue: number }[] } };
    expect([status, data.revenue]).toEqual([200, buyer?.ltv ?? 0]);
    expect(data.sources.reduce((sum, each) => sum + Math.round(each.revenue * 100), 0)).toBe(Math.round(data.revenue * 100));
  });

  test("shows cohorts in which every customer is once", async () => {
    for (const grouping of ["week", "month", "source", "campaign"]) {
      const { status, body } = await tryOut("/customers/cohorts", { group_by: grouping });
      const { data } = body as { data: { cohorts: { customers: number }[]; totals: { customers: number; revenue: number } } };
      expect([status, data.totals.customers]).toEqual([200, 2000]);
      expect(data.cohorts.reduce((sum, each) => sum + each.customers, 0)).toBe(2000);
      expect(data.totals.revenue).toBeGreaterThan(0);
    }
  });

  test("shows LTV curves that rise", async () => {
    for (const period of ["calendar", "elapsed"]) {
      const { status, body } = await tryOut("/customers/ltv-cohorts", { months: "12", end: new Date().toISOString().slice(0, 7), period });
      const { data } = body as { data: { cohorts: { customers: number }[]; average: { ltv: number | null }[] } };
      expect([status, data.cohorts.length]).toEqual([200, 12]);
      expect(data.average[6]?.ltv ?? 0).toBeGreaterThan(data.average[0]?.ltv ?? 0);
    }
  });

  test("shows every other GET", async () => {
    expect(await tryOut("/rates", { currency: "EUR" })).toMatchObject({ status: 200, body: { success: true } });
    expect(await tryOut("/healthz")).toMatchObject({ status: 200 });
    expect(await tryOut("/readyz")).toMatchObject({ status: 200 });
    expect(await tryOut("/conversions/postback", { lw_cid: "click-visitor-1-1", amount: "12.50", orderId: "from-docs" })).toMatchObject({
      status: 200,
    });
    expect(await tryOut("/conversions/s2s", { click_id: "click-visitor-1-1", event: "signup" })).toMatchObject({ status: 200 });
  });

  test("records the sale of the example, and again as a duplicate", async () => {
    expect(await tryOut("/events", {}, "post")).toMatchObject({ status: 201, body: { data: { type: "sale", duplicate: false } } });
    expect(await tryOut("/events", {}, "post")).toMatchObject({ status: 200, body: { data: { duplicate: true } } });
  });

  test("asked no other host for anything, and complained of nothing", () => {
    expect(
      page?.requests.filter((url) => !url.startsWith(`${running?.url}/`) && !url.startsWith("data:") && url !== "about:blank"),
    ).toEqual([]);
    expect(page?.requests.length).toBeGreaterThan(10);
    expect(page?.complaints).toEqual([]);
  });
});

/** The demo's customers by LTV, through the command line. */
async function mostValuable(): Promise<{ externalId: string; ltv: number }[]> {
  const { out } = await run([...FROM_SOURCE, "export", "customers"], directory);
  const customers = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { externalId: string; ltv: number });
  return customers.toSorted((a, b) => b.ltv - a.ltv);
}

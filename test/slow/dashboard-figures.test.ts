// Is every figure on the screens the API's, cell by cell, and written as the formats say?
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { count, money, percent } from "../../src/dashboard/page/format.ts";
import { FROM_SOURCE, type Running, run, start } from "../program.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { CHROMIUM } from "./browser.ts";
import { openBrowser, openVisit, type Visit } from "./dashboard.ts";

const NEEDED = process.env.NO_SKIP !== undefined;
const RANGE = "range=2026-01-01..2026-10-31";
const START_END = "start=2026-01-01&end=2026-10-31";

interface Cell {
  readonly value: string | null;
  readonly text: string;
}

/** The cells of a table's body and foot, row by row, without bars. */
const CELLS = (selector: string) => `[...document.querySelectorAll('${selector} :is(tbody, tfoot) tr')].map((row) =>
  [...row.cells].filter((cell) => !cell.classList.contains("bar")).map((cell) => ({ value: cell.getAttribute("data-value"), text: cell.textContent.trim() })))`;

describe.skipIf(CHROMIUM === undefined && !NEEDED)("the dashboard's figures", () => {
  let browser: Browser;
  let server: Running;
  let visit: Visit;
  beforeAll(async () => {
    const directory = temporaryFolder();
    // A clock of its own, so that the demo is the same every time.
    const settings = { CLOCK: "2026-11-15T12:00:00Z" };
    const filled = await run([...FROM_SOURCE, "demo"], directory, settings);
    expect(filled.code).toBe(0);
    [browser, server] = await Promise.all([openBrowser(), start(FROM_SOURCE, directory, settings)]);
    visit = await openVisit(browser, server.url, server.key);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const cellsOf = async (path: string, selector = "main table"): Promise<Cell[][]> => {
    await visit.show(path);
    return visit.page.evaluate<Cell[][]>(CELLS(selector));
  };
  const ask = async <Data>(path: string): Promise<Data> => ((await server.call("GET", path)).body as { data: Data }).data;
  const values = (rows: readonly (readonly Cell[])[]) => rows.map((row) => row.map(({ value }) => value));
  const said = (value: unknown) => (value === null || value === undefined ? "" : String(value));

  type Figures = Record<string, number | null>;

  test.each(["week", "month", "source", "campaign"])(
    "of cohorts by %s",
    async (grouping) => {
      const fields = [
        "customers",
        "leads",
        "payingCustomers",
        "conversionRate",
        "sales",
        "grossRevenue",
        "refunds",
        "revenue",
        "averageOrderValue",
        "ltv",
        "revenuePerPayingCustomer",
        "repeatCustomers",
        "repeatRate",
      ];
      const shown = await cellsOf(`/app/cohorts?group=${grouping}&${RANGE}&columns=${fields.join(",")}&sort=cohort&dir=asc`);
      const data = await ask<{ cohorts: (Figures & { cohort: string })[]; totals: Figures }>(
        `/customers/cohorts?group_by=${grouping}&${START_END}`,
      );
      const rows = data.cohorts
        .toSorted((a, b) => (a.cohort < b.cohort ? -1 : 1))
        .map((row) => [row.cohort, ...fields.map((field) => said(row[field]))]);
      expect(rows.length).toBeGreaterThan(5);
      expect(values(shown)).toEqual([...rows, [null as unknown as string, ...fields.map((field) => said(data.totals[field]))]]);
      const [first] = shown;
      const source = data.cohorts.toSorted((a, b) => (a.cohort < b.cohort ? -1 : 1))[0];
      expect(first?.[1]?.text).toBe(count(source?.customers));
      expect(first?.[4]?.text).toBe(percent(source?.conversionRate));
      expect(first?.[10]?.text).toBe(money(source?.ltv, "USD"));
    },
    60_000,
  );

  test.each(["calendar", "elapsed"])(
    "of the curves, %s",
    async (period) => {
      const data = await ask<{ cohorts: { cohort: string; customers: number; periods: Figures[] }[]; average: Figures[] }>(
        `/customers/ltv-cohorts?months=10&end=2026-10&period=${period}`,
      );
      const figures = { ltv: "ltv", cumulative: "cumulativeRevenue", revenue: "revenue", retention: "retention" };
      for (const [shown, field] of Object.entries(figures)) {
        const rows = values(await cellsOf(`/app/ltv?${RANGE}&period=${period}&show=${shown}`));
        const wanted = data.cohorts.map(({ cohort, periods }) => [cohort, ...periods.map((cell) => said(cell[field]))]);
        expect([shown, rows.slice(0, wanted.length)]).toEqual([shown, wanted]);
        if (shown === "ltv") expect(rows.at(-1)?.slice(1)).toEqual(data.average.map(({ ltv }) => said(ltv)));
      }
    },
    60_000,
  );

  test.each(["source", "campaign", "link"])(
    "of the attribution by %s, whose columns add up",
    async (grouping) => {
      const shown = values(await cellsOf(`/app/attribution?group=${grouping}&${RANGE}&sort=key&dir=asc`));
      const models = ["first", "last", "linear", "position", "time_decay"];
      type Credit = { revenue: number };
      const data = await ask<{
        rows: { key: string; touches: number; revenue: number; compare: Record<string, Credit> }[];
        totals: Figures;
      }>(`/customers/attribution?group_by=${grouping}&model=last&compare=first,linear,position,time_decay&${START_END}`);
      const wanted = data.rows
        .toSorted((a, b) => (a.key < b.key ? -1 : 1))
        .map((row) => [
          row.key,
          said(row.touches),
          ...models.map((model) => said(model === "last" ? row.revenue : row.compare[model]?.revenue)),
        ]);
      expect(shown.slice(0, -1)).toEqual(wanted);
      const total = Math.round(Number(data.totals.revenue) * 100);
      for (const [index] of models.entries()) {
        expect(shown.slice(0, -1).reduce((sum, row) => sum + Math.round(Number(row[index + 2]) * 100), 0)).toBe(total);
        expect(shown.at(-1)?.[index + 2]).toBe(said(data.totals.revenue));
      }
    },
    60_000,
  );

  test("of the overview, and of the range before", async () => {
    await visit.show(`/?${RANGE}`);
    const data = await ask<{ totals: Figures; periods: (Figures & { period: string })[] }>(
      `/customers/revenue?group_by=month&${START_END}`,
    );
    const sales = await ask<{ totals: Figures }>(`/customers/attribution?${START_END}`);
    const { totals } = data;
    const shown = await visit.page.evaluate<Record<string, string>>(
      `Object.fromEntries([...document.querySelectorAll("[data-figure]")].map((each) => [each.dataset.figure, each.dataset.value]))`,
    );
    expect(shown).toEqual({
      Revenue: said(totals.revenue),
      "New customers": said(totals.newCustomers),
      "Paying customers": said(sales.totals.customers),
      "Repeat share": said(Number(totals.repeatRevenue) / Number(totals.grossRevenue)),
      "Average order": said(totals.averageOrderValue),
    });
    await visit.page.locator(".as-table > summary").click();
    const fields = [
      "newCustomers",
      "newPayingCustomers",
      "sales",
      "firstSaleRevenue",
      "repeatRevenue",
      "grossRevenue",
      "refunds",
      "revenue",
    ];
    const rows = values(await visit.page.evaluate<Cell[][]>(CELLS(".as-table table")));
    expect(rows.slice(0, -1)).toEqual(data.periods.map((row) => [row.period, ...fields.map((field) => said(row[field]))]));
    expect(rows.at(-1)?.slice(1)).toEqual(fields.map((field) => said(totals[field])));
    const bars = await visit.page.locator(".chart rect.repeat").count();
    expect(bars).toBe(data.periods.length + 1); // and the pattern of stripes
    expect(await visit.page.locator('[data-figure="Paying customers"] a').count()).toBe(0); // the API has no list of this range

    const sources = values(await visit.page.evaluate<Cell[][]>(CELLS("section[aria-labelledby=earners-source] table")));
    const credit = await ask<{ rows: { key: string; revenue: number }[] }>(`/customers/attribution?group_by=source&${START_END}`);
    const cohorts = await ask<{ cohorts: (Figures & { cohort: string })[] }>(`/customers/cohorts?group_by=source&${START_END}`);
    const wanted = credit.rows.slice(0, 8).map(({ key, revenue }) => {
      const cohort = cohorts.cohorts.find((each) => each.cohort === key);
      return [key, said(revenue), said(cohort?.customers), said(cohort?.conversionRate), said(cohort?.ltv)];
    });
    expect(sources).toEqual(wanted);
  }, 60_000);

  test("of the customers, found, filtered, sorted, and page after page", async () => {
    type Customer = { id: string; name: string; sales: number; ltv: number; source: string };
    for (const [query, asked] of [
      ["range=all", "sortBy=ltv&sortOrder=desc"],
      ["range=all&source=newsletter&paying=true&sortBy=sales", "source=newsletter&paying=true&sortBy=sales&sortOrder=desc"],
      [
        "range=2026-03-01..2026-03-31&minSales=2",
        "firstTouchAfter=2026-03-01&firstTouchBefore=2026-04-01&minSales=2&sortBy=ltv&sortOrder=desc",
      ],
      ["range=all&search=customer4&sortBy=firstTouchAt&sortOrder=asc", "search=customer4&sortBy=firstTouchAt&sortOrder=asc"],
    ] as const) {
      const shown = values(await cellsOf(`/app/customers?${query}`));
      const data = await ask<Customer[]>(`/customers?limit=50&${asked}`);
      expect([query, shown.map((row) => [row[0], row[5], row[7]])]).toEqual([
        query,
        data.map(({ name, sales, ltv }) => [name, said(sales), said(ltv)]),
      ]);
    }
    await visit.show("/app/customers?range=all");
    const before = await visit.page.locator("tbody th").first().getAttribute("data-value");
    await visit.page.getByRole("button", { name: "Next page" }).click();
    await visit.page.waitForURL(/cursor=/);
    await expectEventually(async () => (await visit.page.locator("tbody th").first().getAttribute("data-value")) !== before);
    await visit.page.goBack();
    await expectEventually(async () => (await visit.page.locator("tbody th").first().getAttribute("data-value")) === before);
  }, 60_000);

  test("of the people behind a row and a cell: the list has as many as the figure says", async () => {
    await visit.show(`/app/cohorts?group=source&${RANGE}`);
    const row = visit.page.locator("tbody tr", { hasText: "newsletter" });
    const customers = await row.locator("td").first().textContent();
    await row.locator("a").first().click();
    await visit.page.locator("h1", { hasText: "Customers" }).waitFor();
    await expectEventually(async () => (await visit.page.locator(".intro").textContent())?.startsWith(`${customers} of `) ?? false);

    await visit.show(`/app/ltv?${RANGE}&show=paying`);
    const cell = visit.page.locator("tbody tr").nth(2).locator("a.cell").nth(3);
    const data = await ask<{ cohorts: { periods: { payingCustomers: number }[] }[] }>("/customers/ltv-cohorts?months=10&end=2026-10");
    await cell.click();
    await visit.page.locator("h1", { hasText: "Customers" }).waitFor();
    const paying = data.cohorts[2]?.periods[3]?.payingCustomers;
    await expectEventually(async () => (await visit.page.locator(".intro").textContent())?.startsWith(`${paying} of `) ?? false);
  }, 60_000);

  test.each(["this-month", "last-month", "90d", "12m", "all"])(
    "of the paying customers of a range (%s): the list has as many as the figure says",
    async (range) => {
      await visit.show(`/?range=${range}`);
      const figure = visit.page.locator('[data-figure="Paying customers"]');
      const paying = await figure.locator("a").textContent();
      expect(Number(await figure.getAttribute("data-value"))).toBeGreaterThan(10);
      await figure.locator("a").click();
      await visit.page.locator("h1", { hasText: "Customers" }).waitFor();
      await expectEventually(async () => (await visit.page.locator(".intro").textContent())?.startsWith(`${paying} of `) ?? false);
    },
    60_000,
  );

  test("of one customer", async () => {
    const [best] = await ask<{ id: string; ltv: number; sales: number }[]>("/customers?limit=1&sortBy=ltv");
    await visit.show(`/app/customers/${best?.id}`);
    await visit.page.locator(".entry").first().waitFor();
    expect(await visit.page.locator("[data-figure=ltv]").textContent()).toBe(money(best?.ltv, "USD"));
    expect(await visit.page.locator("[data-figure=sales]").textContent()).toBe(count(best?.sales));
    const sums = await visit.page.locator(".entry .sum .soft").allTextContents();
    expect(sums.find((text) => text !== "")).toBe(money(best?.ltv, "USD"));
    for (const model of ["first", "linear"]) {
      const data = await ask<{ sources: { key: string; sales: number; revenue: number }[]; revenue: number }>(
        `/customers/${best?.id}/attribution?model=${model}`,
      );
      const shown = values(await cellsOf(`/app/customers/${best?.id}?model=${model}`, "section[aria-labelledby=credit] table"));
      expect(shown.slice(0, -1)).toEqual(
        data.sources.map(({ key, sales, revenue }) => [key, said(sales), said(revenue)].with(0, null as unknown as string)),
      );
      expect(shown.at(-1)?.[2]).toBe(said(data.revenue));
    }
  }, 60_000);
});

/** Waits for something that the page does by itself. */
async function expectEventually(isTrue: () => Promise<boolean>): Promise<void> {
  for (const until = performance.now() + 10_000; !(await isTrue()); await Bun.sleep(25))
    if (performance.now() > until) throw new Error(`This did not come true: ${isTrue}`);
}

// Can a file be looked at, imported and taken back from the dashboard, with the numbers that the API says?
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import type { DataOf } from "../../src/dashboard/page/answers.ts";
import { FROM_SOURCE, type Running, run, start } from "../program.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { waitUntil } from "../wait-until.ts";
import { CHROMIUM } from "./browser.ts";
import { openBrowser, openVisit } from "./dashboard.ts";

type Import = DataOf<"/imports/{id}">;

const NEEDED = process.env.NO_SKIP !== undefined;
const LOOKS = [
  { width: 1280, scheme: "light" },
  { width: 390, scheme: "dark" },
] as const;

/** 60 orders of 9 customers, two of them in another currency, and a line without a value. */
const ORDERS = [
  "Order,Total,Who,When,Currency",
  ...Array.from(
    { length: 60 },
    (_, n) => `A-${n},${10 + (n % 7)}.50,u${n % 9},2026-01-0${1 + (n % 9)}T00:00:00Z,${n % 50 === 0 ? "EUR" : "USD"}`,
  ),
  "A-99,nothing,u1,2026-01-01T00:00:00Z,USD",
].join("\n");
const MAP = "orderId=Order,value=Total,externalId=Who,timestamp=When,currency=Currency";

describe.skipIf(CHROMIUM === undefined && !NEEDED)("files in the dashboard", () => {
  let browser: Browser;
  const directory = temporaryFolder();
  const path = join(directory, "orders.csv");
  beforeAll(async () => {
    browser = await openBrowser();
    await Bun.write(path, ORDERS);
  }, 120_000);
  afterAll(() => browser?.close());

  const imports = async (server: Running) => ((await server.call("GET", "/imports")).body as { data: Import[] }).data;

  test.each(LOOKS)(
    "a file is checked, imported on the first run, and taken back on the data screen: %p",
    async (look) => {
      const folder = temporaryFolder();
      const server = await start(FROM_SOURCE, folder, { SNAPSHOT_TTL: "0" });
      const { page, show, findFaults, complaints, close } = await openVisit(browser, server.url, server.key, look);
      const enter = async (key = "") => {
        await page.locator("dialog input").fill(key);
        await page.locator("dialog button[type=submit]").click();
      };
      await show("/");
      await page.setInputFiles("input[type=file]", path);
      await page.locator("#import-map").fill(MAP);
      await page.getByRole("button", { name: "Check the file" }).click();
      const reader = await run([...FROM_SOURCE, "keys", "create", "--scope", "analytics:read"], folder);
      await enter(reader.out.trim());
      await page.locator("dialog .error", { hasText: "conversions:write" }).waitFor();
      expect(await imports(server)).toEqual([]);
      await enter(server.key);
      await page.getByText("Nothing is written yet. The file would bring:").waitFor();
      const [checked] = await imports(server);
      expect(checked).toMatchObject({ state: "checked", recorded: 60, refused: 1, found: { newCustomers: 9, knownCustomers: 0 } });
      const field = (name: string) => page.locator(`[data-field="${name}"]`).textContent();
      expect([await field("recorded"), await field("refused"), await field("people")]).toEqual(["60", "1", "9 new, 0 known"]);
      const dollars = checked?.found?.sums.find(({ currency }) => currency === "USD");
      expect(await field("USD")).toBe(`${dollars?.sales}, $${dollars?.value.toFixed(2)}`);
      await page.getByText("2 sales in EUR need a rate").waitFor();
      expect(await findFaults()).toEqual([]);
      expect(await page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth")).toBe(0);
      expect((await server.call("GET", "/customers/count")).body).toMatchObject({ data: { count: 0 } });

      await page.getByRole("button", { name: "Import 60 rows" }).click();
      await page.locator(".figures").waitFor();
      await show("/app/data");
      const row = page.locator("[data-import='2']");
      expect(await row.locator("td[data-value]").evaluateAll((cells) => cells.map((cell) => cell.getAttribute("data-value")))).toEqual([
        (await imports(server))[0]?.createdAt ?? "",
        ...["done", "60", "0", "1"],
      ]);
      expect(await findFaults()).toEqual([]);
      expect(await page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth")).toBe(0);
      await row.getByRole("button").click();
      await enter(server.key);
      await waitUntil("the import is taken back", async () => (await imports(server))[0]?.state === "undone");
      await page.locator("[data-import='2'] td[data-value=undone]").waitFor();
      expect((await server.call("GET", "/customers/count")).body).toMatchObject({ data: { count: 0 } });
      // What the key may not do is the one answer that is no success.
      expect(complaints.filter((complaint) => !complaint.includes("403"))).toEqual([]);
      await close();
      await server.stop();
    },
    60_000,
  );

  test("a file that cannot be taken says what to do", async () => {
    const server = await start(FROM_SOURCE, temporaryFolder());
    const { page, show, close } = await openVisit(browser, server.url, server.key);
    await show("/app/data");
    await page.setInputFiles("input[type=file]", path);
    await page.getByRole("button", { name: "Check the file" }).click();
    await page.locator("dialog input").fill(server.key ?? "");
    await page.locator("dialog button[type=submit]").click();
    await page.getByText("Failed", { exact: true }).first().waitFor();
    const [failed] = await imports(server);
    expect(failed?.problem).toContain("map");
    await page
      .getByText(failed?.problem ?? "none")
      .first()
      .waitFor();
    await close();
    await server.stop();
  }, 60_000);
});

// Can somebody use the dashboard by keyboard alone, whatever strangers wrote, and when sessions and servers fail?
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { FROM_SOURCE, type Running, start } from "../program.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { CHROMIUM } from "./browser.ts";
import { isReady, openBrowser, openVisit } from "./dashboard.ts";
import { HOSTILE, hostileEntries } from "./hostile-shop.ts";

const NEEDED = process.env.NO_SKIP !== undefined;

describe.skipIf(CHROMIUM === undefined && !NEEDED)("using the dashboard", () => {
  let browser: Browser;
  const servers: Running[] = [];
  beforeAll(async () => {
    browser = await openBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await Promise.all(servers.map((server) => server.stop()));
  });
  async function serve(): Promise<Running> {
    const server = await start(FROM_SOURCE, temporaryFolder(), { SNAPSHOT_TTL: "30" });
    servers.push(server);
    return server;
  }

  test("the link of the first start signs in, and leaves no key in the address; the demo fills by one click", async () => {
    const server = await serve();
    const link = /Open {2}(\S+)/.exec(server.greeting)?.[1] ?? "";
    expect(link).toBe(`${server.url}/#key=${server.key}`);
    const { page, complaints, close } = await openVisit(browser, server.url, undefined);
    await page.goto(link);
    await page.getByRole("heading", { name: /Welcome/ }).waitFor();
    expect(page.url()).toBe(`${server.url}/`);
    expect(await page.evaluate("history.length")).toBeLessThanOrEqual(2);
    expect(await page.locator("pre", { hasText: "curl" }).textContent()).toContain(String(server.key));
    expect(await page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])")).toBe('[{},{},""]');
    await page.getByRole("button", { name: "Fill with the demo" }).click();
    await page.locator(".figures .big").first().waitFor({ timeout: 60_000 });
    const { body } = await server.call("GET", "/customers/count");
    expect(body).toMatchObject({ data: { count: 2000 } });
    expect(complaints).toEqual([]);
    await close();
  }, 120_000);

  test("an empty dashboard notices the first sale by itself", async () => {
    const server = await serve();
    const { page, show, close } = await openVisit(browser, server.url, server.key);
    await show("/");
    await page.getByRole("heading", { name: /Welcome/ }).waitFor();
    await server.call("POST", "/events", { type: "sale", externalId: "user_1", orderId: "A-1", value: 49.9 });
    await page.locator("[data-figure=Revenue]", { hasText: "$49.90" }).waitFor({ timeout: 15_000 });
    await close();
  }, 60_000);

  test("by keyboard alone, from signing in to an export", async () => {
    const server = await serve();
    await server.call("POST", "/events", hostileEntries().slice(0, 4));
    const { page, close } = await openVisit(browser, server.url, undefined);
    await page.goto(`${server.url}/app/cohorts`);
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    /** Tabs on until the focus is on something with this text, and sees that it is shown where the focus is. */
    const tabTo = async (text: string) => {
      for (let presses = 0; presses < 60; presses += 1) {
        await press("Tab");
        const focused = await page.evaluate<{ text: string; outline: string }>(
          "(() => { const on = document.activeElement; return { text: (on.getAttribute('aria-label') ?? '') + (on.textContent ?? ''), outline: getComputedStyle(on).outlineStyle }; })()",
        );
        if (!focused.text.includes(text)) continue;
        expect([text, focused.outline]).not.toEqual([text, "none"]);
        return;
      }
      throw new Error(`The keyboard does not reach ${text}.`);
    };
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await press("Tab");
    await page.keyboard.type(String(server.key));
    await press("Enter");
    await page.locator("table").waitFor();
    await tabTo("Lifetime value");
    await press("Enter");
    await page.getByRole("heading", { name: "Lifetime value" }).waitFor();
    await isReady(page);
    await tabTo("Retention");
    await press("Enter");
    await page.waitForURL(/show=retention/);
    await tabTo("by months since first touch");
    await press("ArrowRight");
    await page.locator(".tip", { hasText: "Month 0" }).waitFor();
    await press("Shift+Tab");
    for (let back = 0; back < 20 && !(await page.evaluate<string>("document.activeElement.textContent")).includes("Export"); back += 1)
      await press("Shift+Tab");
    await press("Enter");
    await tabTo("Chart as SVG");
    const [file] = await Promise.all([page.waitForEvent("download"), press("Enter")]);
    expect(file.suggestedFilename()).toBe("ltv-retention-calendar.svg");
    const svg = await Bun.file(await file.path()).text();
    expect(svg).toStartWith("<svg");
    expect(svg).not.toMatch(/var\(--|class=/);
    await close();
  }, 60_000);

  test("whatever strangers wrote is text, and leads nowhere", async () => {
    const server = await serve();
    const { body } = await server.call("POST", "/events", hostileEntries());
    expect(body).toMatchObject({ data: { rejected: 0 } });
    for (const width of [1280, 360]) {
      const { page, show, complaints, strangers, close } = await openVisit(browser, server.url, server.key, { width });
      for (const path of [
        "/?range=all",
        "/app/cohorts?group=source&range=all",
        "/app/customers?range=all",
        "/app/attribution?group=link&range=all",
        "/app/ltv?range=all",
        "/app/data",
      ]) {
        await show(path);
        expect([path, await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")]).toEqual([
          path,
          0,
        ]);
      }
      await show("/app/customers?range=all");
      const links = await page.locator("tbody a.who").evaluateAll((all) => all.map((link) => (link as unknown as { href: string }).href));
      expect(links.length).toBeGreaterThanOrEqual(HOSTILE.length);
      for (const link of links) {
        await show(link.slice(server.url.length));
        await page.locator(".entry").first().waitFor();
        await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
        const targets = await page.locator("main a").evaluateAll((all) => all.map((each) => (each as unknown as { href: string }).href));
        expect(targets.filter((target) => !/^https?:/.test(target))).toEqual([]);
        expect(await page.locator("main a[target=_blank]:not([rel='noreferrer noopener'])").count()).toBe(0);
        expect(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")).toBe(0);
      }
      expect(await page.evaluate("window.isRun")).toBeUndefined();
      expect(await page.locator("main img, main script").count()).toBe(0);
      expect([complaints, strangers]).toEqual([[], []]);
      await close();
    }
  }, 120_000);

  test("money without a rate is said, and one rate brings it in; a session alone cannot store it", async () => {
    const server = await serve();
    await server.call("POST", "/events", hostileEntries());
    const { page, show, close } = await openVisit(browser, server.url, server.key);
    await show("/?range=all");
    expect((await page.locator(".note").first().textContent())?.replaceAll("\u00a0", " ")).toBe(
      "2 currencies have no rate. 1 sale in JPY (¥1,234,567), 1 sale in KWD (KWD 1.234) are in no figure yet. Add a rate",
    );
    await page.getByRole("link", { name: "Add a rate" }).click();
    await page.getByLabel("1 JPY is").fill("0.0064");
    await page.getByRole("button", { name: "Store the rate" }).first().click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Store the rate" }).click();
    expect(await dialog.getByRole("alert").textContent()).toBe("Enter a key.");
    await dialog.locator("input").fill(String(server.key));
    await dialog.getByRole("button", { name: "Store the rate" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByText("1 sale in JPY").waitFor({ state: "detached" });
    const { body } = await server.call("GET", "/rates?currency=JPY");
    expect(body).toMatchObject({ data: [{ rate: "0.0064", date: "2026-01-01" }] });
    await close();
  }, 60_000);

  test("a customer is exported and erased, with the key", async () => {
    const server = await serve();
    await server.call("POST", "/events", { type: "sale", externalId: "ann", name: "Ann", orderId: "o", value: 5 });
    const { page, show, close } = await openVisit(browser, server.url, server.key);
    await show("/app/customers/ext_ann");
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Export everything" }).click()]);
    expect(await Bun.file(await file.path()).json()).toMatchObject({ data: { customer: { externalId: "ann" } } });
    await page.getByRole("button", { name: /^Erase/ }).click();
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("button", { name: /^Erase/ }).click();
    await page.getByRole("dialog").locator("input").fill(String(server.key));
    await page.getByRole("button", { name: "Erase for good" }).click();
    await page.getByText("No customer matches.").waitFor();
    expect((await server.call("GET", "/customers/ext_ann")).status).toBe(404);
    await show("/app/customers/ext_ann");
    expect(await page.locator("main").textContent()).toContain("There is no such customer.");
    await close();
  }, 60_000);

  test("a session that ends, and a server that cannot answer, say what to do; the screen comes back", async () => {
    const server = await serve();
    await server.call("POST", "/events", hostileEntries().slice(0, 4));
    const { page, show, close } = await openVisit(browser, server.url, server.key);
    await show("/app/cohorts");
    await page.route("**/customers/ltv-cohorts*", (route) =>
      route.fulfill({
        status: 503,
        headers: { "retry-after": "2", "content-type": "application/json" },
        body: JSON.stringify({
          success: false,
          error: { code: "SERVICE_UNAVAILABLE", message: "The reports are catching up.", requestId: "r" },
        }),
      }),
    );
    await page.getByRole("link", { name: "Lifetime value" }).click();
    await page.getByText("The reports are catching up.").waitFor();
    expect(await page.getByRole("alert").textContent()).toContain("tries again by itself");
    await page.unroute("**/customers/ltv-cohorts*");
    await page.locator("table.heat").waitFor({ timeout: 10_000 });

    await fetch(`${server.url}/session`, { method: "DELETE", headers: { authorization: `Bearer ${server.key}` } });
    await page.getByRole("button", { name: "Paying" }).click();
    await page.getByRole("link", { name: "Attribution" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.getByLabel("API key").fill(String(server.key));
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Attribution" }).waitFor();
    expect(page.url()).toContain("/app/attribution");

    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect((await page.context().cookies()).length).toBe(0);
    await close();
  }, 60_000);

  test("a thousand entries of a timeline are drawn at once", async () => {
    const server = await serve();
    const entries = Array.from({ length: 1000 }, (_, index) => ({
      type: index % 3 === 0 ? "sale" : "custom",
      ...(index % 3 === 0 ? { orderId: `o-${index}`, value: index } : { eventId: `e-${index}`, event: "opened" }),
      externalId: "ann",
      timestamp: new Date(Date.UTC(2026, 0, 1) + index * 3_600_000).toISOString(),
    }));
    await server.call("POST", "/events", entries);
    const { page, show, close } = await openVisit(browser, server.url, server.key);
    await show("/app/customers/ext_ann");
    await page.locator(".entry").nth(999).waitFor();
    expect(await page.locator(".entry").count()).toBe(1000);
    const milliseconds = await page.evaluate<number>(`(() => {
      const [all, , sales] = document.querySelectorAll("section[aria-labelledby=timeline] .segments button");
      sales.click();
      return new Promise((done) => setTimeout(() => {
        const from = performance.now();
        all.click();
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - from)));
      }, 300));
    })()`);
    console.log(`a timeline of 1,000 entries: ${milliseconds.toFixed(0)} ms`);
    expect(await page.locator(".entry").count()).toBe(1000);
    await close();
  }, 60_000);
});

// Does the dashboard of a standby show what its primary had, and say so?
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { FROM_SOURCE, run, start } from "../program.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { CHROMIUM } from "./browser.ts";
import { openBrowser, openVisit } from "./dashboard.ts";

const NEEDED = process.env.NO_SKIP !== undefined;

describe.skipIf(CHROMIUM === undefined && !NEEDED)("the dashboard of a standby", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  }, 60_000);
  afterAll(() => browser?.close());

  test("says as of when its figures are, and that it only reads", async () => {
    const folder = temporaryFolder();
    const primary = await start(FROM_SOURCE, folder);
    await primary.call("POST", "/events", { type: "sale", orderId: "A-1", externalId: "ann", value: 42, currency: "USD" });
    const key = await run([...FROM_SOURCE, "keys", "create", "--scope", "backup:read"], folder);
    const standby = await start([...FROM_SOURCE, "follow", primary.url], temporaryFolder(), { FOLLOW_KEY: key.out.trim() }, primary.key);
    const { page, show, complaints, close } = await openVisit(browser, standby.url, primary.key);
    await show("/?range=all");
    expect(await page.locator('[data-figure="Revenue"]').textContent()).toBe("$42.00");
    await page.getByText("This is a standby. It shows what its primary had at").waitFor();
    await show("/app/data");
    await page.setInputFiles("input[type=file]", { name: "a.ndjson", mimeType: "text/plain", buffer: Buffer.from("{}") });
    await page.getByRole("button", { name: "Check the file" }).click();
    await page.locator("dialog input").fill(primary.key ?? "");
    await page.locator("dialog button[type=submit]").click();
    await page.locator("dialog .error", { hasText: `The primary is at ${primary.url}` }).waitFor();
    expect(complaints.filter((complaint) => !complaint.includes("503"))).toEqual([]);
    await close();
    await standby.stop();
    await primary.stop();
  }, 60_000);
});

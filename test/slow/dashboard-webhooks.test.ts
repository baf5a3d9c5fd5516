// Does the dashboard show of webhooks what the API says, only to those who may read it, and refunds and aliases as they are?
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import type { Webhooks } from "../../src/dashboard/page/webhooks.ts";
import { FROM_SOURCE, type Running, run, start } from "../program.ts";
import { sign } from "../provider/sign.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { waitUntil } from "../wait-until.ts";
import { CHROMIUM } from "./browser.ts";
import { isReady, openBrowser, openVisit } from "./dashboard.ts";

const NEEDED = process.env.NO_SKIP !== undefined;
const PICTURES = process.env.PICTURES_DIR;
const SECRET = "whsec_test";
const LOOKS = [1280, 390].flatMap((width) => (["light", "dark"] as const).map((scheme) => ({ width, scheme })));

async function deliver({ url }: Running, id: string, object: object, secret = SECRET): Promise<void> {
  const { type = "charge.succeeded", ...rest } = { customer: "cus_1", ...object } as { type?: string; customer?: string | null };
  const created = Math.floor(Date.now() / 1000) - 3600;
  const event = {
    id,
    type,
    created,
    livemode: true,
    data: { object: { created, currency: "usd", captured: true, status: "succeeded", ...rest } },
  };
  const body = JSON.stringify(event);
  const headers = { "content-type": "application/json", ...sign("stripe", body, secret, Date.now()) };
  await (await fetch(`${url}/webhooks/stripe`, { method: "POST", headers, body })).text();
}

describe.skipIf(CHROMIUM === undefined && !NEEDED)("the dashboard on webhooks", () => {
  let browser: Browser;
  let server: Running;
  const directory = temporaryFolder();
  const aliases = Array.from({ length: 103 }, (_, index) => `shop:${1000 + index}`);
  beforeAll(async () => {
    [browser, server] = await Promise.all([
      openBrowser(),
      start(FROM_SOURCE, directory, { STRIPE_WEBHOOK_SECRET: SECRET, SNAPSHOT_TTL: "0", WEBHOOK_ALLOW_PRIVATE: "true" }),
    ]);
    await deliver(server, "evt_1", { id: "ch_1", amount: 4900 });
    await deliver(server, "evt_1", { id: "ch_1", amount: 4900 });
    await deliver(server, "evt_2", { id: "ch_1", amount: 5900 });
    await deliver(server, "evt_3", { id: "ch_2", amount: 1, currency: "xyz" });
    await deliver(server, "evt_4", { id: "ch_3", amount: 1234, customer: null });
    await deliver(server, "evt_5", { type: "refund.created", id: "re_9", amount: 100, charge: "ch_9" });
    const day = (hour: number) => `2026-03-01T${hour}:00:00Z`;
    const sale = { type: "sale", orderId: "A-1", externalId: "ann", timestamp: day(10), value: 20, currency: "USD" };
    const refund = { type: "refund", eventId: "r-1", orderId: "A-1", timestamp: day(11), value: 5, currency: "USD", status: "rejected" };
    for (let from = 0; from < aliases.length; from += 10)
      await server.call("POST", "/customers", { externalId: "ann", name: "Ann", aliases: aliases.slice(from, from + 10) });
    const { body } = await server.call("POST", "/events", [sale, refund]);
    expect(body).toMatchObject({ data: { rejected: 0 } });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });
  const ask = async <Data>(path: string): Promise<Data> => ((await server.call("GET", path)).body as { data: Data }).data;

  test.each(LOOKS)(
    "the sources, what they delivered, and what disagrees: %p",
    async (look) => {
      const { page, show, findFaults, complaints, close } = await openVisit(browser, server.url, server.key, look);
      await show("/app/data");
      const data = await ask<Webhooks>("/webhooks");
      const stripe = data.sources.find(({ source }) => source === "stripe");
      if (!stripe) throw new Error("Stripe is missing.");
      const shown = await page.evaluate<(string | null)[][]>(
        "[...document.querySelectorAll('#webhook-sources tbody tr')].map((row) => [...row.cells].map((cell) => cell.getAttribute('data-value')))",
      );
      const of = (result: string) => stripe.counts.reduce((sum, each) => sum + (each.result === result ? each.count : 0), 0);
      const counts = ["recorded", "duplicate", "ignored"].map(of);
      const figures = [...counts, stripe.conflicts, stripe.refused, stripe.badSignatures, stripe.waitingRefunds];
      expect(shown).toEqual([["stripe", stripe.lastDeliveryAt, ...figures.map(String), "1 12.34 USD"]]);
      expect(figures.slice(0, 5).every((value) => value > 0)).toBe(true);
      expect(stripe.unnamedSales).toEqual([{ currency: "USD", sales: 1, value: 12.34 }]);
      const tables = await page.locator("section[aria-labelledby=webhooks] table").all();
      expect(tables.length).toBe(3);
      const [conflict] = data.deliveries.filter(({ result }) => result === "conflict");
      expect(await tables[1]?.locator("tbody tr td").nth(2).textContent()).toBe(String(conflict?.detail));
      expect(conflict?.detail).toMatch(/49.*59/);
      const results = await tables[2]
        ?.locator("td[data-value]")
        .evaluateAll((cells) => cells.map((cell) => cell.getAttribute("data-value")));
      expect(results).toEqual(data.deliveries.slice(0, 20).map(({ result }) => result));
      expect(await findFaults()).toEqual([]);
      expect(await page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth")).toBe(0);
      const picture = async (name: string) => {
        if (PICTURES) await page.screenshot({ path: `${PICTURES}/${name}-${look.width}-${look.scheme}.png`, fullPage: true });
      };
      await picture("webhooks");
      await show("/?range=all");
      const notice = page.locator(".note", { hasText: "Deliveries of Stripe could not be stored." });
      await notice.waitFor();
      await picture("notice");
      await notice.getByRole("link").click();
      await page.locator("#webhook-sources").waitFor();

      await show("/app/customers/ext_ann");
      const refund = page.locator(".entry.refund");
      await refund.waitFor();
      expect(await refund.locator(".sum b").textContent()).toBe("");
      expect(await refund.locator(".tag").textContent()).toBe("rejected, not counted");
      expect(await page.evaluate("getComputedStyle(document.querySelector('.entry.refund .what b')).textDecorationLine")).toBe(
        "line-through",
      );
      const ann = await ask<{ aliases: string[]; aliasCount: number; ltv: number }>("/customers/ext_ann");
      expect([ann.aliasCount, ann.aliases.length, ann.ltv]).toEqual([aliases.length, 100, 20]);
      expect(await page.locator("[data-figure=ltv]").textContent()).toBe("$20.00");
      const facts = await page.locator(".facts > div", { hasText: "Alias" }).locator("dd").allTextContents();
      expect(facts).toEqual([...ann.aliases.slice(0, 10), `and ${ann.aliasCount - 10} more`]);
      expect(await findFaults()).toEqual([]);
      await picture("refund");
      expect(complaints).toEqual([]);
      await close();
    },
    60_000,
  );

  test("who is called is listed, with what waits for them", async () => {
    const url = "http://127.0.0.1:9/hook?<b>";
    const { status } = await server.call("POST", "/webhook-endpoints", { url, events: ["entry.created", "customer.erased"] });
    expect(status).toBe(201);
    const { page, show, findFaults, complaints, close } = await openVisit(browser, server.url, server.key);
    await show("/app/data");
    const cells = await page.locator("#webhook-endpoints tbody tr").first().locator("th, td").allTextContents();
    const [endpoint] = await ask<{ url: string; waiting: number }[]>("/webhook-endpoints");
    expect(cells).toEqual([endpoint?.url ?? "", "entry.created, customer.erased", "Active", "", String(endpoint?.waiting)]);
    const { out } = await run([...FROM_SOURCE, "keys", "create", "--scope", "webhooks:write"], directory);
    const authorization = `Bearer ${out.trim()}`;
    const [made] = await ask<{ id: string }[]>("/webhook-endpoints");
    const given = await fetch(`${server.url}/webhook-endpoints/${made?.id}`, {
      method: "PATCH",
      headers: { authorization, "content-type": "application/json" },
      body: "{}",
    });
    const { keyId } = ((await given.json()) as { data: { keyId: string } }).data;
    expect((await run([...FROM_SOURCE, "keys", "revoke", keyId], directory)).code).toBe(0);
    await show("/?range=all");
    const notice = page.locator(".note", { hasText: "1 webhook endpoint is paused: the key is gone." });
    await notice.waitFor();
    await notice.getByRole("link").click();
    await page.locator("#webhook-endpoints").waitFor();
    expect([await findFaults(), complaints]).toEqual([[], []]);
    await close();
  }, 60_000);

  test("a key that may not read them is told so, and sees no notice", async () => {
    const made = await run([...FROM_SOURCE, "keys", "create", "--scope", "links:read,analytics:read", "--name", "reader"], directory);
    const { page, show, close } = await openVisit(browser, server.url, /rg_[0-9A-Za-z]+/.exec(made.out)?.[0]);
    await show("/app/data");
    await page.getByText("has the scope metrics:read").waitFor();
    expect(await page.locator("#webhook-sources").count()).toBe(0);
    await show("/?range=all");
    await page.locator(".figures").waitFor();
    await isReady(page);
    expect(await page.locator(".note", { hasText: "Stripe" }).count()).toBe(0);
    await close();
  }, 60_000);

  test("a bad signature is said; without a provider, the screen says how to connect one", async () => {
    await deliver(server, "evt_6", { id: "ch_6", amount: 100 }, "whsec_other");
    // Bad signatures are counted at once, and stored a little later.
    await waitUntil("the bad signature is stored", async () =>
      (await ask<Webhooks>("/webhooks")).sources.some(({ badSignatures }) => badSignatures > 0),
    );
    const { page, show, close } = await openVisit(browser, server.url, server.key);
    await show("/?range=all");
    await page.locator(".note", { hasText: "Stripe’s last delivery has a bad signature." }).waitFor();
    await close();
    const none = await start(FROM_SOURCE, temporaryFolder());
    await none.call("POST", "/events", { type: "sale", externalId: "user_1", orderId: "A-1", value: 49.9 });
    const visit = await openVisit(browser, none.url, none.key);
    await visit.show("/app/data");
    await visit.page.getByText(`${none.url}/webhooks/stripe`).waitFor();
    if (PICTURES) await visit.page.screenshot({ path: `${PICTURES}/no-webhooks.png`, fullPage: true });
    await visit.close();
    await none.stop();
  }, 60_000);
});

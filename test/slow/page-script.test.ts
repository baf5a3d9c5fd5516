// Does the script of pages do in a real browser, on pages of another origin and under a strict policy, what the README says?
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createKey } from "../../src/access/api-key.ts";
import { openWorld, type World } from "../harness.ts";
import { CHROMIUM, openPage, type Page } from "./browser.ts";

const NEEDED = process.env.NO_SKIP !== undefined;
if (CHROMIUM === undefined && !NEEDED) console.warn("Skipped: Chromium was not found.");

const README = readFileSync(join(import.meta.dir, "../../README.md"), "utf8");
/** The one line of the README. */
const LINE = /<script async src="https:\/\/stats\.example\.com\/r\.js"[^>]*><\/script>/.exec(README)?.[0] ?? "";

interface Sent {
  readonly type: number;
  readonly clickId: string;
  readonly visitorId: string | null;
  readonly url: string;
  readonly referrer: string | null;
  readonly source: string | null;
  readonly event: string | null;
}

let world: World;
let page: Page | undefined;
let key = "";
/** Further attributes of the script's tag, and what stands before it. */
let [attributes, before] = ["data-bots", ""];

const stats = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: (request) => world.app.fetch(request) });
const STATS = `http://127.0.0.1:${stats.port}`;
/** Nothing but the script and what it sends. */
const POLICY = `default-src 'none'; script-src ${STATS}; connect-src ${STATS}; base-uri 'none'; require-trusted-types-for 'script'`;
const pages = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/favicon")) return new Response(null, { status: 204 });
    const tag = LINE.replace("https://stats.example.com", STATS).replace("rgp_…", key).replace("<script ", `<script ${attributes} `);
    const headers = {
      "Content-Type": "text/html",
      ...(pathname.startsWith("/strict") && {
        "Content-Security-Policy": POLICY,
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Referrer-Policy": "no-referrer",
      }),
    };
    return new Response(
      `<!doctype html><title>shop</title>${pathname.startsWith("/strict") ? "" : before}${tag}<a id="next" href="/next">next</a>`,
      { headers },
    );
  },
});
const at = (host: string, path: string) => `http://${host}:${pages.port}${path}`;
const SHOP = at("www.shop.test", "");

/** What the server has recorded, in order. */
const sent = () =>
  world.workspace.database.sqlite
    .prepare<[], Sent>("SELECT type, click_id AS clickId, visitor_id AS visitorId, url, referrer, source, event FROM entry ORDER BY id")
    .all();

/** Waits until this many entries are recorded, and gives them; then sees that no more come. */
async function settled(count: number): Promise<readonly Sent[]> {
  for (const deadline = performance.now() + 5000; sent().length < count && performance.now() < deadline; ) await Bun.sleep(25);
  await Bun.sleep(300);
  expect(sent()).toHaveLength(count);
  return sent();
}

/** Goes to an address as a click on a link does, with the page's address as the referrer, and waits for the script. */
async function follow(address: string): Promise<void> {
  await page?.evaluate(`void (location.href = ${JSON.stringify(address)})`);
  await loaded(address);
}

async function loaded(address: string): Promise<void> {
  await page?.until(`location.href === ${JSON.stringify(address)} && document.readyState === "complete" && window.regulars`);
}

describe.skipIf(CHROMIUM === undefined && !NEEDED)("in Chromium", () => {
  beforeAll(async () => {
    world = openWorld();
    page = await openPage(at("blank.test", "/"));
  }, 60_000);
  beforeEach(async () => {
    // Each test begins on a page of the shop, in a browser that has stored nothing.
    attributes = before = "";
    await follow(`${SHOP}/start`);
    await page?.evaluate(
      "localStorage.clear(); sessionStorage.clear(); document.cookie = 'regulars=;domain=shop.test;path=/;max-age=0'; void 0",
    );
    await world.close();
    world = openWorld();
    const origins = ["www.shop.test", "app.shop.test", "other.test"].map((host) => at(host, ""));
    key = createKey(world.workspace, { origins });
    attributes = "data-bots";
  });
  afterAll(async () => {
    await page?.close();
    await Promise.all([pages.stop(true), stats.stop(true), world.close()]);
  });

  test("the README's line records a visit under a strict policy, without a word in the console", async () => {
    expect(LINE).toContain('data-key="rgp_…"');
    const own = await openPage(at("news.test", "/article?private=1"));
    await own.until("document.readyState === 'complete'");
    await own.evaluate(`void (location.href = ${JSON.stringify(`${SHOP}/strict?utm_source=news&token=secret#part`)})`);
    await own.until(`location.pathname === "/strict" && window.regulars?.clickId()`);
    const [click] = await settled(1);
    expect(click).toMatchObject({ type: 0, url: `${SHOP}/strict?utm_source=news`, referrer: at("news.test", "/"), source: "news" });
    const ids = await own.evaluate<unknown>("[regulars.clickId(), regulars.visitorId(), Object.keys(regulars)]");
    expect(ids).toEqual([click?.clickId, click?.visitorId, ["clickId", "visitorId", "lead", "consent"]]);
    expect(own.complaints).toEqual([]);
    const hosts = new Set(own.requests.map((url) => new URL(url).host));
    expect([...hosts].sort()).toEqual([`127.0.0.1:${stats.port}`, `news.test:${pages.port}`, `www.shop.test:${pages.port}`].sort());
    await own.close();
  });

  test("a page inside, a reload, a route, and going back and forward are the same visit", async () => {
    await follow(`${SHOP}/tea?utm_source=a`);
    await settled(1);
    await follow(`${SHOP}/next?utm_source=a`);
    await page?.evaluate("void location.reload()");
    await Bun.sleep(300);
    await loaded(`${SHOP}/next?utm_source=a`);
    await page?.evaluate(
      `history.pushState(null, "", "/route?utm_source=a"); history.replaceState(null, "", "/route?utm_source=replaced"); void 0`,
    );
    await page?.evaluate("void history.back()");
    await page?.until(`location.pathname === "/next"`);
    await page?.evaluate("void history.back()");
    await loaded(`${SHOP}/tea?utm_source=a`);
    await page?.evaluate("void history.forward()");
    await loaded(`${SHOP}/next?utm_source=a`);
    await settled(1);
    await page?.evaluate(`void history.pushState(null, "", "/sale?utm_source=banner")`);
    expect((await settled(2))[1]).toMatchObject({ url: `${SHOP}/sale?utm_source=banner`, referrer: null });
  });

  test("the landing address counts, whatever a router made of it before the script came", async () => {
    before = `<script>history.replaceState(null, "", "/app")</script>`;
    await page?.evaluate(`void (location.href = ${JSON.stringify(`${SHOP}/in?utm_source=email`)})`);
    await loaded(`${SHOP}/app`);
    expect((await settled(1))[0]).toMatchObject({ url: `${SHOP}/in?utm_source=email` });
  });

  test("subdomains share the visitor and the click, other sites do not", async () => {
    await follow(`${SHOP}/?utm_source=shared`);
    const [click] = await settled(1);
    await follow(at("app.shop.test", "/sign-up"));
    expect(await page?.evaluate<unknown>("[regulars.visitorId(), regulars.clickId()]")).toEqual([click?.visitorId, click?.clickId]);
    expect(await page?.evaluate<string>("document.cookie")).toBe(`regulars=${click?.visitorId}|${click?.clickId}|`);
    await settled(1);
    await follow(at("other.test", "/"));
    expect(await page?.evaluate<string>("regulars.visitorId()")).not.toBe(String(click?.visitorId));
    expect((await settled(2))[1]).toMatchObject({ source: "app.shop.test" });
  });

  test("before consent nothing is sent or stored; then the landing is sent; withdrawn, nothing is left", async () => {
    attributes = 'data-bots data-consent="required"';
    await follow(`${SHOP}/?utm_source=consent`);
    const kept = () => page?.evaluate<unknown>("[document.cookie, localStorage.length, sessionStorage.length, regulars.clickId() ?? null]");
    await settled(0);
    expect(await kept()).toEqual(["", 0, 0, null]);
    await page?.evaluate("void regulars.consent(true)");
    await settled(1);
    await page?.evaluate("void regulars.consent(false)");
    expect(await kept()).toEqual(["", 0, 0, null]);
  });

  test("a lead arrives although the page is left at once", async () => {
    await follow(`${SHOP}/?utm_source=leaving`);
    const [click] = await settled(1);
    await page?.evaluate(`regulars.lead("newsletter"); location.href = ${JSON.stringify(at("blank.test", "/"))}; void 0`);
    const [, lead] = await settled(2);
    expect(lead).toMatchObject({ type: 1, event: "newsletter", clickId: click?.clickId, visitorId: click?.visitorId });
  });

  test("a prerendered page is a visit once it is shown", async () => {
    // A browser under a debugger prerenders nothing, so the page says that it is not shown yet.
    before = "<script>Object.defineProperty(document, 'prerendering', { value: true })</script>";
    await follow(`${SHOP}/soon?utm_source=prerendered`);
    await settled(0);
    await page?.evaluate("void document.dispatchEvent(new Event('prerenderingchange'))");
    await settled(1);
  });

  test("a robot is silent unless the page wants it, and so is who sends the signal of GPC where it is heeded", async () => {
    await follow(`${SHOP}/?utm_source=known`);
    await settled(1);
    attributes = "";
    expect(await page?.evaluate<boolean>("navigator.webdriver")).toBe(true);
    await follow(`${SHOP}/?utm_source=robot`);
    await settled(1);
    attributes = "data-bots data-respect-gpc";
    before = "<script>Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })</script>";
    await follow(`${SHOP}/?utm_source=gpc`);
    await settled(1);
    expect(await page?.evaluate<unknown>("[document.cookie, localStorage.length, sessionStorage.length]")).toEqual(["", 0, 0]);
  });

  test("what another put into the address links nobody to them", async () => {
    await world.request("POST", "/events", {
      type: "lead",
      eventId: "l",
      externalId: "mallory",
      clickId: "c-mallory",
      visitorId: "v-mallory",
    });
    await follow(`${SHOP}/account?clickId=c-mallory&cid=c-mallory&visitorId=v-mallory`);
    await page?.evaluate(`void regulars.lead("newsletter")`);
    const [, click, lead] = await settled(3);
    const [clickId = "", visitorId = ""] = (await page?.evaluate<string[]>("[regulars.clickId(), regulars.visitorId()]")) ?? [];
    expect([click?.clickId, lead?.clickId, clickId.length, visitorId.length]).toEqual([clickId, clickId, 32, 32]);
    expect((await world.request("GET", "/customers/ext_mallory/export")).text).not.toContain("/account");
    await world.request("POST", "/events", { type: "sale", orderId: "o", externalId: "ann", value: 5, clickId, visitorId });
    const journey = await world.request<{ summary: object }>("GET", "/customers/ext_ann/journey?summary=true");
    expect(journey.body.data.summary).toMatchObject({ clicks: 1, leads: 1, sales: 1 });
  });

  test("a page of a key's origin reads a report", async () => {
    await world.request("POST", "/events", { type: "sale", orderId: "o", externalId: "ann", value: 5 });
    const reading = createKey(world.workspace, { scopes: ["links:read"], origins: [at("other.test", "")] });
    const read = `fetch("${STATS}/customers/cohorts?group_by=month", { headers: { Authorization: "Bearer ${reading}", "Cache-Control": "no-cache" } })
      .then(async (answer) => [(await answer.json()).data.totals.revenue, answer.headers.get("x-cache")], String)`;
    await follow(at("other.test", "/"));
    expect(await page?.evaluate<unknown>(read)).toEqual([5, "MISS"]);
    await follow(`${SHOP}/`);
    expect(await page?.evaluate<unknown>(read)).toBe("TypeError: Failed to fetch");
  });
});

// Does the script of pages send a click when, and only when, a visitor came through a link, and nothing that may not leave the page?
import { describe, expect, test } from "bun:test";
import { minifiedScript } from "../../src/browser/routes.ts";
import { openWorld } from "../harness.ts";
import { openBrowser, type Visit } from "./page.ts";

const GOOGLE = "https://www.google.com/search?q=tea";

/** The clicks of one visit in a new browser. */
async function clicksOf(address: string, visit: Visit = {}): Promise<Record<string, string>[]> {
  const world = openWorld();
  const browser = await openBrowser(world);
  browser.open(address, visit);
  expect(await browser.statuses()).toEqual(browser.bodies().map(() => 201));
  await world.close();
  return browser.bodies();
}

describe("the file", () => {
  test("is served to every page, in less than 3 KB when compressed", async () => {
    const world = openWorld();
    const { status, text, headers } = await world.request("GET", "/r.js", undefined, { authorization: "" });
    expect([status, headers.get("content-type"), headers.get("access-control-allow-origin")]).toEqual([
      200,
      "text/javascript; charset=utf-8",
      "*",
    ]);
    expect(headers.get("cross-origin-resource-policy")).toBe("cross-origin");
    expect(text).toBe(await minifiedScript());
    const gzip = await world.app.handle(new Request("http://localhost/r.js?v=2", { headers: { "accept-encoding": "br, gzip" } }));
    const bytes = new Uint8Array(await gzip.arrayBuffer());
    expect([gzip.headers.get("content-encoding"), bytes.byteLength < 3000]).toEqual(["gzip", true]);
    expect(new TextDecoder().decode(Bun.gunzipSync(bytes))).toBe(text);
    await world.close();
  });

  test("does what strict policies allow: no eval, no markup, no style, one other host", async () => {
    const code = await minifiedScript();
    expect(code).not.toMatch(/\beval\b|new Function|innerHTML|insertAdjacent|createElement|\.style\b|document\.write/);
    expect([...code.matchAll(/https?:\/\//g)]).toEqual([]);
  });
});

describe("a visit", () => {
  test.each([
    ["with UTM parameters", "/?utm_source=news&utm_campaign=spring", {}],
    ["with an ad click", "/tea?gclid=abc", {}],
    ["from another site", "/", { referrer: GOOGLE }],
    ["from an app", "/", { referrer: "android-app://com.google.android.gm/" }],
    ["of a prerendered page that is shown", "/?via=ann", { way: "prerender" }],
    ["through a link of the site itself that is marked", "/?utm_source=banner", { referrer: "https://shop.example/" }],
    ["whose address a router rewrote before", "/?utm_source=news", { rewritten: "/" }],
    ["of a robot, where they are wanted", "/?utm_source=news", { navigator: { webdriver: true }, data: { bots: "" } }],
    ["with the signal of GPC, where it is not heeded", "/?utm_source=news", { navigator: { globalPrivacyControl: true } }],
  ] as const)("%s is a click", async (_, address, visit) => {
    const [click, ...others] = await clicksOf(address, visit);
    expect([click?.type, click?.clickId, click?.visitorId, others]).toEqual([
      "click",
      expect.stringMatching(/^[\da-f]{32}$/),
      expect.stringMatching(/^[\da-f]{32}$/),
      [],
    ]);
  });

  test.each([
    ["that is direct", "/", {}],
    ["from the site itself", "/tea", { referrer: "https://shop.example/" }],
    ["from a subdomain", "/tea", { referrer: "https://blog.shop.example/" }],
    ["from where one pays", "/thanks?utm_source=news", { referrer: "https://checkout.stripe.com/c/pay" }],
    ["from where one signs in", "/thanks", { referrer: "https://accounts.google.com/" }],
    ["from a host that the page ignores", "/", { referrer: "https://pay.bank.example/", data: { ignore: "bank.example, other.example" } }],
    ["that is a reload", "/?utm_source=news", { way: "reload" }],
    ["that goes back", "/?utm_source=news", { way: "back_forward", referrer: GOOGLE }],
    ["of a robot", "/?utm_source=news", { navigator: { webdriver: true } }],
    ["with the signal of GPC", "/?utm_source=news", { navigator: { globalPrivacyControl: true }, data: { respectGpc: "" } }],
    ["before consent", "/?utm_source=news", { data: { consent: "required" } }],
  ] as const)("%s is none", async (_, address, visit) => {
    expect(await clicksOf(address, visit)).toEqual([]);
  });

  test("sends no parameter but those of the list, no fragment, and no query of the page that led here", async () => {
    const [click] = await clicksOf("/reset?token=secret&utm_source=news&email=ann%40example.com&gclid=g#secret", { referrer: GOOGLE });
    expect([click?.url, click?.referrer]).toEqual(["https://shop.example/reset?utm_source=news&gclid=g", "https://www.google.com/search"]);
  });

  test("of an ad without UTM has the source of its referrer, and its ad click id is not its clickId", async () => {
    const world = openWorld();
    const browser = await openBrowser(world);
    const { regulars } = browser.open("/?gclid=ad-1", { referrer: GOOGLE });
    await browser.statuses();
    await world.request("POST", "/events", { type: "lead", eventId: "l", externalId: "ann", clickId: regulars.clickId() });
    expect(regulars.clickId()).not.toBe("ad-1");
    expect((await world.request<{ source: string }>("GET", "/customers/ext_ann")).body.data.source).toBe("google.com");
    await world.close();
  });
});

describe("a session", () => {
  test("counts an address once, and each route of a single-page app that has marks of its own", async () => {
    const world = openWorld();
    const browser = await openBrowser(world);
    const page = browser.open("/?utm_source=news", { referrer: GOOGLE });
    page.push("/tea?utm_source=news"); // the router carries the marks along
    page.push("/tea");
    page.push("/?utm_source=news");
    expect(browser.bodies()).toHaveLength(1);
    page.push("/sale?utm_source=banner");
    page.push("/sale?utm_source=banner&size=2");
    expect(browser.bodies().map(({ url, referrer }) => [url, referrer])).toEqual([
      ["https://shop.example/?utm_source=news", "https://www.google.com/search"],
      ["https://shop.example/sale?utm_source=banner", undefined],
    ]);
    browser.open("/?utm_source=news", { referrer: GOOGLE });
    browser.open("/cart?utm_source=news", { referrer: "https://shop.example/" });
    expect(browser.bodies()).toHaveLength(2);
    browser.endSession();
    browser.open("/?utm_source=news", { referrer: GOOGLE });
    expect(browser.bodies()).toHaveLength(3);
    await world.close();
  });

  test("shares a visitor with the next one, and the click that leads to a sign-up", async () => {
    const world = openWorld();
    const browser = await openBrowser(world);
    const first = browser.open("/?utm_source=news").regulars;
    const [clickId, visitorId] = [first.clickId(), first.visitorId()];
    browser.endSession();
    const later = browser.open("/sign-up").regulars;
    expect([later.clickId(), later.visitorId()]).toEqual([clickId, visitorId]);
    browser.localStorage.values.clear();
    expect(browser.open("/").regulars.visitorId()).toBe(visitorId); // from the cookie
    browser.cookies.clear();
    expect(browser.open("/").regulars.visitorId()).toBe(visitorId); // from the copy
    browser.cookies.clear();
    browser.localStorage.values.clear();
    expect(browser.open("/").regulars.visitorId()).not.toBe(visitorId);
    await world.close();
  });

  test("without a click has no clickId until there is a lead", async () => {
    const world = openWorld();
    const browser = await openBrowser(world);
    const { regulars } = browser.open("/");
    expect(regulars.clickId()).toBeUndefined();
    expect(browser.cookies.size).toBe(0);
    regulars.lead("newsletter");
    expect(await browser.statuses()).toEqual([201]);
    expect(browser.bodies()[0]).toMatchObject({
      type: "lead",
      event: "newsletter",
      clickId: regulars.clickId(),
      visitorId: regulars.visitorId(),
    });
    await world.close();
  });

  test("without storage has clicks without a visitor, and keeps nothing", async () => {
    const world = openWorld();
    const browser = await openBrowser(world);
    const { regulars } = browser.open("/?utm_source=news", { data: { storage: "none" } });
    expect([browser.bodies()[0]?.visitorId, regulars.visitorId(), regulars.clickId()]).toEqual([
      undefined,
      undefined,
      browser.bodies()[0]?.clickId,
    ]);
    expect([browser.cookies.size, browser.localStorage.values.size, browser.sessionStorage.values.size]).toEqual([0, 0, 0]);
    await world.close();
  });
});

describe("consent", () => {
  const data = { consent: "required" };
  async function opened() {
    const world = openWorld();
    const browser = await openBrowser(world);
    const kept = () => [browser.cookies.size, browser.localStorage.values.size, browser.sessionStorage.values.size];
    return { world, browser, kept };
  }

  test("is waited for with nothing sent, stored or handed out; then the landing is sent with what led to it", async () => {
    const { world, browser, kept } = await opened();
    const page = browser.open("/?utm_source=news", { data, referrer: GOOGLE });
    page.regulars.lead("newsletter");
    page.push("/tea");
    expect([browser.bodies(), kept(), page.regulars.clickId(), page.regulars.visitorId()]).toEqual([[], [0, 0, 0], undefined, undefined]);
    page.regulars.consent(true);
    expect(browser.bodies().map(({ type, url, referrer }) => [type, url, referrer])).toEqual([
      ["click", "https://shop.example/?utm_source=news", "https://www.google.com/search"],
      ["lead", "https://shop.example/?utm_source=news", undefined],
    ]);
    await world.close();
  });

  test("is remembered, also without a visit, until it is withdrawn, which leaves nothing", async () => {
    const { world, browser, kept } = await opened();
    browser.open("/", { data }).regulars.consent(true);
    browser.endSession();
    const { regulars } = browser.open("/?utm_source=mail", { data });
    expect(browser.bodies()).toHaveLength(1);
    regulars.consent(false);
    expect([kept(), regulars.clickId(), regulars.visitorId()]).toEqual([[0, 0, 0], undefined, undefined]);
    regulars.lead("newsletter");
    browser.open("/?utm_source=other", { data }).regulars.lead();
    expect(browser.bodies()).toHaveLength(1);
    await world.close();
  });

  test("that is refused drops what waited for it", async () => {
    const { world, browser, kept } = await opened();
    const { regulars } = browser.open("/?utm_source=news", { data });
    regulars.consent(false);
    expect([browser.bodies(), kept()]).toEqual([[], [0, 0, 0]]);
    await world.close();
  });

  test("to a page that heeds GPC is not asked of those who send the signal, and what they had is deleted", async () => {
    const { world, browser, kept } = await opened();
    browser.open("/?utm_source=news");
    const { regulars } = browser.open("/?utm_source=b", { data: { respectGpc: "" }, navigator: { globalPrivacyControl: true } });
    regulars.consent(true);
    expect([browser.bodies().length, kept(), regulars.visitorId()]).toEqual([1, [0, 0, 0], undefined]);
    await world.close();
  });
});

describe("what a page sends", () => {
  async function summaryOf(world: ReturnType<typeof openWorld>, externalId: string): Promise<object> {
    return (await world.request<{ summary: object }>("GET", `/customers/ext_${externalId}/journey?summary=true`)).body.data.summary;
  }

  test("becomes a customer's once the shop names the click, and earlier visits once it names the visitor", async () => {
    const world = openWorld();
    const browser = await openBrowser(world);
    browser.open("/?utm_source=news");
    await browser.statuses();
    world.clock.set(world.clock.now() + 60_000);
    browser.endSession();
    const { regulars } = browser.open("/?utm_source=mail");
    regulars.lead("newsletter");
    await browser.statuses();
    const sale = { type: "sale", orderId: "o", externalId: "ann", value: 5, clickId: regulars.clickId() };
    await world.request("POST", "/events", sale);
    expect(await summaryOf(world, "ann")).toMatchObject({ clicks: 1, leads: 1, sales: 1, sources: ["mail"] });
    await world.request("POST", "/events", { ...sale, orderId: "p", visitorId: regulars.visitorId() });
    expect(await summaryOf(world, "ann")).toMatchObject({ clicks: 2, leads: 1, sales: 2, sources: ["news", "mail"] });
    await world.close();
  });

  test.each([true, false])("under another's clickId in the address links nobody (named first: %p)", async (isNamedFirst) => {
    const world = openWorld();
    const browser = await openBrowser(world);
    const name = () =>
      world.request("POST", "/events", { type: "lead", eventId: "l", externalId: "mallory", clickId: "c-mallory", visitorId: "v-mallory" });
    if (isNamedFirst) await name();
    const { regulars } = browser.open("/secret?clickId=c-mallory&cid=c-mallory&dub_id=c-mallory&regulars=c-mallory");
    regulars.lead("newsletter");
    expect(await browser.statuses()).toEqual([201, 201]);
    if (!isNamedFirst) await name();
    expect((await world.request("GET", "/customers/ext_mallory/export")).text).not.toContain("/secret");
    const ids = { clickId: regulars.clickId(), visitorId: regulars.visitorId() };
    await world.request("POST", "/events", { type: "sale", orderId: "o", externalId: "ann", value: 5, ...ids });
    expect(await summaryOf(world, "ann")).toMatchObject({ clicks: 1, leads: 1, sales: 1 });
    await world.close();
  });

  test("has the clickId of the address where the page says which parameter it is", async () => {
    const [click] = await clicksOf("/?sub=made-by-us&token=x", { data: { clickParam: "sub" } });
    expect([click?.clickId, click?.url]).toEqual(["made-by-us", "https://shop.example/?sub=made-by-us"]);
  });

  test("throws nothing into a page whose browser forbids storage, or that the server refuses", async () => {
    const world = openWorld();
    const browser = await openBrowser(world);
    const forbidden = () => {
      throw new Error("SecurityError");
    };
    Object.assign(browser.localStorage, { getItem: forbidden, setItem: forbidden, removeItem: forbidden });
    Object.assign(browser.sessionStorage, { getItem: forbidden, setItem: forbidden, removeItem: forbidden });
    const { regulars } = browser.open("/?utm_source=news", { data: { key: "rgp_wrong" } });
    regulars.lead();
    regulars.consent(false);
    expect(await browser.statuses()).toEqual([401, 401]);
    browser.open("/", { referrer: "no address" });
    // An old browser, without what the ids are made of.
    const old = browser.open("/?utm_source=old", { hasNoCrypto: true }).regulars;
    old.lead();
    expect([old.visitorId(), old.clickId()]).toEqual([undefined, undefined]);
    await world.close();
  });
});

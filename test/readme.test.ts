// Does the snippet of the README do in a page what the README says?
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createKey } from "../src/access/api-key.ts";
import { openWorld, type World } from "./harness.ts";

const README = readFileSync(join(import.meta.dir, "../README.md"), "utf8");
const ORIGIN = "https://shop.example";

interface Regulars {
  send(entry: Readonly<Record<string, string>>): Promise<Response>;
}

/** Opens the snippet's page in a new browser, at a shop whose server is the world. */
function openBrowser(world: World) {
  const [, code = ""] = /<script>\n([\s\S]*?)<\/script>/.exec(README) ?? [];
  expect(code.trim().split("\n").length).toBeLessThanOrEqual(10);
  const key = createKey(world.workspace, { origins: [ORIGIN] });
  const storages: [Record<string, string>, Record<string, string>] = [{}, {}];
  const sent: Promise<Response>[] = [];
  const send = (url: string, init: RequestInit) => {
    const headers = new Headers(init.headers);
    headers.set("origin", ORIGIN);
    const answer = world.app.handle(new Request(url, { method: "POST", headers, body: String(init.body) }));
    sent.push(answer);
    return answer;
  };
  const page = new Function(
    "localStorage",
    "sessionStorage",
    "location",
    "document",
    "fetch",
    `${code.replace("rgp_…", key)}; return regulars;`,
  );
  const [localStorage, sessionStorage] = storages;
  return {
    localStorage,
    sessionStorage,
    /** Opens a page of the shop; the next visit begins with an empty session. */
    open: (search: string) => page(...storages, { href: `${ORIGIN}/${search}`, search }, { referrer: "" }, send) as Regulars,
    endVisit: () => void delete sessionStorage.rgClick,
    statuses: async () => (await Promise.all(sent)).map(({ status }) => status),
  };
}

async function summaryOf(world: World, externalId: string): Promise<object> {
  return (await world.request<{ summary: object }>("GET", `/customers/ext_${externalId}/journey?summary=true`)).body.data.summary;
}

test("a visitor's click and sign-up become the customer's once the shop names the click", async () => {
  const world = openWorld();
  const browser = openBrowser(world);
  const regulars = browser.open("?utm_source=news");
  browser.open("?utm_source=news"); // the next page of the same visit is no other click
  await regulars.send({ type: "lead", event: "newsletter" });
  expect(await browser.statuses()).toEqual([201, 201]);
  const clickId = browser.sessionStorage.rgClick;
  await world.request("POST", "/events", { type: "sale", orderId: "o", externalId: "ann", value: 5, clickId });
  await regulars.send({ type: "lead", event: "thanks" });
  expect(await summaryOf(world, "ann")).toMatchObject({ clicks: 1, leads: 2, sales: 1, sources: ["news"] });
  world.close();
});

test("the earlier visits do too, once the shop names the visitor", async () => {
  const world = openWorld();
  const browser = openBrowser(world);
  browser.open("?utm_source=news");
  await browser.statuses(); // the first click is dated when its body has been read
  browser.endVisit();
  world.clock.set(world.clock.now() + 60_000);
  browser.open("?utm_source=mail");
  await browser.statuses();
  const [clickId, visitorId] = [browser.sessionStorage.rgClick, browser.localStorage.rgVisitor];
  await world.request("POST", "/events", { type: "sale", orderId: "o", externalId: "ann", value: 5, clickId, visitorId });
  expect(await summaryOf(world, "ann")).toMatchObject({ clicks: 2, sales: 1, sources: ["news", "mail"] });
  world.close();
});

test("a visitor who is sent to the shop with another's clickId in the address is not linked to them", async () => {
  for (const isNamedFirst of [true, false]) {
    const world = openWorld();
    const browser = openBrowser(world);
    const name = () =>
      world.request("POST", "/events", { type: "lead", eventId: "l", externalId: "mallory", clickId: "c-mallory", visitorId: "v-mallory" });
    if (isNamedFirst) await name();
    await browser.open("?clickId=c-mallory&secret=1").send({ type: "lead", event: "newsletter" });
    expect(await browser.statuses()).toEqual([201, 201]);
    if (!isNamedFirst) await name();
    expect((await world.request("GET", "/customers/ext_mallory/export")).text).not.toContain("secret=1");
    const { rgClick: clickId, rgVisitor: visitorId } = { ...browser.sessionStorage, ...browser.localStorage };
    await world.request("POST", "/events", { type: "sale", orderId: "o", externalId: "ann", value: 5, clickId, visitorId });
    expect(await summaryOf(world, "ann")).toMatchObject({ clicks: 1, leads: 1, sales: 1 });
    world.close();
  }
});

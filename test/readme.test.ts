// Does the snippet of the README do in a page what the README says?
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createKey } from "../src/access/api-key.ts";
import { openWorld } from "./harness.ts";

const README = readFileSync(join(import.meta.dir, "../README.md"), "utf8");
const ORIGIN = "https://shop.example";

interface Regulars {
  send(entry: Readonly<Record<string, string>>): Promise<Response>;
}

test("a visitor's click and sign-up become the customer's once the shop names the click", async () => {
  const world = openWorld();
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
  const location = { href: `${ORIGIN}/?utm_source=news&clickId=c-77`, search: "?utm_source=news&clickId=c-77" };
  const open = () => page(...storages, location, { referrer: "" }, send) as Regulars;
  const regulars = open();
  open(); // the next page of the same visit is no other click
  await regulars.send({ type: "lead", event: "newsletter" });
  expect((await Promise.all(sent)).map(({ status }) => status)).toEqual([201, 201]);
  await world.request("POST", "/events", { type: "sale", orderId: "o", externalId: "ann", value: 5, clickId: "c-77" });
  const journey = await world.request<{ summary: object }>("GET", "/customers/ext_ann/journey?summary=true");
  expect(journey.body.data.summary).toMatchObject({ clicks: 1, leads: 1, sales: 1, sources: ["news"] });
  world.close();
});

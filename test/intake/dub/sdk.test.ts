// Does Dub's official library work with nothing but `serverURL`?
import { afterAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Dub } from "dub";
import { NotFound, Unauthorized, UnprocessableEntity } from "dub/models/errors";
import { createKey } from "../../../src/access/api-key.ts";
import { SCOPES } from "../../../src/access/keyring.ts";
import { openWorld } from "../../harness.ts";

const world = openWorld();
const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: world.app.fetch });
const host = `http://127.0.0.1:${server.port}`;
const key = createKey(world.workspace, { scopes: SCOPES });
afterAll(async () => {
  await server.stop(true);
  await world.close();
});

const README = readFileSync(join(import.meta.dir, "../../../README.md"), "utf8");
/** The client that the README makes, at the test's server. */
function clientOf(token: string): Dub {
  const line = README.split("\n").find((each) => each.startsWith("new Dub(")) ?? "";
  return new Function("Dub", `return ${line.replace("rg_…", token).replace("https://stats.example.com", host)}`)(Dub) as Dub;
}

test("a story from the click to the erasure", async () => {
  const dub = clientOf(key);
  await world.request("POST", "/events", { type: "click", clickId: "c-1", source: "news" });
  const lead = await dub.track.lead({
    clickId: "c-1",
    eventName: "Sign up",
    customerExternalId: "u/1",
    customerEmail: "ann@example.com",
    metadata: { plan: "pro" },
  });
  expect(lead).toMatchObject({ click: { id: "c-1" }, link: null, customer: { externalId: "u/1", email: "ann@example.com" } });
  const sale = await dub.track.sale({
    customerExternalId: "u/1",
    amount: 4999,
    currency: "usd",
    invoiceId: "in_1",
    paymentProcessor: "stripe",
  });
  expect(sale).toMatchObject({
    eventName: "Purchase",
    customer: { externalId: "u/1" },
    sale: { amount: 4999, currency: "usd", invoiceId: "in_1" },
  });
  expect(await dub.track.sale({ customerExternalId: "u/1", amount: 1, invoiceId: "in_1" })).toEqual(sale);
  const least = await dub.track.lead({ clickId: "", eventName: "Sign up", customerExternalId: "u/2" });
  expect(least).toMatchObject({ click: { id: "" }, customer: { externalId: "u/2" } });
  expect((await dub.track.sale({ customerExternalId: "u/2", amount: 0 })).sale).toBeNull();

  expect(await dub.customers.get({ id: "ext_u/1" })).toMatchObject({ externalId: "u/1", sales: 1, saleAmount: 4999 });
  const pages: string[][] = [];
  for await (const page of await dub.customers.list({ pageSize: 1 })) pages.push(page.result.map(({ externalId }) => externalId));
  expect(pages.flat().sort()).toEqual(["u/1", "u/2"]);
  expect(await dub.customers.update({ id: "ext_u/1", requestBody: { name: "Ann", country: "DE" } })).toMatchObject({
    name: "Ann",
    country: "DE",
  });
  const { id } = await dub.customers.get({ id: "ext_u/1" });
  expect(await dub.customers.delete(id)).toEqual({ id });
});

test("its exceptions are of the right kind", async () => {
  const dub = clientOf(key);
  expect(await dub.customers.get({ id: "ext_nobody" }).catch((error: unknown) => error)).toBeInstanceOf(NotFound);
  expect(await dub.customers.list({ pageSize: 1000 }).catch((error: unknown) => error)).toBeInstanceOf(UnprocessableEntity);
  const stranger = clientOf("rg_wrong");
  expect(await stranger.customers.list({}).catch((error: unknown) => error)).toBeInstanceOf(Unauthorized);
});

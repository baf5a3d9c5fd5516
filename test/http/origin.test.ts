// Which pages may use a key, and read its answers?
import { describe, expect, test } from "bun:test";
import { createKey } from "../../src/access/api-key.ts";
import { openWorld, type World } from "../harness.ts";

const SHOP = "https://shop.example";

/** Sends to a path with a publishable key of SHOP, from a page of `origin`. */
function visitor(world: World, origin: string | undefined = SHOP) {
  const key = createKey(world.workspace, { origins: [SHOP, "http://localhost:5173"] });
  const headers = { authorization: `Bearer ${key}`, ...(origin && { origin }) };
  return (body: unknown, path = "/events", method = "POST") => world.request<Record<string, unknown>>(method, path, body, headers);
}

describe("origins", () => {
  test("are those of the key; another, or none, is 403", async () => {
    const world = openWorld();
    const click = { type: "click" };
    const good = await visitor(world)(click);
    expect([good.status, good.headers.get("access-control-allow-origin"), good.headers.get("vary")]).toEqual([201, SHOP, "Origin"]);
    expect((await visitor(world, "http://localhost:5173")(click)).status).toBe(201);
    for (const origin of ["https://evil.example", "https://shop.example.evil.example", "null", `${SHOP}/`]) {
      const reply = await visitor(world, origin)(click);
      expect([reply.status, reply.body.error?.code, reply.headers.get("access-control-allow-origin")]).toEqual([403, "FORBIDDEN", null]);
    }
    const none = await world.request("POST", "/events", click, {
      authorization: `Bearer ${createKey(world.workspace, { origins: [SHOP] })}`,
    });
    expect(none.status).toBe(403);
    world.close();
  });

  test("of an error can be read too", async () => {
    const world = openWorld();
    const reply = await visitor(world)({ type: "click", color: "red" });
    expect([reply.status, reply.headers.get("access-control-allow-origin")]).toEqual([400, SHOP]);
    world.close();
  });

  test("a secret key is not for browsers: its answers let no page read them", async () => {
    const world = openWorld();
    const reply = await world.request("POST", "/events", { type: "click" }, { origin: SHOP });
    expect([reply.status, reply.headers.get("access-control-allow-origin")]).toEqual([201, null]);
    world.close();
  });

  test("a key with scopes lets pages of its origins read, and other programs; no other page, and no writing", async () => {
    const world = openWorld();
    await world.request("POST", "/events", { type: "sale", orderId: "o", externalId: "ann", value: 5 });
    const authorization = `Bearer ${createKey(world.workspace, { scopes: ["links:read"], origins: [SHOP] })}`;
    const read = (origin: string, path = "/customers/cohorts") =>
      world.request("GET", path, undefined, { authorization, ...(origin && { origin }) });
    const good = [await read(SHOP), await read(SHOP, "/customers/ext_ann"), await read(SHOP, "/customers/cohorts")];
    expect(good.map(({ status, headers }) => [status, headers.get("access-control-allow-origin")])).toEqual(good.map(() => [200, SHOP]));
    const missing = await read(SHOP, "/customers/ext_bob");
    expect([missing.status, missing.headers.get("access-control-allow-origin")]).toEqual([404, SHOP]);
    const program = await read("");
    expect([program.status, program.headers.get("access-control-allow-origin")]).toEqual([200, null]);
    const evil = await read("https://evil.example");
    expect([evil.status, evil.headers.get("access-control-allow-origin")]).toEqual([403, null]);
    const events = await world.request("POST", "/events", { type: "click" }, { authorization, origin: SHOP });
    expect([events.status, events.body.error?.message]).toEqual([403, "The API key lacks the scope conversions:write."]);
    world.close();
  });

  test("a preflight of GET is answered for origins of keys that read, and for no others", async () => {
    const world = openWorld();
    createKey(world.workspace, { scopes: ["links:read"], origins: [SHOP] });
    createKey(world.workspace, { origins: ["https://page.example"] });
    const ask = async (origin: string, method: string, path = "/customers/ext_ann/journey") => {
      const headers = { authorization: "", origin, "access-control-request-method": method };
      const { status, headers: said } = await world.request("OPTIONS", path, undefined, headers);
      return [status, said.get("access-control-allow-origin"), said.get("access-control-allow-methods")];
    };
    expect(await ask(SHOP, "GET")).toEqual([204, SHOP, "GET"]);
    expect(await ask(SHOP, "GET", "/api/customers")).toEqual([204, SHOP, "GET"]);
    expect(await ask(SHOP, "DELETE", "/customers/ext_ann")).toEqual([401, null, null]);
    expect(await ask(SHOP, "POST", "/events")).toEqual([204, null, null]);
    expect(await ask("https://page.example", "GET")).toEqual([401, null, null]);
    expect(await ask("https://evil.example", "GET")).toEqual([401, null, null]);
    expect(await ask(SHOP, "GET", "/no-such-path")).toEqual([401, null, null]);
    world.close();
  });

  for (const [name, origin, path, status, allowed] of [
    ["of a key's origin is answered without a key", SHOP, "/events", 204, SHOP],
    ["is answered under /api as well", SHOP, "/api/events", 204, SHOP],
    ["of another origin allows nothing", "https://evil.example", "/events", 204, null],
    ["of two origins in one allows nothing", `${SHOP},http://localhost:5173`, "/events", 204, null],
    ["of a route that is not for browsers needs a key like all else", SHOP, "/customers", 401, null],
  ] as const)
    test(`a preflight ${name}`, async () => {
      const world = openWorld();
      createKey(world.workspace, { origins: [SHOP, "http://localhost:5173"] });
      const reply = await world.request("OPTIONS", path, undefined, { authorization: "", origin, "access-control-request-method": "POST" });
      expect([reply.status, reply.headers.get("access-control-allow-origin")]).toEqual([status, allowed]);
      world.close();
    });
});

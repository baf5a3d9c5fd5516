// Who gets in? Every route with every kind of key.
import { describe, expect, test } from "bun:test";
import { createKey } from "../../src/access/api-key.ts";
import { SCOPES } from "../../src/access/keyring.ts";
import { ADMIN_KEY, openWorld } from "../harness.ts";
import { ASKERS, askAll } from "./matrix.ts";
import { play } from "./scenario.ts";

const listing = openWorld();
const routes = listing.app.endpoints.map(({ method, path, admission, keyInQuery }) => ({ method, path, admission, keyInQuery }));
listing.close();

test("each endpoint declares a scope, and any key may only sign in and out, and ask as an agent", () => {
  expect(routes.filter(({ admission }) => admission === "key").map(({ method, path }) => `${method} ${path}`)).toEqual([
    "POST /session",
    "DELETE /session",
    "POST /mcp",
  ]);
  const unsigned = routes.filter(({ admission }) => typeof admission === "string");
  expect(routes.filter((route) => !unsigned.includes(route) && !route.path.startsWith("/webhooks/"))).toEqual([]);
  expect(
    unsigned.filter(({ admission }) => admission !== "open" && admission !== "key" && !SCOPES.some((scope) => scope === admission)),
  ).toEqual([]);
  expect(
    routes.filter(({ admission, path }) => admission === "open" && !/^\/(|healthz|readyz|r\.js|docs(\/.*)?|app\/.*)$/.test(path)),
  ).toEqual([]);
});

test("the table of scopes is that of the contract", () => {
  const byScope = Map.groupBy(routes, ({ admission }) => admission);
  const table = Object.fromEntries(
    SCOPES.map((scope) => [scope, (byScope.get(scope) ?? []).map(({ method, path }) => `${method} ${path}`).sort()]),
  );
  expect(table).toEqual({
    "links:read": [
      "GET /customers",
      "GET /customers/:id",
      "GET /customers/:id/attribution",
      "GET /customers/:id/export",
      "GET /customers/:id/journey",
      "GET /customers/cohorts",
      "GET /customers/count",
      "GET /dub/customers",
      "GET /dub/customers/:id",
      "GET /refunds/pending",
    ],
    "analytics:read": [
      "GET /customers/attribution",
      "GET /customers/ltv-cohorts",
      "GET /customers/revenue",
      "GET /imports",
      "GET /imports/:id",
    ],
    "links:create": ["POST /customers", "POST /customers/:id/recalculate-ltv"],
    "links:update": ["DELETE /webhooks/data-requests/:id", "PATCH /conversions/:id", "PATCH /customers/:id", "PATCH /dub/customers/:id"],
    "links:delete": ["DELETE /customers/:id", "DELETE /dub/customers/:id"],
    "conversions:write": [
      "DELETE /imports/:id",
      "GET /conversions/postback",
      "GET /conversions/s2s",
      "GET /rates",
      "POST /conversions/s2s",
      "POST /conversions/track",
      "POST /demo",
      "POST /dub/track/lead",
      "POST /dub/track/sale",
      "POST /events",
      "POST /imports",
      "POST /v1/alias",
      "POST /v1/batch",
      "POST /v1/group",
      "POST /v1/identify",
      "POST /v1/page",
      "POST /v1/screen",
      "POST /v1/track",
      "PUT /rates",
    ],
    "metrics:read": ["GET /metrics", "GET /webhooks"],
    "changes:read": ["GET /changes"],
    "webhooks:write": [
      "DELETE /webhook-endpoints/:id",
      "GET /webhook-endpoints",
      "GET /webhook-endpoints/:id/deliveries",
      "PATCH /webhook-endpoints/:id",
      "POST /webhook-endpoints",
      "POST /webhook-endpoints/:id/deliveries/:delivery/redeliver",
      "POST /webhook-endpoints/:id/test",
    ],
    "backup:read": ["GET /backup", "GET /backup/secret", "GET /changes/rows"],
  });
});

test("every route opens for its own scope alone, under /api too, whoever asks", async () => {
  const { routes: count, cells, faults } = await askAll();
  expect(faults).toEqual([]);
  expect([count > 20, cells]).toEqual([true, count * 2 * ASKERS.length]);
});

describe("keys in headers and in the URL", () => {
  play([
    { method: "GET", path: "/customers/count", status: 200, name: "X-API-Key", key: "nobody", headers: { "x-api-key": ADMIN_KEY } },
    {
      method: "GET",
      path: "/customers/count",
      status: 200,
      name: "bearer in any case",
      key: "nobody",
      headers: { authorization: `bEARER ${ADMIN_KEY}` },
    },
    {
      method: "GET",
      path: "/customers/count",
      status: 401,
      name: "Basic is no key",
      headers: { authorization: "Basic abc" },
      contains: ["UNAUTHORIZED"],
      answers: { "www-authenticate": "Bearer" },
    },
    { method: "GET", path: `/customers/count?key=${ADMIN_KEY}`, status: 401, name: "not in the URL", key: "nobody", lacks: [ADMIN_KEY] },
    {
      method: "GET",
      path: `/conversions/s2s?click_id=c&key=${ADMIN_KEY}`,
      status: 401,
      name: "not one that can do more",
      key: "nobody",
      lacks: [ADMIN_KEY],
    },
    {
      method: "GET",
      path: "/conversions/s2s?click_id=c&key=rg_wrong",
      status: 401,
      key: "nobody",
      contains: ["INVALID_API_KEY"],
      lacks: ["rg_wrong"],
    },
    {
      method: "POST",
      path: "/conversions/s2s?key=rg_wrong",
      status: 401,
      name: "GET alone takes it",
      key: "nobody",
      body: { click_id: "c" },
      contains: ["UNAUTHORIZED"],
    },
  ]);

  test("the GET forms of /conversions take a conversion key in the URL, and no other kind", async () => {
    const world = openWorld();
    const conversion = createKey(world.workspace, { isForConversions: true });
    const secret = createKey(world.workspace, { scopes: ["conversions:write"] });
    const publishable = createKey(world.workspace, { origins: ["https://shop.example"] });
    for (const path of ["/conversions/postback?lw_cid=c", "/api/conversions/s2s?click_id=c"])
      for (const [key, status] of [
        [conversion, 200],
        [secret, 401],
        [publishable, 401],
      ] as const)
        expect((await world.request("GET", `${path}&key=${key}`, undefined, { authorization: "" })).status).toBe(status);
    const inHeader = await world.request("GET", "/conversions/s2s?click_id=c", undefined, { authorization: `Bearer ${secret}` });
    expect(inHeader.status).toBe(200);
    world.close();
  });

  test("a conversion key tells nothing of what is stored", async () => {
    const world = openWorld();
    const key = createKey(world.workspace, { isForConversions: true });
    await world.request("POST", "/events", { type: "lead", externalId: "ann", clickId: "known" });
    const ask = async (search: string) =>
      (await world.request<{ conversionId: string }>("GET", `/conversions/s2s?${search}&key=${key}`, undefined, { authorization: "" })).body
        .data;
    const answers = [
      await ask("click_id=known&order_id=o-1&value=5"),
      await ask("click_id=known&order_id=o-1&value=5"), // a replay
      await ask("click_id=known&order_id=o-1&value=6"), // a conflict
      await ask("click_id=unknown"),
    ];
    for (const [index, answer] of answers.entries())
      expect(answer as object).toEqual({
        conversionId: expect.stringMatching(/^ent_/),
        clickId: index === 3 ? "unknown" : "known",
        tracked: true,
      });
    expect(new Set(answers.map(({ conversionId }) => conversionId)).size).toBe(4);
    const { ltv } = (await world.request<{ ltv: number }>("GET", "/customers/ext_ann")).body.data;
    expect(ltv).toBe(5);
    world.close();
  });
});

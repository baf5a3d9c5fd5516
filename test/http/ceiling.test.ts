// What is still taken when the database is as large as it may become?
import { describe, expect, test } from "bun:test";
import { openSize } from "../../db/size.ts";
import { createKey, revokeKey } from "../../src/access/api-key.ts";
import { createApp } from "../../src/app/app.ts";
import { ADMIN_KEY, type Envelope, openWorld } from "../harness.ts";

const SHOP = "https://shop.example";
const FULL = [503, "SERVICE_UNAVAILABLE", "300"];

/** A world with a customer and a sale, and a way to ask it as if its database took `share` of what it may. */
async function filled() {
  const world = openWorld();
  await world.request("POST", "/customers", { externalId: "ann", createdAt: "2026-01-01T00:00:00Z" });
  await world.request("POST", "/events", { type: "sale", orderId: "o", externalId: "ann", value: 5 });
  const page = createKey(world.workspace, { origins: [SHOP] });
  const postback = createKey(world.workspace, { scopes: ["conversions:write"] });
  const bytes = openSize(world.workspace.database.sqlite)();
  const at = (share: number) => {
    const { workspace } = world;
    const app = createApp({ ...workspace, config: { ...workspace.config, maxDatabaseBytes: bytes / share } }, { checkAnswers: true });
    return async (method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) => {
      const all = { authorization: `Bearer ${ADMIN_KEY}`, ...(body !== undefined && { "content-type": "application/json" }), ...headers };
      const response = await app.handle(
        new Request(`http://localhost${path}`, { method, headers: all, ...(body !== undefined && { body: JSON.stringify(body) }) }),
      );
      const { error } = (await response.json().catch(() => ({}))) as Partial<Envelope>;
      return error ? [response.status, error.code, response.headers.get("retry-after"), error.message] : [response.status];
    };
  };
  return { world, at, page: { authorization: `Bearer ${page}`, origin: SHOP }, postback };
}

describe("a database as large as MAX_DATABASE_BYTES", () => {
  test("takes everything below it", async () => {
    const { world, at, page } = await filled();
    const ask = at(0.9);
    expect(await ask("POST", "/events", { type: "click" }, page)).toEqual([201]);
    expect(await ask("POST", "/events", { type: "lead", externalId: "ann" })).toEqual([201]);
    await world.close();
  });

  test("refuses entries of publishable keys first, with when to try again", async () => {
    const { world, at, page } = await filled();
    const ask = at(1.05);
    const [status, code, retryAfter, message] = await ask("POST", "/events", { type: "click" }, page);
    expect([status, code, retryAfter]).toEqual(FULL);
    expect(message).toContain("The database has reached MAX_DATABASE_BYTES");
    expect(await ask("POST", "/events", { type: "lead", externalId: "ann" })).toEqual([201]);
    await world.close();
  });

  test("10 % above it refuses whatever adds data, and keeps working otherwise", async () => {
    const { world, at, page, postback } = await filled();
    const ask = at(1.2);
    for (const [method, path, body, headers] of [
      ["POST", "/events", { type: "click" }, page],
      ["POST", "/events", { type: "lead", externalId: "ann" }],
      ["POST", "/events", [{ type: "lead", externalId: "ann" }]],
      ["POST", "/customers", { externalId: "ben" }],
      ["PATCH", "/customers/ext_ann", { name: "Ann" }],
      ["POST", "/conversions/track", { clickId: "c", event: "signup" }],
      ["POST", "/conversions/s2s", { click_id: "c", event: "signup" }],
      ["GET", "/conversions/s2s?click_id=c&event=signup", undefined, { authorization: `Bearer ${postback}` }],
      ["GET", "/conversions/postback?lw_cid=c&event=signup", undefined, { authorization: `Bearer ${postback}` }],
      ["PUT", "/rates", []],
    ] as const)
      expect([method, path, ...(await ask(method, path, body, headers)).slice(0, 3)]).toEqual([method, path, ...FULL]);
    expect(await ask("GET", "/customers/ext_ann")).toEqual([200]);
    expect(await ask("GET", "/customers/cohorts?group_by=month")).toEqual([200]);
    expect(await ask("PATCH", "/conversions/ord_o", { status: "rejected" })).toEqual([200]);
    expect(await ask("POST", "/customers/ext_ann/recalculate-ltv")).toEqual([200]);
    expect(await ask("DELETE", "/customers/ext_ann")).toEqual([200]);
    const { id } = world.workspace.database.sqlite.prepare("SELECT id FROM api_key LIMIT 1").get() as { id: string };
    expect(() => revokeKey(world.workspace, id)).not.toThrow();
    await world.close();
  });
});

// Does a POST with an Idempotency-Key happen once, and is the first answer given again?
import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { openDatabase } from "../../db/database.ts";
import { MIGRATIONS } from "../../db/migrate.ts";
import { secretOf } from "../../db/secret.ts";
import { createKey } from "../../src/access/api-key.ts";
import { assembleWorkspace } from "../../src/app/workspace.ts";
import { readConfig } from "../../src/host/config.ts";
import { silentLog } from "../../src/host/log.ts";
import { openIdempotency } from "../../src/http/idempotency.ts";
import { NOW, openWorld, type World } from "../harness.ts";
import { newDatabasePath } from "../temporary-folder.ts";
import { waitUntil } from "../wait-until.ts";

const ROUTES: readonly (readonly [path: string, body: unknown])[] = [
  ["/customers", { externalId: "ann", name: "Ann" }],
  ["/customers/ext_ann/recalculate-ltv", undefined],
  ["/events", { type: "lead", externalId: "ann" }],
  ["/events", [{ type: "lead", externalId: "ann" }, { type: "sale" }, { type: "custom", externalId: "ann", event: "e" }]],
  ["/conversions/track", { clickId: "c-ann", event: "purchase", value: 5 }],
  ["/conversions/s2s", { click_id: "c-ann", event: "signup" }],
];

/** A world in which ann is there. */
async function withAnn(): Promise<World> {
  const world = openWorld();
  await world.request("POST", "/events", { type: "click", clickId: "c-ann", externalId: "ann" });
  return world;
}
const rows = (world: World) => world.workspace.database.sqlite.prepare("SELECT count(*) FROM entry").pluck().get();
const key = (value: string) => ({ "idempotency-key": value });

describe.each(ROUTES.map(([path, body]) => ({ path, body, name: Array.isArray(body) ? `${path} with an array` : path })))(
  "POST $name",
  ({ path, body }) => {
    test("carried out once, is answered again as the first time", async () => {
      const world = await withAnn();
      const first = await world.request("POST", path, body, key("k"));
      const before = rows(world);
      const again = await world.request("POST", path, body, key("k"));
      expect([again.status, again.text]).toEqual([first.status, first.text]);
      expect([first.headers.get("idempotent-replayed"), again.headers.get("idempotent-replayed")]).toEqual([null, "true"]);
      expect(rows(world)).toBe(before);
      world.close();
    });

    test("with another body under the same key is 409, and does nothing", async () => {
      const world = await withAnn();
      await world.request("POST", path, body, key("k"));
      const before = rows(world);
      const other = await world.request("POST", "/events", { type: "click" }, key("k"));
      expect([other.status, other.body.error?.code, other.body.error?.details?.[0]?.path]).toEqual([409, "CONFLICT", "Idempotency-Key"]);
      expect(rows(world)).toBe(before);
      world.close();
    });

    test("is 404 once its customer is erased", async () => {
      const world = await withAnn();
      await world.request("POST", path, body, key("k"));
      await world.request("DELETE", "/customers/ext_ann");
      const again = await world.request("POST", path, body, key("k"));
      expect([again.status, again.text.includes("ann")]).toEqual([404, false]);
      world.close();
    });
  },
);

describe("an Idempotency-Key", () => {
  test("of another API key is another", async () => {
    const world = await withAnn();
    const other = createKey(world.workspace, { scopes: ["conversions:write"] });
    const body = { type: "click" };
    const first = await world.request<{ id: string }>("POST", "/events", body, key("k"));
    const second = await world.request<{ id: string }>("POST", "/events", body, { ...key("k"), authorization: `Bearer ${other}` });
    expect(second.body.data.id).not.toBe(first.body.data.id);
    world.close();
  });

  test("is kept for 24 hours", async () => {
    const world = await withAnn();
    const send = async () => (await world.request<{ id: string }>("POST", "/events", { type: "click" }, key("k"))).body.data.id;
    const first = await send();
    world.clock.set(world.clock.now() + 24 * 3_600_000 - 1);
    expect(await send()).toBe(first);
    world.clock.set(world.clock.now() + 1);
    expect(await send()).not.toBe(first);
    expect(world.workspace.database.sqlite.prepare("SELECT count(*) FROM idempotency").pluck().get()).toBe(1);
    world.close();
  });

  test("of a request that failed can be used again", async () => {
    const world = await withAnn();
    const refund = { type: "refund", orderId: "o", value: 5 };
    await world.request("POST", "/events", { type: "sale", orderId: "o", externalId: "ann", value: 4 });
    expect((await world.request("POST", "/events", refund, key("k"))).status).toBe(409);
    expect((await world.request("POST", "/events", { ...refund, value: 3 }, key("k"))).status).toBe(201);
    world.close();
  });

  test("is visible ASCII, and is named beside what else is wrong", async () => {
    const world = await withAnn();
    const reply = await world.request("POST", "/customers", { email: "x" }, key("two words"));
    expect(reply.body.error?.details?.map(({ path }) => path).sort()).toEqual(["Idempotency-Key", "email", "externalId"]);
    world.close();
  });

  test.each([
    ["/customers", { externalId: "new" }, "customer"],
    ["/events", { type: "lead", externalId: "ann" }, "entry"],
    ["/events", [{ type: "lead", externalId: "ann" }], "entry"],
  ])("that cannot be stored leaves nothing of what POST %s did", async (path, body, table) => {
    const world = await withAnn();
    const { sqlite } = world.workspace.database;
    const count = () => sqlite.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
    const before = count();
    sqlite.exec("CREATE TEMP TRIGGER refuse BEFORE INSERT ON main.idempotency BEGIN SELECT RAISE(ABORT, 'refused'); END");
    expect((await world.request("POST", path, body, key("k"))).status).toBe(500);
    expect(count()).toBe(before);
    sqlite.exec("DROP TRIGGER refuse");
    expect([200, 201]).toContain((await world.request("POST", path, body, key("k"))).status);
    world.close();
  });

  test("sent many times at once happens once", async () => {
    const world = await withAnn();
    const before = Number(rows(world));
    const replies = await Promise.all(
      Array.from({ length: 50 }, () => world.request("POST", "/events", { type: "lead", externalId: "ann" }, key("k"))),
    );
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect(Number(rows(world)) - before).toBe(1);
    world.close();
  });

  test("leaves no text of the caller's in the database", async () => {
    const world = await withAnn();
    await world.request(
      "POST",
      "/events",
      [
        { type: "lead", "marker-field": 1 },
        { type: "click", name: "marker-name" },
      ],
      key("marker-key"),
    );
    await world.request("POST", "/customers", { externalId: "marker-id" }, key("marker-key-2"));
    expect(JSON.stringify(world.workspace.database.sqlite.prepare("SELECT * FROM idempotency").all())).not.toContain("marker");
    world.close();
  });

  test("tells what was wrong with an entry of an array again", async () => {
    const world = await withAnn();
    const body = [
      { type: "lead", color: "red" },
      { type: "sale", orderId: "o", externalId: "ann", value: 1, timestamp: "soon" },
    ];
    const [first, again] = [await world.request("POST", "/events", body, key("k")), await world.request("POST", "/events", body, key("k"))];
    expect(again.text).toBe(first.text);
    expect(first.text).toContain("0.color");
    world.close();
  });
});

describe("what a copy of the database tells of an Idempotency-Key", () => {
  const hashed = (secret: string) => createHmac("sha256", secret).update("caller\nkey").digest("base64url");

  test("is a hash with the secret beside it, and with nothing that is in it", () => {
    const path = newDatabasePath();
    const database = openDatabase(path);
    const { keyHash } = openIdempotency({ database, now: () => NOW }).identify("caller", "key", "request");
    const settings = database.sqlite.prepare("SELECT value FROM setting UNION SELECT name FROM setting").pluck().all() as string[];
    expect(settings.map(hashed)).not.toContain(keyHash);
    expect(hashed(readFileSync(secretOf(path), "utf8").trim())).toBe(keyHash);
    database.close();
  });

  test("is nothing of a former version: its secret and its hashes go with the upgrade", () => {
    const path = newDatabasePath();
    const before = openDatabase(path, {}, { migrations: MIGRATIONS.filter(({ name }) => name < "0007") });
    before.sqlite.exec("INSERT INTO setting VALUES ('idempotency_secret', 'in-the-file')");
    before.sqlite.prepare("INSERT INTO idempotency VALUES (?, ?, 201, '{}', ?)").run(hashed("in-the-file"), "request", NOW);
    before.close();
    const after = openDatabase(path);
    const count = (sql: string) => after.sqlite.prepare(sql).pluck().get();
    expect(count("SELECT count(*) FROM idempotency")).toBe(0);
    expect(count("SELECT count(*) FROM setting WHERE name = 'idempotency_secret'")).toBe(0);
    after.close();
  });
});

describe("an expired Idempotency-Key", () => {
  test("is deleted by the server itself, without a request, and no sooner", async () => {
    let at = NOW;
    const workspace = assembleWorkspace(readConfig({ DATABASE_PATH: ":memory:" }), {
      now: () => at,
      log: silentLog(),
      derives: "soon",
      expiresEveryMs: 5,
    });
    const { sqlite } = workspace.database;
    const insert = sqlite.prepare("INSERT INTO idempotency VALUES (?, 'request', 201, '{}', ?)");
    for (let index = 0; index < 1200; index += 1) insert.run(`old-${index}`, NOW); // more than one write deletes
    insert.run("new", NOW + 1);
    const kept = () => sqlite.prepare("SELECT key_hash FROM idempotency").pluck().all();
    at = NOW + 24 * 3_600_000 - 1;
    await Bun.sleep(50);
    expect(kept()).toHaveLength(1201);
    at = NOW + 24 * 3_600_000;
    await waitUntil("only the newest is left", () => kept().length === 1, { seen: kept });
    expect(kept()).toEqual(["new"]);
    await workspace.close();
  });
});

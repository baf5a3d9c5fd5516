// What does a standby answer, what does it refuse, and what becomes of it when it is promoted, or when its primary's feed does not go on?
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { connectReader } from "../../db/connection.ts";
import { createKey } from "../../src/access/api-key.ts";
import { promoteWorkspace, stateOf } from "../../src/app/standby.ts";
import { openErasure } from "../../src/customer/erase-customer.ts";
import { lookAtFeed } from "../../src/ops/doctor/feed.ts";
import { openApply } from "../../src/standby/apply.ts";
import { follow } from "../../src/standby/follow.ts";
import { Refused, toPrimaryUrl } from "../../src/standby/primary.ts";
import { AT, sale } from "../feed/reading.ts";
import { openWorld, type World } from "../harness.ts";
import { verifyWorld } from "../verify/world.ts";
import { waitUntil } from "../wait-until.ts";
import { openPair, openStandbyOf, type Pair, PRIMARY, primaryOf } from "./pair.ts";
import { expectSame } from "./same.ts";

const filesOf = ({ workspace: { config } }: World) => {
  const folder = dirname(config.databasePath);
  return readdirSync(folder).map((name) => readFileSync(join(folder, name), "latin1"));
};

/** Follows in the background until `stop`. */
function startFollowing({ primary, standby }: Pair) {
  const ending = new AbortController();
  const ended = follow({
    context: standby.workspace,
    standby: standby.workspace.standby,
    primary: primaryOf(primary),
    signal: ending.signal,
  });
  return {
    ended,
    async stop() {
      ending.abort();
      primary.workspace.feed.news.close();
      await ended;
    },
  };
}

describe("a standby", () => {
  test("is promoted without waiting for the files of an erasure, which are purged afterwards", async () => {
    const pair = await openPair();
    const { primary, standby } = pair;
    const { database, config } = standby.workspace;
    const pending = () => database.sqlite.prepare("SELECT value FROM setting WHERE name = 'erased_last'").get();
    const following = startFollowing(pair);
    const reader = connectReader(config.databasePath);
    reader.exec("BEGIN; SELECT count(*) FROM entry"); // keeps the journal from being emptied
    await primary.request("DELETE", "/customers/ext_of-o-1");
    await waitUntil("the erasure is stored", () => pending() !== undefined);
    const startedAt = performance.now();
    await following.stop();
    promoteWorkspace(standby.workspace);
    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect(pending()).toBeDefined();
    reader.close();
    await openErasure(standby.workspace).resume();
    expect(pending()).toBeUndefined();
    expect(filesOf(standby).filter((bytes) => bytes.includes("of-o-1"))).toEqual([]);
    await pair.close();
  });

  test("is not followed itself, and says whom to follow", async () => {
    const pair = await openPair();
    const { standby } = pair;
    for (const path of ["/backup/secret", "/changes/rows"]) {
      const { status, body, headers } = await standby.request("GET", path);
      expect([status, headers.get("x-primary")]).toEqual([503, PRIMARY]);
      expect(body.error?.message).toBe(`This is a standby, and only a primary can be followed. The primary is at ${PRIMARY}.`);
    }
    await expect(openStandbyOf(standby)).rejects.toThrow("only a primary can be followed");
    promoteWorkspace(standby.workspace);
    expect((await standby.request("GET", "/changes/rows")).status).toBe(200);
    await pair.close();
  });

  test("answers reads, says as of when, and refuses writes with the address of the primary", async () => {
    const pair = await openPair();
    const { primary, standby } = pair;
    await primary.request("POST", "/events", sale("o-2"));
    await pair.keepUp();
    const list = await standby.request<unknown[]>("GET", "/customers");
    expect(list.body.data).toHaveLength(2);
    const asOf = standby.workspace.standby.following()?.asOfAt ?? 0;
    expect(list.headers.get("x-data-as-of")).toBe(new Date(asOf).toISOString());
    expect(Date.now() - asOf).toBeLessThan(60_000);
    for (const [method, path, body] of [
      ["POST", "/events", sale("o-3")],
      ["PATCH", "/customers/ext_of-o-1", { name: "Ann" }],
      ["DELETE", "/customers/ext_of-o-1", undefined],
      ["PUT", "/rates", { currency: "EUR", date: "2026-01-31", rate: "1.1" }],
    ] as const) {
      const refused = await standby.request(method, path, body);
      expect(`${method} ${refused.status}`).toBe(`${method} 503`);
      expect(refused.body.error?.message).toContain(PRIMARY);
      expect(refused.headers.get("x-primary")).toBe(PRIMARY);
    }
    const key = createKey(primary.workspace, { isForConversions: true });
    await pair.keepUp();
    expect(
      (await standby.request("GET", `/conversions/s2s?key=${key}&click_id=c&order_id=s`, undefined, { authorization: "" })).status,
    ).toBe(503);
    const tools = { jsonrpc: "2.0", id: 1, method: "tools/list" };
    expect(
      (await standby.request("POST", "/mcp", tools, { accept: "application/json, text/event-stream", host: "localhost" })).status,
    ).toBe(200);
    expect((await standby.request("GET", "/readyz")).body.data).toMatchObject({ standby: { primary: PRIMARY } });
    expect((await standby.request("GET", "/metrics")).text).toContain("regulars_standby 1\n");
    expect((await primary.request("GET", "/metrics")).text).toContain("regulars_standby 0\n");
    const { sqlite } = standby.workspace.database;
    expect(lookAtFeed(sqlite)).toMatchObject({ level: "ok", text: expect.stringContaining(`standby of ${PRIMARY}`) });
    expect(lookAtFeed(sqlite, Date.now() + 3_600_000).level).toBe("warn");
    await pair.close();
  });

  test("has its primary's keys, rates, outcomes of Idempotency-Keys and what webhooks brought, after a promotion too", async () => {
    const pair = await openPair();
    const { primary, standby } = pair;
    const key = createKey(primary.workspace, { scopes: ["links:read"] });
    await primary.request("PUT", "/rates", { currency: "EUR", date: "2026-01-31", rate: "1.1" });
    const once = [["POST", "/events", { type: "lead", externalId: "ann", timestamp: AT }], { "idempotency-key": "k-1" }] as const;
    await primary.request(...once[0], once[1]);
    const { sqlite } = primary.workspace.database;
    sqlite.exec(`INSERT INTO webhook_count VALUES ('stripe', 't', 'recorded', '', 2, 5); INSERT INTO webhook_erasure VALUES (1);
      INSERT INTO webhook_delivery (source, type, result, reason, entries, at) VALUES ('stripe', 't', 'recorded', '', '[1]', 5)`);
    await pair.keepUp();
    sqlite.exec("UPDATE webhook_count SET count = 3; DELETE FROM webhook_erasure");
    await pair.keepUp();
    await expectSame(pair);
    promoteWorkspace(standby.workspace);
    expect((await standby.request("GET", "/customers", undefined, { authorization: `Bearer ${key}` })).status).toBe(200);
    await pair.close();
  });

  test("follows an import and its undoing, and has endpoints of webhooks and what waits for them", async () => {
    const pair = await openPair();
    const { primary, standby } = pair;
    const endpoint = { url: "https://hooks.example.com/a", events: ["entry.created"] };
    expect((await primary.request("POST", "/webhook-endpoints", endpoint)).status).toBe(201);
    primary.workspace.database.sqlite.exec(
      `INSERT INTO webhook_message (webhook_id, endpoint, event, subject, told_at, since_at) SELECT 'm', number, 'entry.created', 1, 5, 5 FROM webhook_endpoint;
       INSERT INTO webhook_once SELECT number, 'customer.first_sale', 1 FROM webhook_endpoint`,
    );
    const lines = ["i-1", "i-2", "o-1"].map((order) =>
      JSON.stringify(sale(order, { email: `${order}@example.com`, aliases: [`a:${order}`], visitorId: `v-${order}` })),
    );
    const { body } = await primary.request<{ id: string }>("POST", "/imports?name=a.ndjson", lines.join("\n"));
    await primary.workspace.imports.idle();
    const rate = { currency: "EUR", date: "2026-01-31", rate: "1.1" };
    await primary.request("PUT", "/rates", rate);
    await pair.keepUp(7);
    await expectSame(pair);
    expect((await primary.request("DELETE", `/imports/${body.data.id}`)).status).toBe(202);
    await primary.workspace.imports.idle();
    await primary.request("PATCH", "/webhook-endpoints/none", {});
    primary.workspace.database.sqlite.exec("UPDATE webhook_message SET state = 1; DELETE FROM rate");
    await pair.keepUp(7);
    await expectSame(pair);
    expect(standby.workspace.database.sqlite.prepare("SELECT count(*) FROM entry").pluck().get()).toBe(1);
    expect(standby.workspace.database.sqlite.prepare("SELECT count(*) FROM webhook_message WHERE state = 1").pluck().get()).toBe(1);
    expect((await verifyWorld(standby)).kept).toEqual([]);
    await pair.close();
  });

  test("leaves no byte of who was erased, and confirms it only then", async () => {
    const pair = await openPair({ config: { followAck: true } });
    const { primary, standby } = pair;
    const following = startFollowing(pair);
    const marked = { externalId: "zq7-id", email: "zq7@example.com", name: "Zq7 Name", aliases: ["zq7:alias"], visitorId: "zq7-visitor" };
    await primary.request("POST", "/events", [
      sale("o-7", marked),
      { type: "click", visitorId: "zq7-visitor", url: "https://a.example/zq7" },
    ]);
    const told = { externalId: "zq7-id", name: "Zq7", metadata: { note: "zq7" } };
    expect((await primary.request("POST", "/customers", told)).status).toBe(200);
    expect((await standby.request("GET", "/customers/ext_zq7-id")).body.data).toMatchObject({ name: "Zq7", email: "zq7@example.com" });
    expect(filesOf(standby).some((text) => /zq7/i.test(text))).toBe(true);
    expect((await primary.request("DELETE", "/customers/ext_zq7-id")).status).toBe(200);
    expect(filesOf(standby).filter((text) => /zq7/i.test(text))).toEqual([]);
    expect((await standby.request("GET", "/customers/ext_zq7-id")).status).toBe(404);
    expect(standby.workspace.database.tombstones.list()).toHaveLength(1);
    await following.stop();
    await expectSame(pair);
    await pair.close();
  });

  test("begins anew where the feed does not go on: changes were dropped, or the primary has another history", async () => {
    const pair = await openPair();
    const { primary, standby } = pair;
    for (const order of ["o-2", "o-3"]) await primary.request("POST", "/events", sale(order));
    primary.workspace.database.sqlite.exec("DELETE FROM change WHERE seq < (SELECT max(seq) FROM change)");
    expect(await startFollowing(pair).ended).toMatchObject({ why: "begin anew", because: expect.stringContaining("dropped") });
    await pair.close();

    const other = await openPair();
    other.primary.workspace.database.sqlite.exec(`UPDATE setting SET value = '[{"from":1,"history":"another"}]' WHERE name = 'lineage'`);
    expect(await startFollowing(other).ended).toMatchObject({ why: "begin anew", because: expect.stringContaining("history") });
    expect(stateOf(other.standby.workspace.config.databasePath)).toBe("standby");
    await other.close();
    expect(standby.workspace.database.sqlite.open).toBe(false);
  });

  test("stores nothing of a page that it cannot apply, and not how far it has come", async () => {
    const pair = await openPair();
    const { standby } = pair;
    const before = standby.workspace.standby.following();
    if (!before) throw new Error("It is no standby.");
    const page = { history: "", at: AT, newest: before.seq + 2, next: before.seq + 2, changes: [], work: null };
    const rows = [
      { table: "rate", id: '["EUR","2026-01-31"]', row: { currency: "EUR", day: 5, rate: "1" } },
      { table: "entry", id: 9, row: { id: 9, colour: "red" } },
    ];
    const apply = openApply(standby.workspace);
    expect(() => apply({ ...page, rows }, before)).toThrow("The primary is of a newer version: it has entry.colour");
    const zone = [{ table: "setting", id: '["timezone"]', row: { name: "timezone", value: "Europe/Berlin" } }];
    expect(() => apply({ ...page, rows: zone }, before)).toThrow("set TIMEZONE=Europe/Berlin");
    expect(standby.workspace.database.sqlite.prepare("SELECT count(*) FROM rate").pluck().get()).toBe(0);
    expect(standby.workspace.database.sqlite.prepare("SELECT value FROM setting WHERE name = 'following'").pluck().get()).toBe(
      JSON.stringify(before),
    );
    await pair.close();
  });
});

describe("a copy", () => {
  test("brings the list of who is erased, so that no older backup of this machine brings them back", async () => {
    const primary = openWorld();
    await primary.request("POST", "/events", [sale("o-1"), sale("o-2")]);
    await primary.request("DELETE", "/customers/ext_of-o-1");
    const pair = await openStandbyOf(primary);
    expect(pair.standby.workspace.database.tombstones.list()).toEqual([{ customerId: 1, erasedAt: primary.clock.now() }]);
    await pair.close();
  });

  test("is given with the secret to keys of the scope backup:read alone", async () => {
    const pair = await openPair();
    const { standby } = pair;
    for (const path of ["/backup", "/backup/secret"])
      expect(
        (
          await standby.request("GET", path, undefined, {
            authorization: `Bearer ${createKey(pair.primary.workspace, { scopes: ["links:read"] })}`,
          })
        ).status,
      ).toBe(401);
    const { secret } = (await pair.primary.request<{ secret: string | null }>("GET", "/backup/secret")).body.data;
    expect(secret).toBeNull(); // a primary in memory has no file
    promoteWorkspace(standby.workspace);
    const own = (await standby.request<{ secret: string }>("GET", "/backup/secret")).body.data.secret;
    expect(readFileSync(`${standby.workspace.config.databasePath}.secret`, "utf8").trim()).toBe(own);
    writeFileSync(`${standby.workspace.config.databasePath}.sent-left.part`, "left by a server that was killed");
    const copy = await standby.app.handle(new Request("http://localhost/backup", { headers: { "x-api-key": "admin-key-for-tests" } }));
    expect(
      Buffer.from(await copy.arrayBuffer())
        .subarray(0, 15)
        .toString(),
    ).toBe("SQLite format 3");
    expect(readdirSync(dirname(standby.workspace.config.databasePath)).filter((name) => name.includes("sent"))).toEqual([]);
    await pair.close();
  });
});

test("a primary over the open network is reached by https alone", () => {
  for (const good of [
    "https://stats.example.com/analytics/",
    "http://127.0.0.1:3000",
    "http://10.0.0.7",
    "http://primary:3000",
    "http://[::1]:1",
  ])
    expect(toPrimaryUrl(good)).toBe(good.replace(/\/$/, ""));
  for (const bad of ["http://stats.example.com", "http://8.8.8.8", "ftp://a", "stats", "https://a.example/?key=1", "https://u:p@a.example"])
    expect(() => toPrimaryUrl(bad)).toThrow();
  expect(new Refused(410, "gone").status).toBe(410);
});

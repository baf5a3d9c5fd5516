// Is an answer as new as it says? Reports and lists wait for a little work, say what they lack when there is more, and are kept only while nothing changes.

import { afterEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { connect } from "../../db/connection.ts";
import { assembleWorkspace } from "../../src/app/workspace.ts";
import { silentLog } from "../../src/host/log.ts";
import { openEvents } from "../../src/intake/events.ts";
import { NOW, openWorld, type World, type WorldOptions } from "../harness.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { waitUntil } from "../wait-until.ts";

const worlds: World[] = [];
function open(options: WorldOptions = {}): World {
  const world = openWorld({ ...options, config: { snapshotTtl: 3600, ...options.config } });
  worlds.push(world);
  return world;
}
afterEach(() => {
  for (const world of worlds.splice(0)) world.close();
});

const sale = (number: number, externalId = "ann") => ({
  type: "sale",
  orderId: `o-${number}`,
  externalId,
  value: 10,
  timestamp: "2026-01-01T00:00:00Z",
});
const EVERYBODY = [
  "/customers/cohorts",
  "/customers/ltv-cohorts",
  "/customers/attribution",
  "/customers/revenue",
  "/customers",
  "/customers/count",
  "/dub/customers",
];
/** What an answer says of its freshness: X-Behind, X-Data-As-Of and X-Cache. */
async function said(world: World, path: string, headers: Record<string, string> = {}) {
  const answer = await world.request("GET", path, undefined, headers);
  return [answer.status, answer.headers.get("x-behind"), answer.headers.get("x-data-as-of"), answer.headers.get("x-cache")];
}
const salesOf = async (world: World) =>
  (await world.request<{ totals: { sales: number } }>("GET", "/customers/cohorts")).body.data.totals.sales;

describe("what is left to derive", () => {
  test("is waited for when it is little", async () => {
    const world = open();
    for (let number = 1; number <= 3; number++) {
      await world.request("POST", "/events", sale(number));
      expect(await salesOf(world)).toBe(number);
    }
    for (const path of EVERYBODY) expect((await said(world, path)).slice(0, 3)).toEqual([200, null, null]);
  });

  for (const path of EVERYBODY)
    test(`is told by ${path} when it is more: how much, and since when`, async () => {
      const world = open({ readWaitsMs: 0 });
      await world.request("POST", "/events", [sale(1), sale(2), sale(3)]);
      world.clock.set(NOW + 5000);
      await world.request("POST", "/events", sale(4));
      expect(world.workspace.ledger.behind()).toEqual({ entries: 4, asOfAt: NOW });
      expect((await said(world, path)).slice(0, 3)).toEqual([200, "4", new Date(NOW).toISOString()]);
    });

  test("keeps a report that lacks it from being used again", async () => {
    const world = open({ readWaitsMs: 0 });
    await world.request("POST", "/events", sale(1));
    const { body } = await world.request<{ totals: { sales: number } }>("GET", "/customers/cohorts");
    await world.workspace.ledger.catchUp();
    expect([body.data.totals.sales, await salesOf(world)]).toEqual([0, 1]);
  });

  test("is derived in the background after such an answer", async () => {
    const world = open({ readWaitsMs: 0 });
    await world.request("POST", "/events", sale(1));
    expect((await said(world, "/customers/cohorts"))[1]).toBe("1");
    await waitUntil("everything is derived", () => world.workspace.ledger.behind() === undefined);
    expect(await said(world, "/customers/cohorts")).toEqual([200, null, null, "MISS"]);
    expect(await salesOf(world)).toBe(1);
  });

  test("is never lacking in an answer about one customer", async () => {
    const world = open({ readWaitsMs: 0 });
    await world.request("POST", "/events", [sale(1), sale(2)]);
    for (const [path, field] of [
      ["/customers/ext_ann", "ltv"],
      ["/customers/ext_ann/attribution", "revenue"],
    ] as const) {
      const { body, headers } = await world.request<Record<string, unknown>>("GET", path);
      expect([body.data[field], headers.get("x-behind")]).toEqual([20, null]);
    }
  });

  test("counts a change that is no entry as one, and an entry whose time has come from then on", async () => {
    const world = open({ readWaitsMs: 0 });
    const soon = new Date(NOW + 60_000).toISOString();
    await world.request("POST", "/events", { ...sale(1), timestamp: soon });
    await world.workspace.ledger.catchUp();
    expect(world.workspace.ledger.behind()).toBeUndefined();
    world.clock.set(NOW + 90_000);
    expect(world.workspace.ledger.behind()).toEqual({ entries: 1, asOfAt: NOW + 60_000 });
    await world.workspace.ledger.catchUp();
    await world.request("PATCH", "/conversions/ord_o-1", { status: "rejected" });
    expect(world.workspace.ledger.behind()).toEqual({ entries: 1, asOfAt: NOW + 90_000 });
  });

  test("includes entries that are changing hands", async () => {
    const world = open({ readWaitsMs: 0, reassignAtOnce: 1 });
    const click = { type: "click", timestamp: "2026-01-01T00:00:00Z", visitorId: "v-1" };
    await world.request(
      "POST",
      "/events",
      [1, 2, 3, 4].map((number) => ({ ...click, clickId: `c-${number}` })),
    );
    world.clock.set(NOW + 1000);
    await world.request("POST", "/events", { ...sale(1), visitorId: "v-1" });
    expect(await said(world, "/customers/cohorts")).toEqual([200, "2", new Date(NOW + 1000).toISOString(), "MISS"]);
    // The customer's own answer waits.
    const { body } = await world.request<{ summary: { clicks: number } }>("GET", "/customers/ext_ann/journey");
    expect(body.data.summary.clicks).toBe(4);
  });

  test("is told even while another process holds the database", async () => {
    const databasePath = join(temporaryFolder(), "regulars.db");
    const world = open({ readWaitsMs: 5, config: { databasePath } });
    world.workspace.database.sqlite.pragma("busy_timeout = 0");
    await world.request("POST", "/events", sale(1));
    const other = connect(databasePath);
    other.exec("BEGIN IMMEDIATE");
    expect(await said(world, "/customers/cohorts")).toEqual([200, "1", new Date(NOW).toISOString(), "MISS"]);
    other.exec("ROLLBACK");
    other.close();
  });
});

describe("intake", () => {
  test("of arrays waits until less is left, and derives meanwhile", async () => {
    const world = open({ readWaitsMs: 0, intakeWaitsMs: 0 });
    const left: (number | undefined)[] = [];
    const { ledger } = world.workspace;
    const sent = [1, 2, 3].map((number) => world.request("POST", "/events", [sale(number), sale(number + 10, "bob")]));
    for (const each of sent) {
      expect((await each).body.data).toMatchObject({ accepted: 2, rejected: 0 });
      left.push(ledger.behind()?.entries);
    }
    // Each has left no more than its own two entries, so those of the one before were derived first.
    expect(Math.max(...left.map((each) => each ?? 0))).toBe(2);
    await ledger.catchUp();
    expect(await salesOf(world)).toBe(6);
  });

  test("of single entries is never refused, however much is left", async () => {
    const world = open({ readWaitsMs: 0, intakeWaitsMs: 0 });
    const answers = await Promise.all([1, 2, 3, 4].map((number) => world.request("POST", "/events", sale(number, `user_${number}`))));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    const { ledger } = world.workspace;
    ledger.catchUp = () => Promise.reject(new Error("not to be called"));
    expect((await world.request("POST", "/events", sale(5))).status).toBe(201);
  });
});

describe("a kept report", () => {
  const PATH = "/customers/cohorts";
  const changes: [name: string, method: string, path: string, body: unknown][] = [
    ["an entry", "POST", "/events", sale(2)],
    ["a status", "PATCH", "/conversions/ord_o-1", { status: "rejected" }],
    ["a rate", "PUT", "/rates", { currency: "EUR", date: "2026-01-01", rate: "1.1" }],
    ["a customer", "POST", "/customers", { externalId: "bob" }],
    ["a refund", "POST", "/events", { type: "refund", orderId: "o-1", eventId: "r-1", value: 1, timestamp: "2026-01-02T00:00:00Z" }],
    ["an erasure", "DELETE", "/customers/ext_ann", undefined],
  ];
  for (const [name, method, path, body] of changes)
    test(`follows ${name} at once`, async () => {
      const world = open();
      await world.request("POST", "/events", [sale(1), { ...sale(9, "eve"), currency: "EUR" }]);
      for (const cache of ["MISS", "HIT", "HIT"]) expect((await said(world, PATH))[3]).toBe(cache);
      expect((await world.request(method, path, body)).status).toBeLessThan(300);
      expect(await said(world, PATH)).toEqual([200, null, null, "MISS"]);
    });

  test("follows a change by another process", async () => {
    const databasePath = join(temporaryFolder(), "regulars.db");
    const world = open({ config: { databasePath } });
    await world.request("POST", "/events", sale(1));
    for (const cache of ["MISS", "HIT", "HIT"]) expect((await said(world, PATH))[3]).toBe(cache);
    const other = assembleWorkspace({ ...world.workspace.config }, { log: silentLog(), now: world.clock.now });
    openEvents(other).many([sale(2)]);
    await other.close();
    await new Promise(setImmediate); // other processes are looked for once in each turn
    expect((await said(world, PATH))[3]).toBe("MISS");
    expect(await salesOf(world)).toBe(2);
  });

  test("is used on by who has it, if the figures are the same, whenever they were computed", async () => {
    const world = open();
    await world.request("POST", "/events", sale(1));
    const first = await world.request<{ computedAt: string }>("GET", PATH);
    world.clock.set(NOW + 60_000);
    await world.request("POST", "/events", { type: "custom", event: "seen", externalId: "ann", timestamp: "2026-01-05T00:00:00Z" });
    const second = await world.request<{ computedAt: string }>("GET", PATH);
    expect([first, second].map(({ body }) => Date.parse(body.data.computedAt))).toEqual([NOW, NOW + 60_000]);
    const etag = first.headers.get("etag") ?? "";
    expect(second.headers.get("etag")).toBe(etag);
    expect((await world.request("GET", PATH, undefined, { "if-none-match": etag })).status).toBe(304);
  });
});

// Is a report that was asked for by the same URL before answered from memory as it would be otherwise, and never when it may not be?

import { afterEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { createKey } from "../../src/access/api-key.ts";
import { assembleWorkspace } from "../../src/app/workspace.ts";
import type { Fields } from "../../src/host/log.ts";
import { RequestContext } from "../../src/http/request-context.ts";
import { openSnapshots } from "../../src/http/snapshots.ts";
import { openWorld, type World, type WorldOptions } from "../harness.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const worlds: World[] = [];
function open(options: WorldOptions = {}): World {
  const world = openWorld({ ...options, config: { snapshotTtl: 3600, ...options.config } });
  worlds.push(world);
  return world;
}
afterEach(() => {
  for (const world of worlds.splice(0)) world.close();
});

const SALE = { type: "sale", orderId: "o-1", externalId: "ann", value: 10, timestamp: "2026-01-01T00:00:00Z" };
const REPORTS = [
  "/customers/cohorts?group_by=month",
  "/customers/ltv-cohorts",
  "/customers/revenue",
  "/customers/attribution",
  "/customers/ext_ann/journey",
  "/customers/ext_ann/attribution?model=first",
];

/** Asks until the answer is one that is recalled by its URL: the first is computed, the second looked up. */
async function recalled(world: World, path: string) {
  await world.request("GET", path);
  await world.request("GET", path);
  return world.request("GET", path);
}

describe("a URL", () => {
  const about = (id: number | undefined) => ({ known: id, require: () => 1 });
  const get = (url: string, init: RequestInit = {}) => new RequestContext(new Request(`http://localhost${url}`, init));

  function openAsked() {
    let at = 0;
    const snapshots = openSnapshots({ ttlSeconds: 30, clock: () => at });
    const ask = async (url: string, id: number | undefined) => {
      for (let times = 0; times < 2; times++) await snapshots.answerAbout("journey", get(url), about(id), async () => ({ n: 1 }));
    };
    const set = (time: number) => {
      at = time;
    };
    return { snapshots, ask, set };
  }

  test("is recalled to GET alone, until its time is over", async () => {
    const { snapshots, ask, set } = openAsked();
    expect(snapshots.recall(get("/a"))).toBeUndefined();
    await ask("/a", 1);
    expect(snapshots.recall(get("/a"))?.report).toBe("journey");
    expect(snapshots.recall(get("/a?b"))).toBeUndefined();
    expect(snapshots.recall(get("/a", { method: "HEAD" }))).toBeUndefined();
    expect(snapshots.recall(get("/a", { headers: { "cache-control": "no-cache" } }))).toBeUndefined();
    set(30_000);
    expect(snapshots.recall(get("/a"))).toBeUndefined();
  });

  test("that names a customer by our id is good until a write touches them; by another name, until any customer is touched", async () => {
    const { snapshots, ask } = openAsked();
    const all = () => ["/id", "/name"].map((url) => snapshots.recall(get(url)) !== undefined);
    const again = async () => {
      await ask("/id", 1);
      await ask("/name", undefined);
    };
    await again();
    expect(all()).toEqual([true, true]);
    snapshots.forgetCustomers([2]);
    expect(all()).toEqual([true, false]);
    await again();
    snapshots.forgetCustomers([1]);
    expect(all()).toEqual([false, false]);
    await again();
    snapshots.forgetAll();
    expect(all()).toEqual([false, false]);
  });
});

describe("a report asked for again by the same URL", () => {
  test("is the same answer, with a request id of its own, also under /api and under the base path", async () => {
    const world = open({ config: { basePath: "/shop" } });
    await world.request("POST", "/events", SALE);
    for (const path of REPORTS) {
      const first = await world.request("GET", path);
      const ids = new Set([first.headers.get("x-request-id")]);
      for (const url of [path, `/api${path}`, `/shop${path}`]) {
        const { status, text, headers } = await recalled(world, url);
        expect([status, text, headers.get("x-cache"), headers.get("age")]).toEqual([200, first.text, "HIT", "0"]);
        ids.add(headers.get("x-request-id"));
        const names = (each: Headers) => [...each.keys()].sort();
        expect(names(headers)).toEqual(names(first.headers));
      }
      expect(ids.size).toBe(4);
    }
  });

  test("is 304 to who has it, and HEAD has its headers without its body", async () => {
    const world = open();
    const path = REPORTS[0] ?? "";
    const { headers, text } = await recalled(world, path);
    const known = await world.request("GET", path, undefined, { "if-none-match": headers.get("etag") ?? "" });
    expect([known.status, known.text, known.headers.get("x-cache")]).toEqual([304, "", "HIT"]);
    const head = await world.request("HEAD", path);
    expect([head.status, head.text, head.headers.get("x-cache")]).toEqual([200, "", "HIT"]);
    expect(head.headers.get("content-length")).toBe(String(Buffer.byteLength(text)));
    const anew = await world.request("GET", path, undefined, { "cache-control": "no-cache" });
    expect(anew.headers.get("x-cache")).toBe("MISS");
  });

  test("is told only to keys that may see it, and counts for their limit", async () => {
    const world = open({ config: { rateLimit: 100 } });
    await world.request("POST", "/events", SALE);
    const [path = ""] = REPORTS;
    await recalled(world, path);
    const reader = createKey(world.workspace, { scopes: ["links:read"] });
    const writer = createKey(world.workspace, { scopes: ["conversions:write"] });
    const page = createKey(world.workspace, { origins: ["https://shop.example"] });
    const ask = (key: string) => world.request("GET", path, undefined, { authorization: `Bearer ${key}`, origin: "https://shop.example" });
    const left = async () => (await ask(reader)).headers.get("ratelimit")?.split(";")[1];
    expect([await left(), await left()]).toEqual(["r=99", "r=98"]);
    expect([(await ask(writer)).status, (await ask(page)).status, (await ask("nobody")).status]).toEqual([403, 403, 401]);
    expect((await world.request("POST", path)).status).toBe(405);
  });

  test("is logged and counted by its pattern", async () => {
    const lines: Fields[] = [];
    const keep = (fields: Fields) => void lines.push(fields);
    const world = open({ log: { debug: keep, info: keep, warn: keep, error: keep, flush: () => Promise.resolve() } });
    await world.request("POST", "/events", SALE);
    lines.length = 0;
    const path = "/customers/ext_ann/journey";
    await recalled(world, path);
    const line = { message: "request", method: "GET", route: "/customers/:id/journey", status: 200, key: "admin" };
    expect(lines).toEqual([1, 2, 3].map(() => ({ ...line, requestId: expect.any(String), milliseconds: expect.any(Number) })));
    const { text } = await world.request("GET", "/metrics");
    expect(text).toContain('regulars_http_requests_total{method="GET",route="/customers/:id/journey",status="200"} 3');
    expect(text).toContain('regulars_snapshots_total{result="hit"} 2');
  });

  test("is 404 at once when its customer is erased, and somebody else's when the name is", async () => {
    const world = open();
    await world.request("POST", "/events", SALE);
    const { id } = (await world.request<{ id: string }>("GET", "/customers/ext_ann")).body.data;
    const paths = ["ext_ann", id].map((who) => `/customers/${who}/journey`);
    for (const path of paths) await recalled(world, path);
    await world.request("DELETE", "/customers/ext_ann");
    for (const path of paths) expect((await world.request("GET", path)).status).toBe(404);
    await world.request("POST", "/events", { ...SALE, orderId: "o-2", value: 7 });
    const { body } = await recalled(world, paths[0] ?? "");
    expect((body.data as { summary: { revenue: number } }).summary.revenue).toBe(7);
  });

  test("is what it is by the former name of a customer too", async () => {
    const world = open();
    await world.request("POST", "/events", SALE);
    await recalled(world, "/customers/ext_ann/journey");
    await world.request("PATCH", "/customers/ext_ann", { externalId: "anna" });
    for (const name of ["ann", "anna"]) {
      const { status, headers } = await recalled(world, `/customers/ext_${name}/journey`);
      expect([status, headers.get("x-cache")]).toEqual([200, "HIT"]);
    }
  });

  test("is forgotten when another process writes", async () => {
    const folder = temporaryFolder();
    const world = open({ config: { databasePath: join(folder, "regulars.db") } });
    const beside = assembleWorkspace(world.workspace.config, { now: world.clock.now });
    try {
      await world.request("POST", "/events", SALE);
      const path = "/customers/ext_ann/journey";
      expect((await recalled(world, path)).headers.get("x-cache")).toBe("HIT");
      beside.ledger.write(() => beside.ledger.markStale(1));
      await new Promise((resume) => setImmediate(resume)); // no other process writes within a turn of the event loop
      expect((await world.request("GET", path)).headers.get("x-cache")).toBe("MISS");
    } finally {
      await beside.close();
      world.close();
    }
  });
});

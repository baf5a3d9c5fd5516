// Do the figures for Prometheus say what the server did, in the form that Prometheus reads?
import { describe, expect, test } from "bun:test";
import { createKey } from "../../src/access/api-key.ts";
import { toText } from "../../src/ops/metrics/sample.ts";
import { openFake } from "../clickhouse/fake.ts";
import { openWorld, type World } from "../harness.ts";
import { openShop } from "../report/clickhouse/shop.ts";
import { waitUntil } from "../wait-until.ts";

async function scrape(world: World): Promise<{ text: string; values: Map<string, number> }> {
  const { status, text, headers } = await world.request("GET", "/metrics");
  expect([status, headers.get("content-type")]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
  const values = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return {
    text,
    values: new Map(values.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))])),
  };
}

const sale = (order: string) => ({
  type: "sale",
  orderId: order,
  externalId: "u",
  timestamp: "2026-01-01T00:00:00Z",
  value: 1,
  currency: "USD",
});

describe("GET /metrics", () => {
  test("counts requests by method, route and status, whatever they were called by", async () => {
    const world = openWorld();
    await world.request("POST", "/events", sale("A"));
    await world.request("GET", "/customers/ext_u");
    await world.request("GET", "/api/customers/ext_nobody");
    await world.request("GET", "/customers/ext_u", undefined, { authorization: "" });
    await world.request("GET", "/nowhere");
    const { values } = await scrape(world);
    expect(values.get('regulars_http_requests_total{method="POST",route="/events",status="201"}')).toBe(1);
    expect(values.get('regulars_http_requests_total{method="GET",route="/customers/:id",status="200"}')).toBe(1);
    expect(values.get('regulars_http_requests_total{method="GET",route="/customers/:id",status="404"}')).toBe(1);
    expect(values.get('regulars_http_requests_total{method="GET",route="(none)",status="401"}')).toBe(1);
    expect(values.get('regulars_http_requests_total{method="GET",route="(none)",status="404"}')).toBe(1);
    expect([...values.keys()].filter((name) => name.includes("ext_"))).toEqual([]);
    world.close();
  });

  test("has the largest size of the database, where one is set", async () => {
    const [unlimited, limited] = [openWorld(), openWorld({ config: { maxDatabaseBytes: 5e9 } })];
    expect((await scrape(unlimited)).values.has("regulars_database_limit_bytes")).toBe(false);
    expect((await scrape(limited)).values.get("regulars_database_limit_bytes")).toBe(5e9);
    await unlimited.close();
    await limited.close();
  });

  test("says how far ClickHouse is, where it is used", async () => {
    const fake = openFake();
    const world = await openShop(fake);
    expect((await scrape(world)).values.get("regulars_analytics_up")).toBe(0);
    world.workspace.shipping?.start();
    await waitUntil("it follows", () => world.workspace.shipping?.state().phase === "following");
    const { values } = await scrape(world);
    expect(["up", "behind_changes", "rows_total", "failures_total"].map((name) => values.get(`regulars_analytics_${name}`))).toEqual([
      1, 0, 3, 0,
    ]);
    await world.close();
    fake.stop();
    const without = openWorld();
    expect([...(await scrape(without)).values.keys()].filter((name) => name.startsWith("regulars_analytics"))).toEqual([]);
    await without.close();
  });

  test("has histograms whose buckets rise to the count", async () => {
    const world = openWorld();
    for (let round = 0; round < 5; round++) await world.request("GET", "/healthz");
    const { text, values } = await scrape(world);
    const own = [...values].filter(([name]) =>
      name.startsWith('regulars_http_request_duration_seconds_bucket{method="GET",route="/healthz"'),
    );
    const counts = own.map(([, count]) => count);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect(own.at(-1)).toEqual(['regulars_http_request_duration_seconds_bucket{method="GET",route="/healthz",le="+Inf"}', 5]);
    expect(values.get('regulars_http_request_duration_seconds_count{method="GET",route="/healthz"}')).toBe(5);
    expect(text).toContain("# TYPE regulars_http_request_duration_seconds histogram\n");
    world.close();
  });

  test("counts entries by type once each, also those that another connection wrote", async () => {
    const world = openWorld();
    await world.request("POST", "/events", [
      sale("A"),
      sale("B"),
      sale("A"),
      { type: "click", clickId: "c", timestamp: "2026-01-01T00:00:00Z" },
    ]);
    for (let round = 0; round < 2; round++) {
      const { values } = await scrape(world);
      expect(values.get('regulars_entries_total{type="sale"}')).toBe(2);
      expect(values.get('regulars_entries_total{type="click"}')).toBe(1);
      expect(values.get('regulars_entries_total{type="refund"}')).toBe(0);
    }
    world.close();
  });

  test("shows what waits to be derived until a reader comes", async () => {
    const world = openWorld();
    await world.request("POST", "/events", sale("A"));
    world.clock.set(world.clock.now() + 2500);
    const { values } = await scrape(world);
    expect(values.get("regulars_refresh_backlog_customers")).toBe(1);
    expect([values.get("regulars_behind_entries"), values.get("regulars_behind_seconds")]).toEqual([1, 2.5]);
    await world.request("GET", "/customers/ext_u");
    const after = (await scrape(world)).values;
    expect(after.get("regulars_refresh_backlog_customers")).toBe(0);
    expect([after.get("regulars_behind_entries"), after.get("regulars_behind_seconds")]).toEqual([0, 0]);
    world.close();
  });

  test("tells reports from memory and computed ones apart", async () => {
    const world = openWorld({ config: { snapshotTtl: 30 } });
    for (let round = 0; round < 3; round++) await world.request("GET", "/customers/cohorts");
    const { values } = await scrape(world);
    expect([values.get('regulars_snapshots_total{result="hit"}'), values.get('regulars_snapshots_total{result="miss"}')]).toEqual([2, 1]);
    world.close();
  });

  test("needs the scope metrics:read, which opens nothing else", async () => {
    const world = openWorld();
    const authorization = `Bearer ${createKey(world.workspace, { scopes: ["metrics:read"] })}`;
    expect((await world.request("GET", "/metrics", undefined, { authorization })).status).toBe(200);
    expect((await world.request("GET", "/customers", undefined, { authorization })).status).toBe(403);
    const other = `Bearer ${createKey(world.workspace, { scopes: ["links:read"] })}`;
    expect((await world.request("GET", "/metrics", undefined, { authorization: other })).status).toBe(403);
    world.close();
  });
});

test("a label's quotes, backslashes and line ends are escaped", () => {
  expect(toText([{ name: "m", type: "gauge", help: "h", values: [{ labels: { a: 'x"\\\n' }, value: 1 }] }])).toBe(
    '# HELP m h\n# TYPE m gauge\nm{a="x\\"\\\\\\n"} 1\n',
  );
});

// Does the binary, alone in an empty directory, do the main job: click, lead, sale, refund, restart, reports?

import { afterAll, describe, expect, test } from "bun:test";
import { copyFileSync, existsSync, statSync, writeFileSync } from "node:fs";
import { minifiedScript } from "../../src/browser/routes.ts";
import { binary, type Running, run, start } from "../program.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const directory = temporaryFolder();
const program = [`${directory}/regulars`];
let running: Running | undefined;
afterAll(() => running?.stop());

/** The `data` of a good answer. */
async function read(path: string): Promise<Record<string, unknown>> {
  const { status, body } = (await running?.call("GET", path)) ?? {};
  expect(status).toBe(200);
  return (body as { data: Record<string, unknown> }).data;
}

async function send(entry: Record<string, unknown>): Promise<void> {
  expect((await running?.call("POST", "/events", entry))?.status).toBe(201);
}

describe("the binary in an empty directory", () => {
  test("says its version and explains itself", async () => {
    copyFileSync(await binary(), `${directory}/regulars`);
    expect((await run([...program, "--version"], directory)).out).toMatch(
      /^\d+\.\d+\.\d+ \([0-9a-f]{12}(?:-dirty)?\)\n$|^\d+\.\d+\.\d+ \(unknown\)\n$/,
    );
    const { code, out } = await run([...program, "--help"], directory);
    expect(code).toBe(0);
    for (const word of ["serve", "import", "export", "keys", "rebuild", "demo", "DATABASE_PATH"]) expect(out).toContain(word);
  });

  test("takes nothing from a .env or bunfig.toml that lie there", async () => {
    writeFileSync(`${directory}/.env`, "PORT=not-a-port\n");
    writeFileSync(`${directory}/bunfig.toml`, 'preload = ["./evil.ts"]\n');
    writeFileSync(`${directory}/evil.ts`, 'console.log("evil");process.exit(9);\n');
    const { code, out } = await run([...program, "keys", "list"], directory);
    expect([code, out]).toEqual([0, ""]);
  });

  test("starts, makes its data directory for its user alone, and prints the key once", async () => {
    running = await start(program, directory);
    expect(running.greeting).toContain(`${running.url}/docs`);
    expect(running.greeting).toContain(`curl -X POST ${running.url}/events`);
    expect(running.key).toMatch(/^rg_[0-9A-Za-z]{36}$/);
    expect(existsSync(`${directory}/data/regulars.db`)).toBe(true);
    expect(statSync(`${directory}/data`).mode & 0o777).toBe(0o700);
  });

  test("records a click, a lead and a sale, and finds them again after a restart", async () => {
    await send({
      type: "click",
      clickId: "c-1",
      timestamp: "2026-01-03T09:00:00Z",
      source: "google",
      campaign: "spring",
      link: "https://go.example.com/spring",
    });
    await send({
      type: "lead",
      eventId: "l-1",
      timestamp: "2026-01-03T09:05:00Z",
      externalId: "user_42",
      email: "ann@example.com",
      clickId: "c-1",
    });
    await send({ type: "sale", orderId: "ORD-1", timestamp: "2026-01-09T15:00:00Z", externalId: "user_42", value: 99.99, currency: "USD" });
    const key = running?.key;
    expect(await running?.stop()).toBe(0);
    running = await start(program, directory, {}, key);
    expect(running.greeting).not.toContain("rg_");
    expect(await read("/customers/ext_user_42")).toMatchObject({
      source: "google",
      campaign: "spring",
      clickId: "c-1",
      ltv: 99.99,
      sales: 1,
    });
  });

  test("records a refund, and every report agrees after another restart", async () => {
    await send({ type: "refund", orderId: "ORD-1", eventId: "r-1", timestamp: "2026-01-12T10:00:00Z", value: 20 });
    const key = running?.key;
    expect(await running?.stop()).toBe(0);
    running = await start(program, directory, {}, key);
    expect(await read("/customers/ext_user_42")).toMatchObject({ ltv: 79.99, grossRevenue: 99.99, refunds: 20 });
    expect(await read("/customers/ext_user_42/journey?summary=true")).toMatchObject({
      summary: { clicks: 1, leads: 1, sales: 1, refundCount: 1, revenue: 79.99 },
    });
    expect(await read("/customers/ext_user_42/attribution")).toMatchObject({
      revenue: 79.99,
      campaigns: [{ key: "spring", sales: 1, revenue: 79.99 }],
    });
    expect(await read("/customers/cohorts?group_by=month")).toMatchObject({
      cohorts: [{ cohort: "2026-01", customers: 1, leads: 1, sales: 1, refunds: 20, revenue: 79.99 }],
    });
    expect(await read("/customers/ltv-cohorts?months=1&end=2026-01")).toMatchObject({
      cohorts: [{ cohort: "2026-01", periods: [{ revenue: 79.99, ltv: 79.99 }] }],
    });
  });

  test("serves its docs from itself", async () => {
    const page = await fetch(`${running?.url}/docs`);
    expect(page.status).toBe(200);
    expect(page.headers.get("content-type")).toContain("text/html");
    expect((await fetch(`${running?.url}/docs/json`)).status).toBe(200);
    expect(await (await fetch(`${running?.url}/r.js`)).text()).toBe(await minifiedScript());
  });

  test("serves its dashboard from itself, in at most 60 kB", async () => {
    const page = await fetch(`${running?.url}/`);
    expect([page.status, page.headers.get("content-security-policy")]).toEqual([200, expect.stringContaining("default-src 'none'")]);
    const html = await page.text();
    const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = ""]) => path);
    expect(assets.map((path) => path.split(".").at(-1)).sort()).toEqual(["css", "js", "svg"]);
    let bytes = html.length;
    for (const path of assets) {
      const asset = await fetch(`${running?.url}/${path}`, { headers: { "accept-encoding": "gzip" }, decompress: false });
      expect([path, asset.status, asset.headers.get("content-encoding")]).toEqual([path, 200, "gzip"]);
      bytes += (await asset.arrayBuffer()).byteLength;
    }
    expect(bytes).toBeLessThanOrEqual(60_000);
  });

  test("takes the key of another process while it runs", async () => {
    const { code, out } = await run([...program, "keys", "create", "--scope", "links:read"], directory);
    expect(code).toBe(0);
    const headers = { "x-api-key": out.trim() };
    expect((await fetch(`${running?.url}/customers/count`, { headers })).status).toBe(200);
    expect((await fetch(`${running?.url}/customers/ltv-cohorts`, { headers })).status).toBe(403);
  });
});

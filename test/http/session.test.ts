// What may somebody do who is signed in to the dashboard, from where, and until when?
import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { createKey, listKeys, revokeKey } from "../../src/access/api-key.ts";
import { SESSION_SECONDS } from "../../src/access/sessions.ts";
import { openWorld, type World, type WorldOptions } from "../harness.ts";
import { EVERY_PROVIDER } from "../intake/webhooks/story.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const OWN = { "sec-fetch-site": "same-origin" };

/** Signs in, with the admin key or another one, and gives the cookie. */
async function signIn(world: World, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const { status, headers: answered } = await world.request("POST", "/session", undefined, headers);
  expect(status).toBe(200);
  return (answered.get("set-cookie") ?? "").split(";")[0] ?? "";
}

/** Asks with a cookie and no key. */
const ask = (world: World, cookie: string, method = "GET", path = "/customers/count", headers: Readonly<Record<string, string>> = OWN) =>
  world.request(method, path, undefined, { authorization: "", cookie, ...headers });

async function withWorld(options: WorldOptions, work: (world: World) => Promise<void>): Promise<void> {
  const world = openWorld(options);
  try {
    await work(world);
  } finally {
    await world.close();
  }
}

test("signing in answers a cookie that scripts cannot read, and no other site sends", () =>
  withWorld({}, async (world) => {
    const { headers, body } = await world.request<{ scopes: string[]; expiresAt: string }>("POST", "/session");
    const [pair = "", ...attributes] = (headers.get("set-cookie") ?? "").split("; ");
    expect(pair).toMatch(/^regulars=[0-9A-Za-z]{43}$/);
    expect(attributes.sort()).toEqual(["HttpOnly", `Max-Age=${SESSION_SECONDS}`, "Path=/", "SameSite=Strict"]);
    expect(body.data.scopes).toContain("analytics:read");
    expect(Date.parse(body.data.expiresAt)).toBe(world.clock.now() + SESSION_SECONDS * 1000);
    const kept = JSON.stringify(world.workspace.database.sqlite.prepare("SELECT * FROM session").all());
    expect(kept).toContain("admin");
    expect(kept).not.toContain(pair.slice("regulars=".length));
  }));

test("a wrong key is answered without a cookie", () =>
  withWorld({}, async (world) => {
    const { status, headers } = await world.request("POST", "/session", undefined, { authorization: "Bearer rg_wrong" });
    expect([status, headers.get("set-cookie")]).toEqual([401, null]);
  }));

test("behind TLS the cookie is for this host alone, and only where the proxy is trusted", async () => {
  const https = { "x-forwarded-proto": "https" };
  await withWorld({ config: { trustProxy: 1 } }, async (world) => {
    const { headers } = await world.request("POST", "/session", undefined, https);
    expect(headers.get("set-cookie")).toMatch(/^__Host-regulars=\w{43}; .*; Secure$/);
    const cookie = headers.get("set-cookie")?.split(";")[0] ?? "";
    expect((await ask(world, cookie, "GET", "/customers/count", { ...OWN, ...https })).status).toBe(200);
    // Whoever can set a cookie without TLS cannot make it count behind TLS.
    expect((await ask(world, cookie.replace("__Host-", ""), "GET", "/customers/count", { ...OWN, ...https })).status).toBe(401);
    // The client wrote the first, the proxy the last.
    const forged = await world.request("POST", "/session", undefined, { "x-forwarded-proto": "https, http" });
    expect(forged.headers.get("set-cookie")).toStartWith("regulars=");
  });
  await withWorld({}, async (world) => {
    expect((await world.request("POST", "/session", undefined, https)).headers.get("set-cookie")).toStartWith("regulars=");
  });
});

test("a session reads what its key may read, and no more", () =>
  withWorld({}, async (world) => {
    const key = createKey(world.workspace, { scopes: ["links:read"] });
    const cookie = await signIn(world, { authorization: `Bearer ${key}` });
    expect((await ask(world, cookie)).status).toBe(200);
    expect((await ask(world, cookie, "HEAD")).status).toBe(200);
    expect((await ask(world, cookie, "GET", "/api/customers/count")).status).toBe(200);
    expect((await ask(world, cookie, "GET", "/customers/ltv-cohorts")).status).toBe(403);
  }));

test("a session changes nothing but itself, on no route", () =>
  withWorld({ config: EVERY_PROVIDER }, async (world) => {
    const cookie = await signIn(world);
    const changing = world.app.endpoints.filter(
      ({ method, admission, keyInQuery }) => admission !== "open" && (method !== "GET" || keyInQuery === true),
    );
    expect(changing.length).toBeGreaterThan(10);
    for (const { method, path, isOfSession } of changing) {
      if (method === "DELETE" && isOfSession) continue;
      const { status, text } = await ask(world, cookie, method, path.replace(":id", "cus_1"));
      expect(`${method} ${path}: ${status} ${text}`).toContain("401 ");
      expect(text).toContain(path.startsWith("/webhooks/") && method === "POST" ? "The signature is missing" : "A session only reads");
    }
    expect((await ask(world, cookie)).status).toBe(200);
  }));

test.each([
  ["from its own page", { "sec-fetch-site": "same-origin" }, 200],
  ["typed into the address bar", { "sec-fetch-site": "none" }, 200],
  ["from a subdomain or another port", { "sec-fetch-site": "same-site" }, 401],
  ["from another site", { "sec-fetch-site": "cross-site" }, 401],
  ["from another site, with our header", { "sec-fetch-site": "cross-site", "x-dashboard": "1" }, 401],
  ["without fetch metadata", {}, 401],
  ["without fetch metadata, with our header", { "x-dashboard": "1" }, 200],
])("a session %s", (_, headers: Readonly<Record<string, string>>, status) =>
  withWorld({}, async (world) => {
    expect((await ask(world, await signIn(world), "GET", "/customers/count", headers)).status).toBe(status);
  }),
);

test("a kept report is given to nobody without a session either", () =>
  withWorld({ config: { snapshotTtl: 30 } }, async (world) => {
    const cookie = await signIn(world);
    const path = "/customers/cohorts?group_by=month";
    expect((await ask(world, cookie, "GET", path)).status).toBe(200);
    expect((await ask(world, cookie, "GET", path)).headers.get("x-cache")).toBe("HIT");
    expect((await ask(world, cookie, "GET", path, { "sec-fetch-site": "cross-site" })).status).toBe(401);
    expect((await ask(world, "regulars=guessed", "GET", path)).status).toBe(401);
  }));

test("a key beside the cookie decides alone", () =>
  withWorld({}, async (world) => {
    const cookie = await signIn(world);
    const { status } = await world.request("GET", "/customers/count", undefined, { authorization: "Bearer rg_wrong", cookie, ...OWN });
    expect(status).toBe(401);
  }));

test("signing out ends the session and removes the cookie", () =>
  withWorld({}, async (world) => {
    const cookie = await signIn(world);
    const out = await ask(world, cookie, "DELETE", "/session");
    expect([out.status, out.body.data]).toEqual([200, { ended: 1 }]);
    expect(out.headers.get("set-cookie")).toStartWith("regulars=; Path=/; Max-Age=0;");
    expect((await ask(world, cookie)).status).toBe(401);
    expect((await ask(world, cookie, "DELETE", "/session")).status).toBe(401);
  }));

test("a key ends all its sessions, and those of no other", async () => {
  for (const sessions of ["database", "memory"] as const)
    await withWorld({ config: { sessions } }, async (world) => {
      const key = { authorization: `Bearer ${createKey(world.workspace, { scopes: ["links:read"] })}` };
      const cookies = [await signIn(world, key), await signIn(world, key), await signIn(world)];
      expect((await world.request("DELETE", "/session", undefined, key)).body.data).toEqual({ ended: 2 });
      const statuses = await Promise.all(cookies.map(async (cookie) => (await ask(world, cookie)).status));
      expect(statuses).toEqual([401, 401, 200]);
    });
});

test("a session ends after twelve hours, with its key, and the next sign-in clears what has ended", () =>
  withWorld({}, async (world) => {
    const key = createKey(world.workspace, { scopes: ["links:read"], expiresAt: world.clock.now() + 1000 });
    const other = createKey(world.workspace, { scopes: ["links:read"], name: "other" });
    const [first, second, third] = [
      await signIn(world, { authorization: `Bearer ${key}` }),
      await signIn(world, { authorization: `Bearer ${other}` }),
      await signIn(world),
    ];
    world.clock.set(world.clock.now() + 1000);
    expect((await ask(world, first)).status).toBe(401);
    expect((await ask(world, second)).status).toBe(200);
    revokeKey(world.workspace, listKeys(world.workspace).find(({ name }) => name === "other")?.id ?? "");
    expect((await ask(world, second)).status).toBe(401);
    world.clock.set(world.clock.now() + SESSION_SECONDS * 1000 - 1001);
    expect((await ask(world, third)).status).toBe(200);
    world.clock.set(world.clock.now() + 1);
    expect((await ask(world, third)).status).toBe(401);
    await signIn(world);
    expect(world.workspace.database.sqlite.prepare("SELECT count(*) FROM session").pluck().get()).toBe(1);
  }));

test("a session outlives a restart in the database, and neither one in memory nor another ADMIN_KEY", async () => {
  const directory = temporaryFolder();
  const databasePath = `${directory}/regulars.db`;
  const cookies: string[] = [];
  await withWorld({ config: { databasePath } }, async (world) => void cookies.push(await signIn(world)));
  await withWorld({ config: { databasePath } }, async (world) => expect((await ask(world, cookies[0] ?? "")).status).toBe(200));
  await withWorld({ config: { databasePath, adminKey: "another-admin-key" } }, async (world) =>
    expect((await ask(world, cookies[0] ?? "")).status).toBe(401),
  );
  await withWorld({ config: { databasePath, sessions: "memory" } }, async (world) => {
    expect((await ask(world, cookies[0] ?? "")).status).toBe(401);
    cookies.push(await signIn(world));
    expect((await ask(world, cookies[1] ?? "")).status).toBe(200);
    expect((await ask(world, cookies[1] ?? "", "DELETE", "/session")).status).toBe(200);
    expect((await ask(world, cookies[1] ?? "")).status).toBe(401);
    cookies.push(await signIn(world));
  });
  await withWorld({ config: { databasePath, sessions: "memory" } }, async (world) =>
    expect((await ask(world, cookies[2] ?? "")).status).toBe(401),
  );
  rmSync(directory, { recursive: true });
});

test("DASHBOARD=false leaves neither the page nor sessions", () =>
  withWorld({ config: { dashboard: false } }, async (world) => {
    expect((await world.request("POST", "/session")).status).toBe(404);
    expect((await world.request("GET", "/app/cohorts")).status).toBe(404);
    expect((await world.request("GET", "/")).headers.get("location")).toBe("/docs");
  }));

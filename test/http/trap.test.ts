// Are the traps of what we build upon closed? Each test fails when its guard is taken out.
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Type } from "@sinclair/typebox";
import { silentLog } from "../../src/host/log.ts";
import { check } from "../../src/http/check.ts";
import { endpoint } from "../../src/http/endpoint.ts";
import { openGate } from "../../src/http/gate.ts";
import { mount } from "../../src/http/mount.ts";
import { success } from "../../src/http/wire.ts";
import { ADMIN_KEY, openWorld } from "../harness.ts";

const ROOT = resolve(import.meta.dir, "../..");
const sources = ["src", "db"].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => ({ path: `${folder}/${name}`, text: readFileSync(join(ROOT, folder, name), "utf8") })),
);

/** An app of one endpoint of our own, mounted as all are. */
function appOf(path: string, handle: () => { status: number; body: unknown }, scope: "links:read" | "open" = "open") {
  const own = endpoint({
    method: "GET",
    path,
    admission: scope,
    tag: "",
    summary: "",
    answers: { 200: success(Type.Object({ id: Type.String() })) },
    handle,
  });
  const keyring = { findKey: () => undefined, findKeyById: () => undefined, isOrigin: () => false, flush: () => {} };
  return mount([own], {
    log: silentLog(),
    revenueTracking: true,
    checkAnswers: false,
    deadlineMs: 1000,
    idempotency: { identify: () => ({ keyHash: "", requestHash: "" }) },
    gate: openGate({ keyring, limitOfKey: () => ({ wait: 0, headers: {} }), addressOf: () => "" }),
    isClosing: () => false,
  });
}

describe("Elysia", () => {
  test("guards a route that was mounted last as it does the first, under /api too", async () => {
    const app = appOf("/new", () => ({ status: 200, body: { success: true, data: { id: "secret" } } }), "links:read");
    for (const path of ["/new", "/api/new", "/new?key=x", "//new", "/new/"]) {
      const response = await app.fetch(new Request(`http://localhost${path}`));
      expect([response.status, (await response.text()).includes("secret")]).toEqual([401, false]);
    }
  });

  test("does not run a handler for a path that a short host hides", async () => {
    const world = openWorld();
    for (const host of ["a", "ab", "abc"]) {
      const response = await world.app.handle(new Request(`http://${host}/xyz/healthz`, { headers: { "x-api-key": ADMIN_KEY } }));
      expect(response.status).toBe(400);
    }
    world.close();
  });

  test("sends the status that a handler gives, not 200 with what no schema saw", async () => {
    const response = await appOf("/x", () => ({ status: 202, body: { success: true, data: { id: "1" } } })).fetch(
      new Request("http://localhost/x"),
    );
    expect(response.status).toBe(202);
  });

  test("neither takes text for a whole number nor rounds one", () => {
    const schema = Type.Object({ count: Type.Integer() });
    expect(check(schema, { count: "5" })).toMatchObject({ details: [{ path: "count" }] });
    expect(check(schema, { count: Number.NaN })).toMatchObject({ details: [{ path: "count" }] });
  });

  test("is asked for no schema of its own, whose dates and numbers coerce", () => {
    const users = sources.filter(({ text }) => /import\s*\{[^}]*\bt\b[^}]*\}\s*from\s*"elysia"/.test(text));
    expect(users.map(({ path }) => path)).toEqual([]);
  });

  test("has no handler that streams from a generator, whose failure looks like an end", () => {
    const world = openWorld();
    const generators = world.app.endpoints.filter(({ handle }) => handle.constructor.name.includes("Generator"));
    expect(generators.map(({ path }) => path)).toEqual([]);
    world.close();
  });

  test("parses nothing by itself: a form on a JSON route is 415", async () => {
    const world = openWorld();
    const form = { "content-type": "application/x-www-form-urlencoded" };
    expect((await world.request("POST", "/events", "type=click", form)).status).toBe(415);
    world.close();
  });

  test("says nothing of the input in what is wrong with it", async () => {
    const world = openWorld();
    const secret = "hunter2";
    const reply = await world.request("POST", "/customers", {
      externalId: { secret },
      email: secret,
      country: secret,
      metadata: secret,
      name: [secret],
    });
    expect([reply.status, reply.text.includes(secret)]).toEqual([400, false]);
    world.close();
  });
});

describe("Bun", () => {
  test("waits for no handler for ever", async () => {
    const never = endpoint({
      method: "GET",
      path: "/never",
      admission: "open",
      tag: "",
      summary: "",
      answers: {},
      handle: () => new Promise<never>(() => {}),
    });
    const app = mount([never], {
      log: silentLog(),
      revenueTracking: true,
      checkAnswers: false,
      deadlineMs: 30,
      idempotency: { identify: () => ({ keyHash: "", requestHash: "" }) },
      gate: () => ({ key: undefined, headers: {} }),
      isClosing: () => false,
    });
    expect((await app.fetch(new Request("http://localhost/never"))).status).toBe(503);
  });

  test("reads no body that says itself that it is too large", async () => {
    const world = openWorld();
    let pulled = 0;
    const pull = () => {
      pulled += 1;
    };
    const body = new ReadableStream({ pull }, { highWaterMark: 0 });
    const headers = { "x-api-key": ADMIN_KEY, "content-type": "application/json", "content-length": "6000000" };
    const response = await world.app.handle(new Request("http://localhost/events", { method: "POST", headers, body }));
    expect([response.status, pulled]).toEqual([413, 0]);
    world.close();
  });

  test("does not wait for the end of a body that has none", async () => {
    const world = openWorld();
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent += 65_536;
        if (sent > 100 * 1024 * 1024) controller.close();
        else controller.enqueue(new Uint8Array(65_536).fill(32));
      },
    });
    const headers = { "x-api-key": ADMIN_KEY, "content-type": "application/json" };
    const response = await world.app.handle(new Request("http://localhost/events", { method: "POST", headers, body }));
    expect(response.status).toBe(413);
    expect(sent).toBeLessThan(10 * 1024 * 1024);
    world.close();
  });
});

describe("drizzle", () => {
  test("changes and deletes no rows without a condition that is written there", () => {
    const careless = sources.filter(({ text }) =>
      [...text.matchAll(/orm\s*\.(?:delete|update)\(/g)].some(
        ({ index }) => !/^[^;]*\.where\(\s*(?:eq|and|gt|lt|gte|lte|inArray|isNull|isNotNull|sql)\b/.test(text.slice(index, index + 600)),
      ),
    );
    expect(careless.map(({ path }) => path)).toEqual([]);
  });
});

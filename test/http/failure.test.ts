// What does a caller see when something goes wrong on our side, and what only the log?
import { describe, expect, test } from "bun:test";
import { createApp } from "../../src/app/app.ts";
import { type Fields, type Log, openLog } from "../../src/host/log.ts";
import { endpoint, ok } from "../../src/http/endpoint.ts";
import { toApiError } from "../../src/http/failure.ts";
import { RequestContext } from "../../src/http/request-context.ts";
import { openRoute, type RouteOptions } from "../../src/http/route.ts";
import { Count, success } from "../../src/http/wire.ts";
import { ApiError } from "../../src/value/error.ts";
import { ADMIN_KEY, openWorld } from "../harness.ts";

/** A log that keeps what it is told. */
function listening(): Log & { lines: Fields[]; levels: string[] } {
  const lines: Fields[] = [];
  const levels: string[] = [];
  const keep = (level: string) => (fields: Fields) => {
    lines.push(fields);
    levels.push(level);
  };
  return {
    lines,
    levels,
    debug: keep("debug"),
    info: keep("info"),
    warn: keep("warn"),
    error: keep("error"),
    flush: () => Promise.resolve(),
  };
}

/** The answer of an endpoint whose handler is `handle`. */
async function answerOf(handle: () => never | Promise<never> | ReturnType<typeof ok>, options: Partial<RouteOptions> = {}) {
  const log = listening();
  const definition = endpoint({
    method: "GET",
    path: "/x",
    admission: "open",
    tag: "",
    summary: "",
    answers: { 200: success(Count) },
    handle,
  });
  const idempotency = { identify: () => ({ keyHash: "", requestHash: "" }) };
  const route = openRoute(definition, "GET", () => undefined, {
    log,
    revenueTracking: true,
    checkAnswers: true,
    deadlineMs: 1000,
    idempotency,
    ...options,
  });
  const response = await route(new RequestContext(new Request("http://localhost/x")), {});
  return {
    status: response.status,
    text: await response.text(),
    headers: response.headers,
    log: JSON.stringify(log.lines),
    levels: log.levels,
  };
}

describe("failures", () => {
  test("an unknown error is INTERNAL_ERROR, and only the log knows more", async () => {
    const got = await answerOf(() => {
      throw new TypeError("secret of the house");
    });
    expect(got).toMatchObject({ status: 500 });
    expect(got.text).toContain("INTERNAL_ERROR");
    expect(got.text).not.toContain("secret");
    expect(got.log).toContain("secret of the house");
  });

  test("an error of drizzle leaves the values of its query out of the log", async () => {
    const error = Object.assign(new Error("Failed query: select params: ann@example.com"), {
      query: "",
      params: ["ann@example.com"],
      cause: new Error("no such table"),
    });
    const got = await answerOf(() => Promise.reject(error));
    expect([got.status, got.log.includes("ann@"), got.log.includes("no such table")]).toEqual([500, false, true]);
  });

  for (const code of ["SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_BUSY", "SQLITE_READONLY"])
    test(`${code} is 503 with Retry-After, also within an error of drizzle`, () => {
      const plain = Object.assign(new Error("x"), { code });
      for (const error of [plain, new Error("wrapped", { cause: plain })]) {
        expect(toApiError(error)).toMatchObject({ code: "SERVICE_UNAVAILABLE", headers: { "Retry-After": "5" } });
      }
    });

  for (const code of ["SQLITE_FULL", "SQLITE_BUSY", "ENOSPC"])
    test(`${code} is expected now and then: one line of warning, without a stack`, async () => {
      const got = await answerOf(() => Promise.reject(Object.assign(new Error("x"), { code })), { patienceMs: 0 });
      expect([got.status, got.levels, got.log.includes("stack"), got.log.includes(code)]).toEqual([503, ["warn", "info"], false, true]);
    });

  test("a damaged file and a fault of ours are errors, with a stack", async () => {
    for (const error of [Object.assign(new Error("x"), { code: "SQLITE_CORRUPT" }), new TypeError("x")]) {
      const got = await answerOf(() => Promise.reject(error));
      expect([got.levels, got.log.includes("stack")]).toEqual([["error", "info"], true]);
    }
  });

  test("a broken constraint is ours: 500", () => {
    expect(toApiError(Object.assign(new Error("UNIQUE"), { code: "SQLITE_CONSTRAINT_UNIQUE" })).code).toBe("INTERNAL_ERROR");
  });

  test("an answer against its schema is 500, logged without its values", async () => {
    const got = await answerOf(() => ok("ann@example.com"));
    expect([got.status, got.log.includes("ann@"), got.log.includes("data must be a whole number")]).toEqual([500, false, true]);
    expect((await answerOf(() => ok("x"), { checkAnswers: false })).status).toBe(200);
  });

  test("a request that takes too long is 503", async () => {
    const got = await answerOf(() => new Promise<never>(() => {}), { deadlineMs: 20 });
    expect([got.status, got.headers.get("retry-after"), got.headers.get("connection")]).toEqual([503, "5", "close"]);
    expect([got.levels, got.log.includes("stack")]).toEqual([["warn", "info"], false]);
  });

  test("an error of the contract goes out as it is, with its headers", async () => {
    const got = await answerOf(() => {
      throw new ApiError("ANALYTICS_ERROR", "The report failed.");
    });
    expect([got.status, got.text.includes("ANALYTICS_ERROR")]).toEqual([500, true]);
  });
});

describe("the app", () => {
  test("answers 503 while it closes", async () => {
    const world = openWorld();
    world.app.close();
    const reply = await world.request("GET", "/healthz");
    expect([reply.status, reply.body.error?.code, reply.headers.get("retry-after")]).toEqual([503, "SERVICE_UNAVAILABLE", "5"]);
    world.close();
  });

  test("answers 429 beyond RATE_LIMIT, to that key alone", async () => {
    const world = openWorld({ config: { rateLimit: 2 } });
    const statuses = [];
    for (let count = 0; count < 3; count += 1) statuses.push(await world.request("GET", "/customers/count"));
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(Number(statuses[2]?.headers.get("retry-after"))).toBeWithin(1, 61);
    expect((await world.request("GET", "/healthz")).status).toBe(200);
    world.close();
  });

  test("answers 403 where REVENUE_TRACKING is off, but for DELETE; scope and input come after", async () => {
    const world = openWorld({ config: { revenueTracking: false } });
    const code = async (method: string, path: string) => (await world.request(method, path)).body.error?.code;
    expect(await code("GET", "/customers?nonsense=1")).toBe("FEATURE_NOT_AVAILABLE");
    expect(await code("POST", "/customers")).toBe("FEATURE_NOT_AVAILABLE");
    expect(await code("DELETE", "/customers/cus_none")).toBe("NOT_FOUND");
    expect((await world.request("POST", "/events", { type: "click" })).status).toBe(201);
    world.close();
  });

  test("logs the route's pattern, and no path, key, email or externalId", async () => {
    const log = listening();
    const world = openWorld({ log });
    const app = createApp(world.workspace);
    const headers = { authorization: `Bearer ${ADMIN_KEY}` };
    for (const path of ["/customers/ext_ann%40example.com", "/api/customers/ext_ann%40example.com?x=ann@example.com", "/ann@example.com"])
      await app.handle(new Request(`http://localhost${path}`, { headers }));
    const text = JSON.stringify(log.lines);
    expect(log.lines.map(({ route, status }) => `${status} ${route}`)).toEqual(["404 /customers/:id", "400 /customers/:id", "404 (none)"]);
    expect([text.includes("ann"), text.includes(ADMIN_KEY)]).toEqual([false, false]);
    world.close();
  });
});

describe("the log", () => {
  test("writes one JSON object per line, of its level and above, in batches", async () => {
    const batches: string[] = [];
    const log = openLog("info", async (lines) => void batches.push(lines));
    log.debug({ message: "no" });
    log.info({ message: "one" });
    log.error({ message: "two" });
    await log.flush();
    expect(batches).toHaveLength(1);
    const lines = String(batches[0]).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).message)).toEqual(["one", "two"]);
  });

  test("goes on when a sink fails", async () => {
    const written: string[] = [];
    let isGone = true;
    const log = openLog("info", async (lines) => {
      if (isGone) throw new Error("gone");
      written.push(lines);
    });
    log.info({ message: "one" });
    await log.flush();
    isGone = false;
    log.info({ message: "two" });
    await log.flush();
    expect(written.map((lines) => JSON.parse(lines).message)).toEqual(["two"]);
  });
});

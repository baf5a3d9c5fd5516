// Does the server keep to HTTP, and answer odd requests in the form of every error?
import { describe, expect, test } from "bun:test";
import { MAX_BODY_BYTES } from "../../src/http/body.ts";
import { ADMIN_KEY, openWorld } from "../harness.ts";
import { play } from "./scenario.ts";

const CUSTOMER = { externalId: "user_42", email: "ann@example.com", name: "Ann", metadata: { plan: "pro" } };
const form = { "content-type": "application/x-www-form-urlencoded" };
const post = { method: "POST", path: "/customers" } as const;

describe("paths and methods", () => {
  play([
    { method: "GET", path: "/healthz", status: 200, key: "nobody", contains: ['"status":"ok"'] },
    { method: "GET", path: "/readyz", status: 200, key: "nobody" },
    { method: "GET", path: "/api/healthz", status: 200, key: "nobody", name: "under /api" },
    { method: "GET", path: "/api/customers/count", status: 200, name: "under /api", contains: ['"count":0'] },
    { method: "GET", path: "/api/api/healthz", status: 404, name: "under /api once only" },
    { method: "GET", path: "/nowhere", status: 401, key: "nobody", name: "an unknown route without a key", contains: ["UNAUTHORIZED"] },
    { method: "GET", path: "/nowhere", status: 404, contains: ["NOT_FOUND"], lacks: ["nowhere"] },
    { method: "GET", path: "/", key: "nobody", status: 200, contains: ["<!doctype html>", "app/assets/"] },
    { method: "GET", path: "/api", key: "nobody", status: 200, contains: ["<!doctype html>"] },
    {
      name: "without a dashboard",
      method: "GET",
      path: "/",
      key: "nobody",
      status: 302,
      answers: { location: "/docs" },
      world: { config: { dashboard: false } },
    },
    { method: "GET", path: "/docs/", key: "nobody", status: 200, name: "with a slash at the end" },
    { method: "GET", path: "/customers/", status: 200, name: "with a slash at the end" },
    { method: "GET", path: "//customers?limit=1", status: 200, name: "with a slash doubled" },
    { method: "GET", path: "/api//customers//", key: "nobody", status: 401, name: "spelt oddly and without a key" },
    { method: "DELETE", path: "/customers", status: 405, answers: { allow: "GET, HEAD, POST, OPTIONS" } },
    { method: "DELETE", path: "/customers/count", status: 405, name: "is no customer", answers: { allow: "GET, HEAD, OPTIONS" } },
    { method: "PUT", path: "/customers/cus_1", status: 405, answers: { allow: "GET, HEAD, PATCH, DELETE, OPTIONS" } },
    { method: "HEAD", path: "/events", status: 405, answers: { allow: "POST, OPTIONS" } },
    { method: "OPTIONS", path: "/api/customers", status: 204, answers: { allow: "GET, HEAD, POST, OPTIONS" } },
    { method: "OPTIONS", path: "/customers", status: 401, key: "nobody" },
    { method: "HEAD", path: "/healthz", status: 200, key: "nobody", answers: { "content-length": "39" } },
    { method: "HEAD", path: "/customers/cus_1", status: 404, answers: { "content-length": /^1\d\d$/ } },
    { method: "HEAD", path: "/conversions/postback?lw_cid=c", status: 405, name: "would record", answers: { allow: "GET, OPTIONS" } },
    { method: "HEAD", path: "/conversions/s2s?click_id=c", status: 405, name: "would record", answers: { allow: "GET, POST, OPTIONS" } },
  ]);
});

describe("hosts", () => {
  for (const host of ["a", "ab", "abc", "a:80"])
    test(`400 for the short host ${host}, whatever the path`, async () => {
      const world = openWorld();
      const response = await world.app.handle(
        new Request(`http://${host}/xyz/healthz`, { headers: { authorization: `Bearer ${ADMIN_KEY}` } }),
      );
      const text = await response.text();
      expect([response.status, text.includes('"path":"Host"')]).toEqual([400, true]);
      world.close();
    });

  play([
    { method: "GET", path: "/healthz", status: 400, name: "a host that is none", headers: { host: "evil/admin" } },
    { method: "GET", path: "/healthz", status: 200, name: "an address and a port", headers: { host: "[::1]:3000" } },
  ]);
});

describe("bodies", () => {
  play([
    { ...post, status: 415, name: "a form", body: "externalId=a", headers: form, contains: ["UNSUPPORTED_MEDIA_TYPE"] },
    { ...post, status: 415, name: "no type", body: "{}", headers: { "content-type": "" } },
    { ...post, status: 415, name: "another charset", body: "{}", headers: { "content-type": "application/json; charset=latin1" } },
    { ...post, status: 415, name: "compressed", body: "{}", headers: { "content-encoding": "gzip" } },
    {
      ...post,
      status: 201,
      name: "a charset that is right",
      body: CUSTOMER,
      headers: { "content-type": 'Application/JSON; charset="UTF-8"' },
    },
    { ...post, status: 413, name: "too large", body: " ".repeat(MAX_BODY_BYTES + 1), contains: ["PAYLOAD_TOO_LARGE"] },
    { ...post, status: 400, name: "as large as may be, but no JSON", body: " ".repeat(MAX_BODY_BYTES), contains: ["not valid JSON"] },
    { ...post, status: 413, name: "too large by its own word", body: "{}", headers: { "content-length": String(MAX_BODY_BYTES + 1) } },
    { ...post, status: 401, name: "too large, but first without a key", key: "nobody", body: " ".repeat(MAX_BODY_BYTES + 1) },
    { ...post, status: 400, name: "none", contains: ["missing"], headers: { "content-type": "application/json" } },
    { ...post, status: 400, name: "malformed", body: '{"externalId":', fields: [""] },
    { ...post, status: 400, name: "malformed UTF-8", body: new Uint8Array([0x22, 0xff, 0x22]), contains: ["UTF-8"] },
    { ...post, status: 400, name: "no object", body: "[]" },
    { ...post, status: 400, name: "null", body: "null" },
    {
      ...post,
      status: 400,
      name: "nested without end",
      body: `{"externalId":"a","metadata":{"a":${"[".repeat(5000)}${"]".repeat(5000)}}}`,
    },
    { ...post, status: 400, name: "__proto__", body: '{"externalId":"a","__proto__":{"admin":true}}', fields: ["__proto__"] },
    {
      ...post,
      status: 400,
      name: "__proto__ inside",
      body: '{"externalId":"a","metadata":{"__proto__":{}}}',
      fields: ["metadata.__proto__"],
    },
    { ...post, status: 400, name: "a lone surrogate", body: '{"externalId":"a\\ud800"}', fields: ["externalId"] },
    { ...post, status: 400, name: "a lone surrogate in a key", body: '{"externalId":"a","metadata":{"\\udc00":1}}', fields: ["metadata"] },
    { ...post, status: 400, name: "NUL", body: '{"externalId":"a\\u0000b"}', fields: ["externalId"] },
    {
      ...post,
      status: 400,
      name: "a control character inside",
      body: '{"externalId":"a","metadata":{"x":["\\u0085"]}}',
      fields: ["metadata.x.0"],
    },
    {
      ...post,
      status: 400,
      name: "every bad field",
      body: { externalId: 5, email: "x", name: "", country: "XX", color: "red" },
      fields: ["externalId", "email", "name", "country", "color"],
      lacks: ["red"],
    },
    {
      ...post,
      status: 400,
      name: "metadata too large",
      body: { externalId: "a", metadata: { a: "x".repeat(16_384) } },
      fields: ["metadata"],
    },
    { ...post, status: 201, name: "255 characters, each two units", body: { externalId: "😀".repeat(255) } },
    { ...post, status: 400, name: "256 characters", body: { externalId: "a".repeat(256) }, fields: ["externalId"] },
    { ...post, status: 400, name: "an address that is none", body: { externalId: "a", avatar: "javascript:alert(1)" }, fields: ["avatar"] },
    {
      method: "POST",
      path: "/events",
      status: 400,
      name: "an integer beyond a double",
      body: '{"type":"sale","externalId":"a","orderId":"o","value":9007199254740993}',
      fields: ["value"],
    },
    {
      method: "POST",
      path: "/events",
      status: 400,
      name: "more decimals than a double holds",
      body: '{"type":"sale","externalId":"a","orderId":"o","value":10.0000000000000000001}',
      fields: ["value"],
    },
    {
      method: "POST",
      path: "/events",
      status: 400,
      name: "a number as text",
      body: { type: "sale", externalId: "a", orderId: "o", value: "5" },
      fields: ["value"],
    },
  ]);
});

describe("queries", () => {
  play([
    {
      method: "GET",
      path: "/customers?page=0&limit=101&sortOrder=up&search=&color=1",
      status: 400,
      fields: ["page", "limit", "sortOrder", "search", "color"],
    },
    { method: "GET", path: "/customers?limit=1&limit=2", status: 400, name: "twice", fields: ["limit"] },
    { method: "GET", path: "/customers?limit=1.0", status: 400, name: "no whole number", fields: ["limit"] },
    { method: "GET", path: "/customers?limit=%2B5", status: 400, name: "a sign", fields: ["limit"] },
    { method: "GET", path: "/customers?limit=0x5", status: 400, fields: ["limit"] },
    { method: "GET", path: "/customers?search=%00", status: 400, fields: ["search"] },
    { method: "GET", path: "/customers?search=%ff", status: 400, name: "no UTF-8" },
    { method: "GET", path: "/customers?__proto__=1", status: 400, fields: ["__proto__"] },
    { method: "GET", path: "/customers?search=%25_%27%22", status: 200, name: "signs of SQL" },
    { method: "GET", path: "/customers/count?page=1", status: 400, name: "another route's parameter", fields: ["page"] },
    { method: "GET", path: "/healthz?x=1", status: 400, key: "nobody", fields: ["x"] },
    { method: "GET", path: "/customers/ext_%ff", status: 400, fields: ["id"] },
    { method: "GET", path: "/customers/ext_%00", status: 400, fields: ["id"] },
    {
      method: "GET",
      path: "/customers/ext_a%2Fb",
      status: 200,
      name: "an encoded slash",
      before: (world) => world.request("POST", "/customers", { externalId: "a/b" }),
      contains: ['"externalId":"a/b"'],
    },
    {
      method: "GET",
      path: "/customers/ext_ext_a",
      status: 200,
      name: "the first ext_ alone",
      before: (world) => world.request("POST", "/customers", { externalId: "ext_a" }),
    },
  ]);
});

test("what is found at once is answered without a promise, which would cost each request some microseconds", async () => {
  const world = openWorld({ config: { snapshotTtl: 30 }, checkAnswers: false });
  const { body } = await world.request<{ id: string }>("POST", "/customers", { externalId: "ann" });
  const ask = (path: string) =>
    world.app.fetch(new Request(`http://localhost${path}`, { headers: { authorization: `Bearer ${ADMIN_KEY}` } }));
  await ask("/customers/cohorts");
  for (const path of [`/customers/${body.data.id}`, "/customers/cohorts", "/healthz"])
    expect([path, ask(path) instanceof Promise]).toEqual([path, false]);
  await world.close();
});

test("HEAD is answered like GET, without a body, also where the answer is sent piece by piece", async () => {
  const world = openWorld();
  await world.request("POST", "/customers", CUSTOMER);
  const { status, text } = await world.request("HEAD", "/customers/ext_user_42/export");
  expect([status, text]).toEqual([200, ""]);
  await world.close();
});

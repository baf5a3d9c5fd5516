// Do errors about input say what was received and what would be right, and never repeat what is personal?
import { describe, expect, test } from "bun:test";
import { findBreak } from "../../src/http/json-position.ts";
import { findNear } from "../../src/http/near.ts";
import { openWorld } from "../harness.ts";
import { play } from "./scenario.ts";

const SALE = { type: "sale", externalId: "ann", value: 1 };
const post = { method: "POST", path: "/events", status: 400 } as const;
const get = { method: "GET", status: 400 } as const;

describe("a message says what would be right", () => {
  play([
    {
      ...post,
      body: { ...SALE, currency: "usd" },
      fields: ["currency"],
      contains: ["must be an ISO 4217 currency code in upper case", "USD, not usd"],
    },
    { ...post, body: { ...SALE, timestamp: "2026-02-01T10:00:00" }, contains: ["needs a time zone: add Z or an offset such as +01:00"] },
    { ...post, body: { ...SALE, timestamp: "1767225600" }, contains: ["send it without quotes"] },
    { ...post, body: { ...SALE, timestamp: "2026-02-30" }, contains: ["must be a day of the calendar, not 2026-02-30"] },
    { ...post, body: { ...SALE, value: 9.999 }, contains: ["must not have more than 2 decimals in USD: 9.999"] },
    { ...post, body: { ...SALE, value: -5 }, contains: ["must not be negative, send a refund instead: -5"] },
    { ...post, body: { ...SALE, value: 1e11 }, contains: ["must be at most 10000000000 USD (10^12 minor units), not 100000000000"] },
    { ...post, body: { ...SALE, externalID: "x" }, contains: ["is not a known field: did you mean externalId?"] },
    { ...post, body: { ...SALE, status: "Aproved" }, contains: ["not Aproved: did you mean approved?"] },
    { ...get, path: "/customers/cohorts?groupBy=week", contains: ["is not a known parameter: did you mean group_by?"] },
    { ...get, path: "/customers/cohorts?group_by=weeks", contains: ["not weeks: did you mean week?"] },
    { ...get, path: "/customers?limit=0", contains: ["must be a whole number from 1 to 100, not 0"] },
    {
      ...post,
      status: 415,
      name: "another type",
      body: "{}",
      headers: { "content-type": "text/plain" },
      fields: ["Content-Type"],
      contains: ["must be application/json", "not text/plain"],
    },
    {
      ...post,
      status: 415,
      name: "compressed",
      body: "{}",
      headers: { "content-encoding": "gzip" },
      fields: ["Content-Encoding"],
      contains: ["must be absent, not gzip"],
    },
    {
      ...post,
      status: 413,
      name: "too large",
      body: "{}",
      headers: { "content-length": "9000000" },
      fields: ["Content-Length"],
      contains: ["must be at most 5242880 bytes, not 9000000"],
    },
    {
      ...post,
      name: "broken JSON",
      body: '{\n  "name": "Ännchen",\n  "x": }',
      contains: ["it breaks at line 3, column 8 (byte 31)"],
      lacks: ["nnchen"],
    },
    { ...post, name: "JSON without its end", body: '{"a":[1', contains: ["it ends too early, at line 1, column 8 (byte 7)"] },
  ]);
});

describe("no fault hides another", () => {
  const entry = (body: object, fields: string[]) => ({ ...post, name: fields.join(" and "), body, fields });
  play([
    entry({ ...SALE, currency: "usd", value: -1 }, ["currency", "value"]),
    entry({ ...SALE, type: "sail", value: -1 }, ["type", "value"]),
    entry({ ...SALE, type: "sail", currency: "usd", value: -1, timestamp: "soon" }, ["type", "currency", "value", "timestamp"]),
    entry({ ...SALE, currency: "JPY", value: 1.5, status: "refunded", timestamp: "1969-01-01" }, ["value", "status", "timestamp"]),
    entry({ type: "refund", value: 0, currency: "usd", status: "pending" }, ["value", "currency", "status", "orderId"]),
    {
      ...post,
      path: "/conversions/track",
      body: { clickId: "c", currency: "usd", value: 1.00001, email: "x" },
      fields: ["currency", "value", "email"],
    },
    {
      ...get,
      path: "/conversions/s2s?currency=usd&value=-1&event=purchase&timestamp=soon",
      fields: ["click_id", "currency", "value", "timestamp"],
    },
    {
      ...post,
      method: "PUT",
      path: "/rates",
      body: { currency: "eur", date: "2026-02-30", rate: "-1" },
      fields: ["currency", "date", "rate"],
    },
    { ...get, path: "/customers?cursor=x&sortBy=nothing&limit=0", fields: ["cursor", "sortBy", "limit"] },
    { ...get, path: "/refunds/pending?cursor=x&limit=0", fields: ["cursor", "limit"] },
  ]);
});

describe("personal values", () => {
  const PERSONAL = [
    ...[
      "externalId",
      "email",
      "name",
      "avatar",
      "clickId",
      "visitorId",
      "event",
      "eventId",
      "orderId",
      "link",
      "campaign",
      "source",
      "medium",
    ],
    ...["url", "referrer", "metadata"],
  ];
  /** Wrong in each of these fields: too long, not a text, or with a control character. Each holds the secret. */
  const secrets = (field: string): unknown[] => {
    const long = `secret${"x".repeat(9000)}`;
    return field === "metadata"
      ? ["secret", ["secret"], { secret: "secret\u0000" }]
      : [long, ["secret"], { a: "secret" }, "secret\u0000", 5553331];
  };
  for (const path of ["/events", "/customers", "/conversions/track"])
    for (const field of PERSONAL)
      test(`of ${field} are not in an error of POST ${path}`, async () => {
        const world = openWorld();
        for (const value of secrets(field)) {
          const reply = await world.request("POST", path, { type: "lead", externalId: "a", clickId: "c", [field]: value });
          const said = JSON.stringify(reply.body.error?.details?.map(({ message }) => message) ?? []) + (reply.body.error?.message ?? "");
          expect([said.includes("secret"), said.includes("5553331")]).toEqual([false, false]);
        }
        await world.close();
      });

  for (const value of ["ann@example.com", `rg_${"a".repeat(36)}`, "x".repeat(41), "https://x.example/?a"])
    test(`${value.slice(0, 20)} in a field that may be repeated is not repeated either`, async () => {
      const world = openWorld();
      for (const field of ["currency", "timestamp", "status", "type", "country", "value"]) {
        const reply = await world.request("POST", "/events", { ...SALE, [field]: value });
        expect([reply.status, reply.text.includes(value)]).toEqual([400, false]);
      }
      await world.close();
    });
});

describe("a publishable key's visitor", () => {
  test("is told that the key may not send an email", async () => {
    const { createKey } = await import("../../src/access/api-key.ts");
    const world = openWorld();
    const key = createKey(world.workspace, { origins: ["https://shop.example"] });
    const headers = { authorization: `Bearer ${key}`, origin: "https://shop.example" };
    const reply = await world.request("POST", "/events", { type: "lead", clickId: "c", email: "ann@example.com", name: "Ann" }, headers);
    expect(reply.body.error?.details?.map(({ path }) => path)).toEqual(["email", "name"]);
    for (const { message } of reply.body.error?.details ?? []) expect(message).toContain("a publishable key may not send it");
    expect(reply.text).not.toContain("ann@");
    await world.close();
  });
});

describe("the place where JSON breaks", () => {
  test.each(["{}", "[]", ' {"a":[1,-2.5e+3,true,null,"\\u00e4\\n"],"b":{}} ', "0", '""'])("is none in %p", async (text) => {
    JSON.parse(text);
    expect(await findBreak(text)).toBeUndefined();
  });
  test.each([
    ["", 1, 1],
    ["{", 1, 2],
    ["[1,]", 1, 4],
    ['{"a" 1}', 1, 6],
    ["{,}", 1, 2],
    ["01", 1, 2],
    ["[}", 1, 2],
    ['"\\x"', 1, 3],
    ['"a\nb"', 1, 3],
    ["1 2", 1, 3],
    ['{"a":1,}', 1, 8],
    ["nan", 1, 1],
    ["\n\n[tru]", 3, 2],
  ])("of %p is line %p, column %p", async (text, line, column) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(await findBreak(text)).toMatchObject({ line, column });
  });
  test("agrees with JSON.parse on every text cut or changed at one place", async () => {
    const text = '{"a":[1,-2.5e3,{"b":"c\\n\\u0041"},true,[]],"d":null}';
    for (let at = 0; at < text.length; at += 1)
      for (const put of ["", "]", ",", '"', "0", "x", "\\"]) {
        const changed = text.slice(0, at) + put + text.slice(at + 1);
        let isJson = true;
        try {
          JSON.parse(changed);
        } catch {
          isJson = false;
        }
        expect([changed, (await findBreak(changed)) === undefined]).toEqual([changed, isJson]);
      }
  });
  test("of 5 MiB is found, whatever they are, while others have their turn", async () => {
    for (const piece of ["[", '"a",', "1,", '{"a":', " \n"]) {
      let turns = 0;
      const timer = setInterval(() => {
        turns += 1;
      }, 0);
      const text = `[${piece.repeat(Math.floor((5 * 2 ** 20) / piece.length))}`;
      expect(await findBreak(text)).toMatchObject({ byte: text.length, isEnd: true });
      clearInterval(timer);
      expect(turns).toBeGreaterThan(0);
    }
  });
});

test.each([
  ["externalID", "externalId"],
  ["external_id", "externalId"],
  ["curency", "currency"],
  ["colour", undefined],
  ["x", undefined],
])("the known name near %p is %p", (word, near) => {
  expect(findNear(word, ["externalId", "email", "currency", "country", "url"])).toBe(near);
});

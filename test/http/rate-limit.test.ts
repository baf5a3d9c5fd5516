// Who is told to wait, how long, and by whose address are they counted?
import { describe, expect, test } from "bun:test";
import { createKey } from "../../src/access/api-key.ts";
import { createApp } from "../../src/app/app.ts";
import { toAddress } from "../../src/http/address.ts";
import { openRateLimit } from "../../src/http/rate-limit.ts";
import { ADMIN_KEY, openWorld } from "../harness.ts";

describe("limits", () => {
  test("tell in headers what is left, and for how long to wait", () => {
    let time = 0;
    const limit = openRateLimit(2, "key", () => time);
    expect(limit("a")).toEqual({ wait: 0, headers: { "RateLimit-Policy": '"key";q=2;w=60', RateLimit: '"key";r=1;t=60' } });
    time = 20_500;
    expect(limit("a")).toMatchObject({ wait: 0, headers: { RateLimit: '"key";r=0;t=40' } });
    expect(limit("a")).toMatchObject({ wait: 40, headers: { RateLimit: '"key";r=0;t=40' } });
    expect(limit("b").wait).toBe(0);
    time = 60_001;
    expect(limit("a").wait).toBe(0);
    expect(openRateLimit(0)("a")).toEqual({ wait: 0, headers: {} });
  });

  test("keep no more callers than they have room for: the rest share one count", () => {
    const limit = openRateLimit(1, "address", () => 0);
    for (let index = 0; index < 100_000; index += 1) limit(`caller ${index}`);
    expect([limit("another").wait, limit("one more").wait]).toEqual([0, 60]);
  });

  test("of a key go out with every answer", async () => {
    const world = openWorld({ config: { rateLimit: 2 } });
    const [first, second, third] = [
      await world.request("GET", "/customers/count"),
      await world.request("GET", "/customers/count?x=1"),
      await world.request("GET", "/customers/count"),
    ];
    expect([first, second, third].map((reply) => reply?.status)).toEqual([200, 400, 429]);
    expect(first?.headers.get("ratelimit")).toMatch(/^"key";r=1;t=\d+$/);
    expect(second?.headers.get("ratelimit")).toMatch(/^"key";r=0;t=\d+$/);
    expect(third?.headers.get("ratelimit-policy")).toBe('"key";q=2;w=60');
    expect(Number(third?.headers.get("retry-after"))).toBeWithin(1, 61);
    world.close();
  });

  test("of an address count those without a key too, and each address alone", async () => {
    const world = openWorld({ config: { addressRateLimit: 2 } });
    let address = "203.0.113.1";
    const app = createApp(world.workspace, { connectionOf: () => address });
    const ask = async (key: string) =>
      (await app.handle(new Request("http://localhost/nowhere", { headers: { "x-api-key": key } }))).status;
    expect([await ask("guess-1"), await ask("guess-2"), await ask("guess-3"), await ask(ADMIN_KEY)]).toEqual([401, 401, 429, 429]);
    address = "203.0.113.2";
    expect(await ask(ADMIN_KEY)).toBe(404);
    expect((await app.handle(new Request("http://localhost/healthz"))).status).toBe(200);
    world.close();
  });

  test("of an address count open paths too, and the probes never", async () => {
    const world = openWorld({ config: { addressRateLimit: 2 } });
    const app = createApp(world.workspace, { connectionOf: () => "203.0.113.1" });
    const ask = async (path: string) => app.handle(new Request(`http://localhost${path}`));
    for (const path of ["/healthz", "/api/readyz", "/healthz"]) expect((await ask(path)).headers.get("ratelimit")).toBeNull();
    const home = await ask("/");
    expect([home.status, home.headers.get("ratelimit")?.replace(/t=.*/, "")]).toEqual([200, '"address";r=1;']);
    const statuses = [await ask("/docs"), await ask("/api/docs/json"), await ask("/healthz"), await ask("/readyz")];
    expect(statuses.map(({ status }) => status)).toEqual([200, 429, 200, 200]);
    world.close();
  });

  test("of a publishable key are each visitor's own", async () => {
    const world = openWorld({ config: { rateLimit: 1 } });
    let address = "203.0.113.1";
    const app = createApp(world.workspace, { connectionOf: () => address });
    const origin = "https://shop.example";
    const key = createKey(world.workspace, { origins: [origin] });
    const send = async () => {
      const headers = { "x-api-key": key, origin, "content-type": "application/json" };
      return app.handle(new Request("http://localhost/events", { method: "POST", headers, body: '{"type":"click"}' }));
    };
    expect((await send()).status).toBe(201);
    const refused = await send();
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([429, origin]);
    address = "203.0.113.2";
    expect((await send()).status).toBe(201);
    world.close();
  });
});

describe("limits by entries and bytes", () => {
  const ORIGIN = "https://shop.example";
  /** Sends from pages of a world with these settings. */
  function openPages(config: Parameters<typeof openWorld>[0]) {
    const world = openWorld(config);
    const from = { address: "203.0.113.1" };
    const app = createApp(world.workspace, { connectionOf: () => from.address, checkAnswers: true });
    const key = createKey(world.workspace, { origins: [ORIGIN] });
    const post = async (body: unknown, own: Readonly<Record<string, string>>) => {
      const headers = { ...own, "content-type": "application/json" };
      const response = await app.handle(
        new Request("http://localhost/events", { method: "POST", headers, body: typeof body === "string" ? body : JSON.stringify(body) }),
      );
      if (response.status === 429) expect(Number(response.headers.get("retry-after"))).toBeWithin(1, 61);
      return response;
    };
    return {
      world,
      from,
      page: async (body: unknown) => {
        const response = await post(body, { "x-api-key": key, origin: ORIGIN });
        expect(response.headers.get("access-control-allow-origin")).toBe(ORIGIN);
        return response.status;
      },
      server: async (body: unknown) => (await post(body, { "x-api-key": ADMIN_KEY })).status,
    };
  }
  const clicks = (count: number, visitorId?: string) => Array.from({ length: count }, () => ({ type: "click", visitorId }));
  const OFF = {
    publishableEntriesPerVisitor: 0,
    publishableEntriesPerAddress: 0,
    publishableBytesPerAddress: 0,
    publishableEntriesPerKey: 0,
    publishableBytesPerKey: 0,
  };

  test("RATE_LIMIT counts the entries of an array", async () => {
    const { world, server } = openPages({ config: { rateLimit: 10 } });
    const first = await world.request("POST", "/events", clicks(8));
    expect(first.headers.get("ratelimit")).toMatch(/^"key";r=2;t=\d+$/);
    expect([await server(clicks(8)), await server(clicks(3)), await server(clicks(1)), await server(clicks(1))]).toEqual([
      200, 429, 200, 429,
    ]); // a refused array counts as the one request that it is
    world.close();
  });

  test("hold for pages by default: so many entries of a visitor, of an address and in all", async () => {
    const { world, from, page, server } = openPages({});
    expect([await page(clicks(120, "v-0")), await page(clicks(1, "v-0")), await page(clicks(1, "v-1"))]).toEqual([200, 429, 200]);
    for (let visitor = 2; visitor < 11; visitor += 1) expect(await page(clicks(119, `v-${visitor}`))).toBe(200);
    expect(await page(clicks(120, "v-11"))).toBe(429);
    from.address = "203.0.113.2";
    expect([await page(clicks(120, "v-0")), await server(clicks(1000))]).toEqual([200, 200]);
    world.close();
  });

  for (const [name, config, most] of [
    ["entries of an address", { publishableEntriesPerAddress: 5 }, 5],
    ["entries of a key", { publishableEntriesPerKey: 5 }, 5],
    ["entries of a visitor", { publishableEntriesPerVisitor: 5 }, 5],
  ] as const)
    test(`by ${name} are as they are set, and what is refused does not count`, async () => {
      const { world, from, page, server } = openPages({ config: { ...OFF, ...config } });
      for (let count = 0; count < most; count += 1) expect(await page({ type: "click" })).toBe(201);
      for (let count = 0; count < 20; count += 1) expect(await page({ type: "click" })).toBe(429);
      expect(await server({ type: "click" })).toBe(201);
      from.address = "203.0.113.2";
      expect(await page({ type: "click" })).toBe("publishableEntriesPerKey" in config ? 429 : 201);
      world.close();
    });

  for (const field of ["publishableBytesPerAddress", "publishableBytesPerKey"] as const)
    test(`by ${field} count what is malformed too`, async () => {
      const { world, from, page, server } = openPages({ config: { ...OFF, [field]: 1000 } });
      const bad = "x".repeat(400);
      expect([await page(bad), await page(bad), await page(bad), await page("{}")]).toEqual([400, 400, 429, 400]);
      expect(await server(bad)).toBe(400);
      from.address = "203.0.113.2";
      expect(await page(bad)).toBe(field === "publishableBytesPerKey" ? 429 : 400);
      world.close();
    });

  test("by bytes refuse a body by its headers, before it is read", async () => {
    const { world, page } = openPages({ config: { ...OFF, publishableBytesPerKey: 1000 } });
    const key = createKey(world.workspace, { origins: [ORIGIN] });
    let isRead = false;
    const send = async (bytes: number) => {
      const pull = (controller: ReadableStreamDefaultController) => {
        isRead = true;
        controller.enqueue(new TextEncoder().encode('{"type":"click"}'.padEnd(bytes)));
        controller.close();
      };
      const headers = { "x-api-key": key, origin: ORIGIN, "content-type": "application/json", "content-length": String(bytes) };
      const body = new ReadableStream({ pull }, { highWaterMark: 0 });
      return (await createApp(world.workspace).handle(new Request("http://localhost/events", { method: "POST", headers, body }))).status;
    };
    expect([await send(600), isRead]).toEqual([201, true]);
    isRead = false;
    expect([await send(1001), isRead]).toEqual([429, false]);
    expect(await page("{}")).toBe(400); // each key has its own
    world.close();
  });

  test("leave the shop's own arrays alone: they do not wait for those of pages", async () => {
    const { world, page, server } = openPages({});
    const before = Promise.withResolvers<void>();
    const flood = world.workspace.ledger.inTurn(() => before.promise, "page");
    const order: string[] = [];
    const waiting = page(clicks(2)).then((status) => order.push(`page ${status}`));
    order.push(`server ${await server(clicks(2))}`);
    before.resolve();
    await Promise.all([flood, waiting]);
    expect(order).toEqual(["server 200", "page 200"]);
    world.close();
  });

  test("can all be turned off", async () => {
    const { world, page } = openPages({ config: OFF });
    for (let round = 0; round < 3; round += 1) expect(await page(clicks(1000))).toBe(200);
    world.close();
  });

  test("bodies from pages are at most 64 KiB", async () => {
    const { world, page, server } = openPages({});
    const body = (bytes: number) => '{"type":"click"}'.padEnd(bytes);
    expect([await page(body(65_536)), await page(body(65_537)), await server(body(65_537))]).toEqual([201, 413, 201]);
    world.close();
  });
});

describe("toAddress", () => {
  test.each([
    ["the connection's own", "203.0.113.9", null, 0, "203.0.113.9"],
    ["a header that nobody is trusted to send", "203.0.113.9", "198.51.100.7", 0, "203.0.113.9"],
    ["what the one proxy saw, not what the caller says", "10.0.0.1", "6.6.6.6, 198.51.100.7", 1, "198.51.100.7"],
    ["what the first of two proxies saw", "10.0.0.1", "6.6.6.6, 198.51.100.7, 10.0.0.2", 2, "198.51.100.7"],
    ["the connection, where a proxy is passed by", "203.0.113.9", null, 1, "203.0.113.9"],
    ["an IPv4 address in IPv6", "::ffff:203.0.113.9", null, 0, "203.0.113.9"],
    ["the network of an IPv6 address", "2001:db8:1:2:aaaa::1", null, 0, "2001:db8:1:2::/64"],
    ["the network of a short one", "2001:db8::1", null, 0, "2001:db8:0:0::/64"],
    ["no port, which each connection has its own of", "10.0.0.1", "198.51.100.7:50123", 1, "198.51.100.7"],
    ["no port of an IPv6 address in brackets", "10.0.0.1", "[2001:db8:1:2::1]:50123", 1, "2001:db8:1:2::/64"],
    ["no brackets", "10.0.0.1", "[2001:db8:1:2::1]", 1, "2001:db8:1:2::/64"],
    ["no port of an IPv4 address in IPv6", "10.0.0.1", "[::ffff:198.51.100.7]:50123", 1, "198.51.100.7"],
    ["nonsense", "10.0.0.1", "<script>", 1, "unknown"],
    ["no connection", undefined, null, 0, "unknown"],
  ])("%s", (_, connection, forwarded, proxies, address) => {
    expect(toAddress(connection, forwarded, proxies)).toBe(address);
  });
});

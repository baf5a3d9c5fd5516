// Does the server keep its word on a real socket: odd requests, and a polite end?
import { describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { serve } from "../../src/app/server.ts";
import { assembleWorkspace } from "../../src/app/workspace.ts";
import { readConfig } from "../../src/host/config.ts";
import { silentLog } from "../../src/host/log.ts";
import { ADMIN_KEY } from "../harness.ts";

const open = () => serve(assembleWorkspace(readConfig({ DATABASE_PATH: ":memory:", ADMIN_KEY, PORT: "0" }), { log: silentLog() }));
const KEY = `Authorization: Bearer ${ADMIN_KEY}\r\n`;
const JSON_TYPE = "Content-Type: application/json\r\n";

/** Sends bytes as they are; answers what came back until the server closed the connection. */
function raw(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(Number(new URL(url).port), "127.0.0.1", () => socket.write(text));
    socket.on("data", (data) => {
      answer += data;
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}

describe("over a socket", () => {
  const wire: readonly (readonly [name: string, request: string, status: number, contains: string])[] = [
    ["a short host finds no route", "GET /xyz/healthz HTTP/1.1\r\nHost: a\r\n", 400, '"path":"Host"'],
    ["an empty host finds no route", "GET /xyz/healthz HTTP/1.1\r\nHost: \r\n", 400, '"path":"Host"'],
    ["two hosts are none", "GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: other\r\n", 400, '"path":"Host"'],
    ["HEAD has a length and no body", "HEAD /healthz HTTP/1.1\r\nHost: localhost\r\n", 200, "content-length: 39"],
    [
      "a body of both lengths is refused",
      `POST /events HTTP/1.1\r\nHost: localhost\r\n${KEY}${JSON_TYPE}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n`,
      400,
      "",
    ],
    [
      "a large body is refused unread",
      `POST /events HTTP/1.1\r\nHost: localhost\r\n${KEY}${JSON_TYPE}Content-Length: 900000000\r\n`,
      413,
      "PAYLOAD_TOO_LARGE",
    ],
  ];
  for (const [name, request, status, contains] of wire)
    test(name, async () => {
      const server = open();
      const answer = await raw(server.url, `${request}Connection: close\r\n\r\n`);
      expect(answer.toLowerCase()).toStartWith(`http/1.1 ${status}`);
      expect(answer).toContain(contains);
      await server.stop();
    });

  test("the key is looked at before the body has come", async () => {
    const server = open();
    const request = `POST /events HTTP/1.1\r\nHost: localhost\r\n${JSON_TYPE}Content-Length: 5000000\r\nConnection: close\r\n\r\n{`;
    expect(await Promise.race([raw(server.url, request), Bun.sleep(2000).then(() => "late")])).toStartWith("HTTP/1.1 401");
    await server.stop();
  });

  test("a body of unknown length that grows too large is 413", async () => {
    const server = open();
    const body = new ReadableStream({
      start(controller) {
        for (let count = 0; count < 90; count += 1) controller.enqueue(new Uint8Array(65_536).fill(32));
        controller.close();
      },
    });
    const response = await fetch(`${server.url}/events`, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", "x-api-key": ADMIN_KEY },
    });
    expect([response.status, (await response.text()).includes("PAYLOAD_TOO_LARGE")]).toEqual([413, true]);
    await server.stop();
  });
});

test("a port that another server has is not shared with it", async () => {
  const server = open();
  const config = readConfig({ DATABASE_PATH: ":memory:", ADMIN_KEY, PORT: new URL(server.url).port });
  expect(() => serve(assembleWorkspace(config, { log: silentLog() }))).toThrow(/EADDRINUSE|in use/);
  await server.stop();
});

describe("addresses", () => {
  const ask = async (settings: Record<string, string>, forwarded: readonly string[], path = "") => {
    const server = serve(
      assembleWorkspace(readConfig({ DATABASE_PATH: ":memory:", ADMIN_KEY, PORT: "0", ...settings }), { log: silentLog() }),
    );
    const url = `${server.url}${path}/customers/count`;
    const statuses: number[] = [];
    for (const each of forwarded)
      statuses.push((await fetch(url, { headers: { "x-api-key": ADMIN_KEY, "x-forwarded-for": each } })).status);
    await server.stop();
    return statuses;
  };

  test("are those of the connection, whatever a header says", async () => {
    expect(await ask({ ADDRESS_RATE_LIMIT: "2" }, ["6.6.6.1", "6.6.6.2", "6.6.6.3"])).toEqual([200, 200, 429]);
    expect(await ask({ ADDRESS_RATE_LIMIT: "1", BASE_PATH: "/stats" }, ["6.6.6.1", "6.6.6.2"], "/stats")).toEqual([200, 429]);
  });

  test("are those that a trusted proxy tells", async () => {
    const settings = { ADDRESS_RATE_LIMIT: "1", TRUST_PROXY: "1" };
    expect(await ask(settings, ["9.9.9.9, 6.6.6.1", "8.8.8.8, 6.6.6.1", "6.6.6.2"])).toEqual([200, 429, 200]);
  });
});

describe("stopping", () => {
  test("answers what is in flight, then refuses, and can be asked twice", async () => {
    const server = open();
    const bodies = Array.from({ length: 50 }, (_, index) => ({ type: "sale", orderId: `o${index}`, externalId: "a", value: 1 }));
    const headers = { "content-type": "application/json", "x-api-key": ADMIN_KEY };
    const inFlight = bodies.map((body) =>
      fetch(`${server.url}/events`, { method: "POST", headers, body: JSON.stringify(body) }).then(
        ({ status }) => status,
        () => 0,
      ),
    );
    await Promise.race(inFlight);
    await Promise.all([server.stop(), server.stop()]);
    const statuses = await Promise.all(inFlight);
    expect(statuses.filter((status) => ![201, 503, 0].includes(status))).toEqual([]);
    expect(statuses).toContain(201);
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  });

  test("does not wait for a connection that says nothing", async () => {
    const server = open();
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    const startedAt = performance.now();
    await server.stop();
    expect(performance.now() - startedAt).toBeLessThan(1000);
    socket.destroy();
  });
});

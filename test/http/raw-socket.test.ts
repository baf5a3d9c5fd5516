// Does the server bear what no client library would send, and answer the next one as if nothing had been?
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { type RunningServer, serve } from "../../src/app/server.ts";
import { assembleWorkspace } from "../../src/app/workspace.ts";
import { readConfig } from "../../src/host/config.ts";
import { silentLog } from "../../src/host/log.ts";
import { ADMIN_KEY } from "../harness.ts";

const HOST = "Host: localhost\r\n";
const KEY = `Authorization: Bearer ${ADMIN_KEY}\r\n`;
const JSON_TYPE = "Content-Type: application/json\r\n";
const END = "Connection: close\r\n\r\n";
const PATIENCE_MS = 1500;
/** Bun's own answer to a version of HTTP that it does not speak, which is the caller's fault for all its number (RFC 9110, 15.6.6). */
const NO_SUCH_VERSION = 505;

let server: RunningServer;
beforeAll(() => {
  server = serve(assembleWorkspace(readConfig({ DATABASE_PATH: ":memory:", ADMIN_KEY, PORT: "0" }), { log: silentLog() }));
});
afterAll(() => server.stop());

/** What comes back on a connection of its own until it is closed, or patience ends. `parts` go one after the other, a moment apart. */
function exchange(parts: readonly (string | Uint8Array)[], halfClose = false): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1", async () => {
      for (const part of parts) {
        socket.write(part);
        await Bun.sleep(15);
      }
      if (halfClose) socket.end();
    });
    const done = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(done, PATIENCE_MS);
    socket.on("data", (data) => {
      answer += data;
    });
    socket.on("close", done);
    socket.on("error", done);
  });
}

/** The statuses that came, in order. */
const statusesOf = (answer: string) => [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));

const post = (headers: string, body = "") => `POST /events HTTP/1.1\r\n${HOST}${KEY}${JSON_TYPE}${headers}${END}${body}`;

describe("each is refused or answered, never with 5xx, and the next request is well", () => {
  const odd: readonly (readonly [name: string, parts: readonly (string | Uint8Array)[], halfClose?: boolean])[] = [
    ["nothing at all", [], true],
    ["bytes of no protocol", [new Uint8Array([0, 255, 22, 3, 1, 13, 10, 13, 10])]],
    ["a TLS greeting", [new Uint8Array([0x16, 3, 1, 0, 5, 1, 0, 0, 1, 3, 3])]],
    ["half a request line", ["GET /heal"], true],
    ["HTTP/0.9", ["GET /healthz\r\n\r\n"]],
    ["HTTP/1.0 without a host", [`GET /healthz HTTP/1.0\r\n\r\n`]],
    ["HTTP/1.1 without a host", [`GET /healthz HTTP/1.1\r\n${END}`]],
    ["HTTP/9.9", [`GET /healthz HTTP/9.9\r\n${HOST}${END}`]],
    ["a method that there is not", [`BREW /healthz HTTP/1.1\r\n${HOST}${END}`]],
    ["a method in lower case", [`get /healthz HTTP/1.1\r\n${HOST}${END}`]],
    ["OPTIONS of the whole server", [`OPTIONS * HTTP/1.1\r\n${HOST}${END}`]],
    ["CONNECT", [`CONNECT evil.example:443 HTTP/1.1\r\n${HOST}${END}`]],
    ["TRACE", [`TRACE /healthz HTTP/1.1\r\n${HOST}${END}`]],
    ["a whole URL as the target", [`GET http://evil.example/healthz HTTP/1.1\r\n${HOST}${END}`]],
    ["a path out of the root", [`GET /../../etc/passwd HTTP/1.1\r\n${HOST}${KEY}${END}`]],
    ["a path with NUL", [`GET /customers/a\0b HTTP/1.1\r\n${HOST}${KEY}${END}`]],
    [
      "a path of bytes that are no text",
      [new Uint8Array([...Buffer.from("GET /customers/"), 0xff, 0xfe, ...Buffer.from(` HTTP/1.1\r\n${HOST}${KEY}${END}`)])],
    ],
    ["a path of 20,000 characters", [`GET /customers/${"a".repeat(20_000)} HTTP/1.1\r\n${HOST}${KEY}${END}`]],
    ["a header of 100,000 characters", [`GET /healthz HTTP/1.1\r\n${HOST}X-Long: ${"a".repeat(100_000)}\r\n${END}`]],
    [
      "1,000 headers",
      [`GET /healthz HTTP/1.1\r\n${HOST}${Array.from({ length: 1000 }, (_, index) => `X-${index}: a\r\n`).join("")}${END}`],
    ],
    ["a header without a colon", [`GET /healthz HTTP/1.1\r\n${HOST}nonsense\r\n${END}`]],
    ["a header folded over two lines", [`GET /healthz HTTP/1.1\r\n${HOST}X-A: b\r\n c\r\n${END}`]],
    ["a blank before the colon", [`GET /healthz HTTP/1.1\r\n${HOST}X-A : b\r\n${END}`]],
    ["lines that end in LF alone", ["GET /healthz HTTP/1.1\nHost: localhost\nConnection: close\n\n"]],
    ["a negative length", [post("Content-Length: -5\r\n", "{}")]],
    ["a length that is no number", [post("Content-Length: five\r\n", "{}")]],
    ["two lengths", [post("Content-Length: 2\r\nContent-Length: 3\r\n", "{}x")]],
    ["a length beyond any", [post("Content-Length: 99999999999999999999\r\n", "{}")]],
    ["a chunk whose size is no number", [post("Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n")]],
    ["a chunk larger than any", [post("Transfer-Encoding: chunked\r\n", "ffffffffffffffff\r\n{}\r\n0\r\n\r\n")]],
    ["chunks that never end", [post("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n")], true],
    ["an encoding that there is not", [post("Transfer-Encoding: gzip\r\n", "{}")]],
    ["a body shorter than its length", [post("Content-Length: 500\r\n", "{}")], true],
    ["a body byte by byte", [`POST /events HTTP/1.1\r\n${HOST}${KEY}${JSON_TYPE}Content-Length: 16\r\n${END}`, ...'{"type":"click"}']],
    ["a body beside GET", [`GET /healthz HTTP/1.1\r\n${HOST}Content-Length: 5\r\n${END}hello`]],
    ["an expectation that cannot be met", [post("Expect: the-moon\r\nContent-Length: 2\r\n", "{}")]],
    ["a key twice", [`GET /customers/count HTTP/1.1\r\n${HOST}${KEY}${KEY}${END}`]],
    [
      "an upgrade",
      [
        `GET /healthz HTTP/1.1\r\n${HOST}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n`,
      ],
    ],
  ];
  for (const [name, parts, halfClose] of odd)
    test(name, async () => {
      const answer = await exchange(parts, halfClose);
      expect(statusesOf(answer).filter((status) => status >= 500 && status !== NO_SUCH_VERSION)).toEqual([]);
      expect(answer).not.toMatch(/\.ts:\d|node_modules|Bun v|root:x/);
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    });
});

describe("one connection", () => {
  test("carries requests sent all at once, answered in order", async () => {
    const one = `GET /healthz HTTP/1.1\r\n${HOST}\r\n`;
    const answer = await exchange([`${one}${one}GET /nowhere HTTP/1.1\r\n${HOST}${END}`]);
    expect(statusesOf(answer)).toEqual([200, 200, 401]);
  });

  test("does not take what follows a refused body for a request", async () => {
    const hidden = `GET /customers/count HTTP/1.1\r\n${HOST}${KEY}\r\n`;
    const answer = await exchange([
      `POST /events HTTP/1.1\r\n${HOST}${JSON_TYPE}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    ]);
    expect(statusesOf(answer)).toEqual([400]);
    expect(answer).not.toContain('"count"');
  });

  test("that sends its body slowly holds nobody else up", async () => {
    const slow = connect(Number(new URL(server.url).port), "127.0.0.1");
    slow.on("error", () => {});
    slow.write(`POST /events HTTP/1.1\r\n${HOST}${KEY}${JSON_TYPE}Content-Length: 1000\r\n\r\n{`);
    await Bun.sleep(20);
    const startedAt = performance.now();
    for (let count = 0; count < 20; count += 1) expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(2000);
    slow.destroy();
  });

  test("that never reads its answers is no harm", async () => {
    const deaf = connect(Number(new URL(server.url).port), "127.0.0.1");
    deaf.on("error", () => {});
    deaf.pause();
    deaf.write(`GET /docs/swagger-ui.js HTTP/1.1\r\n${HOST}\r\n`.repeat(20));
    await Bun.sleep(50);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    deaf.destroy();
  });
});

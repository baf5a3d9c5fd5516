// Can a webhook be made to reach what only this machine can: by an address, a name, a name that changes, or a redirect?
import { describe, expect, test } from "bun:test";
import { isPublic, requireAddress } from "../../../src/feed/webhooks/address.ts";
import { post } from "../../../src/feed/webhooks/post.ts";
import { openWorld } from "../../harness.ts";
import { openReceiver } from "./receiver.ts";

const PRIVATE = [
  ...["0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "127.0.0.1", "127.255.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"],
  ...["100.64.0.1", "100.100.100.200", "100.127.255.255", "169.254.169.254", "169.254.0.1", "168.63.129.16", "192.0.0.192"],
  ...[
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
  ],
  ...[
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
  ],
  ...[
    "fc00::1",
    "fd00:ec2::254",
    "fdff::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
  ],
  ...["", "localhost", "1.2.3", "0x7f.1", "08.8.8.8", "8.8.8.8 "],
];
const PUBLIC = [
  "1.1.1.1",
  "8.8.8.8",
  "100.63.255.255",
  "100.128.0.1",
  "172.15.0.1",
  "172.32.0.1",
  "192.167.0.1",
  "11.0.0.1",
  "223.255.255.255",
];
const PUBLIC_V6 = ["2606:4700:4700::1111", "2a00:1450:4001::1", "2001:4860:4860::8888", "2003::1"];

describe("an address", () => {
  test.each(PRIVATE)("%s is not public", (address) => expect(isPublic(address)).toBe(false));
  test.each([...PUBLIC, ...PUBLIC_V6])("%s is public", (address) => expect(isPublic(address)).toBe(true));
});

describe("the address of a name", () => {
  const url = new URL("https://hooks.example/x");
  const to =
    (...addresses: string[]) =>
    async () =>
      addresses;

  test("is the first one, if all of them are public", async () => {
    expect(await requireAddress(url, false, to("1.1.1.1", "8.8.8.8"))).toBe("1.1.1.1");
    for (const addresses of [["127.0.0.1"], ["1.1.1.1", "10.0.0.1"], ["2606:4700::1", "::1"], ["::ffff:169.254.169.254"]])
      await expect(requireAddress(url, false, to(...addresses))).rejects.toThrow("the address is in a private network");
    expect(await requireAddress(url, true, to("127.0.0.1"))).toBe("127.0.0.1");
  });

  test("may not exist", async () => {
    await expect(requireAddress(url, true, to())).rejects.toThrow("the name has no address");
    await expect(requireAddress(url, true, () => Promise.reject(new Error("ENOTFOUND")))).rejects.toThrow("the name has no address");
  });

  test.each([
    "http://127.0.0.1/",
    "http://0x7f.1/",
    "http://2130706433/",
    "http://017700000001/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
  ])("in %s is seen as what it is, without a look-up", async (text) => {
    const never = () => Promise.reject(new Error("looked up"));
    await expect(requireAddress(new URL(text), false, never)).rejects.toThrow("the address is in a private network");
  });
});

test("the connection goes to the address that was checked, whatever the name leads to by then", async () => {
  const receiver = openReceiver();
  const url = new URL(receiver.url.replace("127.0.0.1", "rebound.invalid"));
  expect(await post({ url, address: "127.0.0.1", headers: { "webhook-id": "msg_1" }, body: "{}" })).toBe(200);
  expect(receiver.received[0]?.headers).toMatchObject({ host: url.host, "webhook-id": "msg_1", "content-type": "application/json" });
  receiver.close();
});

test("an endpoint cannot be made in a private network, and a name that leads there is not called", async () => {
  const world = openWorld();
  for (const host of ["127.0.0.1", "localhost", "metadata.localhost", "[::1]", "169.254.169.254", "10.1.2.3", "0x7f000001"]) {
    const { status, body } = await world.request("POST", "/webhook-endpoints", { url: `http://${host}/x`, events: ["customer.created"] });
    expect([host, status, body.error?.details?.map(({ path }) => path)]).toEqual([host, 400, ["url"]]);
  }
  for (const url of ["ftp://a.example/", "https://me@a.example/", "https://a.example/#x", "a.example", "javascript:alert(1)"])
    expect((await world.request("POST", "/webhook-endpoints", { url, events: ["customer.created"] })).status).toBe(400);
  const { body } = await world.request<{ id: string }>("POST", "/webhook-endpoints", {
    url: "http://name.invalid/",
    events: ["customer.created"],
  });
  const { sqlite } = world.workspace.database;
  sqlite.exec("UPDATE webhook_endpoint SET url = 'http://127.0.0.1:1/'");
  const tried = await world.request("POST", `/webhook-endpoints/${body.data.id}/test`);
  expect(tried.body.data).toMatchObject({ event: "test", state: "failed", problem: "the address is in a private network" });
  await world.close();
});

describe("an answer", () => {
  /** A server that says `answer` and then does what `then` does. */
  function answering(answer: string, then: (socket: { write(text: string): number; end(): void }) => void) {
    const server = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        data(socket) {
          socket.write(answer);
          then(socket);
        },
      },
    });
    const ask = (timeoutMs = 10_000) =>
      post({ url: new URL(`http://127.0.0.1:${server.port}/`), address: "127.0.0.1", headers: {}, body: "{}", timeoutMs }).finally(() =>
        server.stop(true),
      );
    return { ask };
  }

  test("counts by its status, of which an endless body takes nothing away", async () => {
    const endless = (socket: { write(text: string): number }) => {
      for (let part = 0; part < 100; part++) socket.write("x".repeat(10_000));
    };
    expect(await answering("HTTP/1.1 200 OK\r\n\r\n", endless).ask()).toBe(200);
    expect(await answering("HTTP/1.1 503 No\r\n\r\n", (socket) => socket.end()).ask()).toBe(503);
    expect(await answering("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 \r\n\r\n", (socket) => socket.end()).ask()).toBe(204);
  });

  test("that never comes, is no HTTP, or has a head without end is a failure", async () => {
    await expect(answering("", () => undefined).ask(50)).rejects.toThrow("no answer within 10 seconds");
    await expect(answering("hello\r\n\r\n", () => undefined).ask()).rejects.toThrow("the answer is not HTTP");
    await expect(answering("HTTP/1.1 200 OK\r\n", (socket) => void socket.write("x".repeat(100_000))).ask()).rejects.toThrow("too long");
    await expect(answering("", (socket) => socket.end()).ask()).rejects.toThrow("closed without an answer");
    await expect(post({ url: new URL("http://127.0.0.1:1/"), address: "127.0.0.1", headers: {}, body: "" })).rejects.toThrow("refused");
  });
});

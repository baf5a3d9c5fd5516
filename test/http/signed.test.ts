// Can an endpoint take raw bytes from a sender that signs them, as webhooks do?
import { expect, test } from "bun:test";
import { createHmac, timingSafeEqual } from "node:crypto";
import { Type } from "@sinclair/typebox";
import { silentLog } from "../../src/host/log.ts";
import { endpoint, ok } from "../../src/http/endpoint.ts";
import { openGate } from "../../src/http/gate.ts";
import { mount } from "../../src/http/mount.ts";
import { success } from "../../src/http/wire.ts";

const MOST = 32;
const sign = (bytes: Uint8Array | string) => createHmac("sha256", "a secret of the sender").update(bytes).digest();

function openHook() {
  const received: Uint8Array[] = [];
  const hook = endpoint({
    method: "POST",
    path: "/hook",
    admission: {
      verify(headers, bytes) {
        const given = Buffer.from(headers.get("x-signature") ?? "", "hex");
        const wanted = sign(bytes);
        return given.byteLength === wanted.byteLength && timingSafeEqual(given, wanted);
      },
    },
    body: "bytes",
    maxBytes: MOST,
    tag: "",
    summary: "",
    answers: { 200: success(Type.Object({ size: Type.Integer() })) },
    handle({ body }) {
      received.push(body);
      return ok({ size: body.byteLength });
    },
  });
  const keyring = { findKey: () => undefined, findKeyById: () => undefined, isOrigin: () => false, flush: () => {} };
  const app = mount([hook], {
    log: silentLog(),
    revenueTracking: true,
    checkAnswers: true,
    deadlineMs: 1000,
    idempotency: { identify: () => ({ keyHash: "", requestHash: "" }) },
    gate: openGate({ keyring, limitOfKey: () => ({ wait: 0, headers: {} }), addressOf: () => "" }),
    isClosing: () => false,
  });
  async function send(body: Uint8Array<ArrayBuffer> | undefined, signature = sign(body ?? "").toString("hex"), path = "/hook") {
    const headers = { "x-signature": signature, "content-type": "text/plain" };
    const response = await app.fetch(new Request(`http://localhost${path}`, { method: "POST", headers, ...(body && { body }) }));
    return { status: response.status, text: await response.text() };
  }
  return { received, send };
}

test("takes bytes that are no JSON and no UTF-8 as they are, under /api too", async () => {
  const { received, send } = openHook();
  const bytes = new Uint8Array([0xff, 0x00, 0x7b]);
  for (const path of ["/hook", "/api/hook"]) expect(await send(bytes, undefined, path)).toMatchObject({ status: 200 });
  expect(received.map((each) => [...each])).toEqual([[...bytes], [...bytes]]);
});

test("a bad signature is 401, and the handler is not called", async () => {
  const { received, send } = openHook();
  const bytes = new TextEncoder().encode("text");
  const refused = [await send(bytes, sign("other text").toString("hex")), await send(bytes, ""), await send(undefined, "00")];
  expect(refused.map(({ status, text }) => [status, text.includes("UNAUTHORIZED")])).toEqual(refused.map(() => [401, true]));
  expect(received).toEqual([]);
});

test("a body without a byte is 400, one beyond the endpoint's own limit 413", async () => {
  const { received, send } = openHook();
  expect(await send(undefined)).toMatchObject({ status: 400 });
  expect(await send(new Uint8Array(MOST))).toMatchObject({ status: 200 });
  const large = await send(new Uint8Array(MOST + 1));
  expect([large.status, large.text.includes("larger than 32 bytes")]).toEqual([413, true]);
  expect(received).toHaveLength(1);
});

test("a signed path asks for no key, an unknown one does", async () => {
  const { send } = openHook();
  expect(await send(new Uint8Array(1), undefined, "/other")).toMatchObject({ status: 401 });
});

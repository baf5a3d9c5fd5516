// Are signatures of the providers' own libraries accepted, and only these? Each scheme is tried in both directions.
import { describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { Paddle } from "@paddle/paddle-node-sdk";
import { Webhook } from "standardwebhooks";
import Stripe from "stripe";
import { PROVIDERS, type Provider } from "../../src/provider/provider.ts";
import { openSignatureCheck, TOLERANCE_MS } from "../../src/provider/signature.ts";
import { sign } from "./sign.ts";

const AT = Date.now(); // the libraries compare with the clock of the machine
const BODY = '{"id":"evt_1","name":"Zoë 𝄞"}';
const SECRET = "whsec_aSecretOfTheSender0";
const bytes = (text: string) => new TextEncoder().encode(text);
const seconds = Math.floor(AT / 1000);

/** Headers as the provider's own library, or the code of its documentation, makes them. */
const THEIRS: Readonly<Record<Provider, (body: string, secret: string) => Record<string, string> | Promise<Record<string, string>>>> = {
  stripe: async (payload, secret) => ({
    "stripe-signature": await new Stripe("sk_test_1").webhooks.generateTestHeaderStringAsync({ payload, secret, timestamp: seconds }),
  }),
  // shopify.dev: crypto.createHmac('sha256', CLIENT_SECRET).update(rawBody, 'utf8').digest('base64')
  shopify: (body, secret) => ({ "x-shopify-hmac-sha256": createHmac("sha256", secret).update(body, "utf8").digest("base64") }),
  // developer.paddle.com, "Verify manually": the library verifies only
  paddle: (body, secret) => ({
    "paddle-signature": `ts=${seconds};h1=${createHmac("sha256", secret).update(`${seconds}:${body}`).digest("hex")}`,
  }),
  // docs.lemonsqueezy.com: crypto.createHmac('sha256', secret).update(rawBody).digest('hex')
  lemonsqueezy: (body, secret) => ({ "x-signature": createHmac("sha256", secret).update(body).digest("hex") }),
  // polar.sh: new Webhook(Buffer.from(secret, "utf-8").toString("base64"))
  polar: (body, secret) => ({
    "webhook-id": "msg_1",
    "webhook-timestamp": String(seconds),
    "webhook-signature": new Webhook(Buffer.from(secret, "utf-8").toString("base64")).sign("msg_1", new Date(seconds * 1000), body),
  }),
};

const check = (provider: Provider, headers: Record<string, string>, body = BODY, secrets = [SECRET], now = AT) =>
  openSignatureCheck(provider, secrets, () => now)(new Headers(headers), bytes(body));

describe.each([...PROVIDERS])("%s", (provider) => {
  const theirs = () => THEIRS[provider](BODY, SECRET);

  test("a signature of its own library is accepted, by any of several secrets", async () => {
    const headers = await theirs();
    expect(await check(provider, headers)).toBe(true);
    expect(await check(provider, headers, BODY, ["another", SECRET])).toBe(true);
    expect(await check(provider, sign(provider, BODY, SECRET, AT))).toBe(true);
  });

  test("another body, secret or no signature is refused", async () => {
    const headers = await theirs();
    expect(await check(provider, headers, `${BODY} `)).toBe(false);
    expect(await check(provider, headers, BODY, ["another"])).toBe(false);
    expect(await check(provider, headers, BODY, [])).toBe(false);
    expect(await check(provider, {})).toBe(false);
  });

  test("a header that is changed in any character is refused", async () => {
    const headers = await theirs();
    for (const [name, value] of Object.entries(headers))
      for (let index = 0; index < value.length; index++) {
        const other = value[index] === "1" ? "2" : "1";
        const changed = value.slice(0, index) + other + value.slice(index + 1);
        // The last character of base64 holds two bits that mean nothing, and hex has two cases.
        if (Buffer.from(changed, "base64").equals(Buffer.from(value, "base64"))) continue;
        expect([changed, await check(provider, { ...headers, [name]: changed })]).toEqual([changed, false]);
      }
  });

  test("bytes are signed, not text", async () => {
    const body = new Uint8Array([0xff, 0xfe, 0x00]);
    const asText = new TextDecoder().decode(body);
    const ours = sign(provider, body, SECRET, AT);
    const verify = openSignatureCheck(provider, [SECRET], () => AT);
    expect([await verify(new Headers(ours), body), await verify(new Headers(ours), bytes(asText))]).toEqual([true, false]);
  });
});

test.each(["stripe", "paddle", "polar"] as const)("%s: a time beyond five minutes is refused, before and after", async (provider) => {
  const headers = await THEIRS[provider](BODY, SECRET);
  const around = [-TOLERANCE_MS - 1000, -TOLERANCE_MS + 1000, TOLERANCE_MS, TOLERANCE_MS + 1000].map((by) =>
    check(provider, headers, BODY, [SECRET], seconds * 1000 + by),
  );
  expect(await Promise.all(around)).toEqual([false, true, true, false]);
});

test("of several signatures, as while a secret is rotated, one is enough", async () => {
  const [, own = ""] = (sign("stripe", BODY, SECRET, AT)["stripe-signature"] ?? "").split(",");
  expect(await check("stripe", { "stripe-signature": `t=${seconds},v1=${"0".repeat(64)},${own},v0=abc` })).toBe(true);
  expect(await check("stripe", { "stripe-signature": `t=${seconds},v0=${own.slice(3)}` })).toBe(false);
  const polar = sign("polar", BODY, SECRET, AT);
  expect(await check("polar", { ...polar, "webhook-signature": `v1a,xyz ${polar["webhook-signature"]}` })).toBe(true);
});

test("a secret of Standard Webhooks is taken in base64 too", async () => {
  const secret = `whsec_${Buffer.from("thirty-two bytes of a real secret").toString("base64")}`;
  const signature = new Webhook(secret).sign("msg_2", new Date(AT), BODY);
  const headers = { "webhook-id": "msg_2", "webhook-timestamp": String(seconds), "webhook-signature": signature };
  expect(await check("polar", headers, BODY, [secret])).toBe(true);
});

test("our signatures are accepted by the providers' libraries", async () => {
  const stripe = sign("stripe", BODY, SECRET, AT)["stripe-signature"] ?? "";
  expect((await new Stripe("sk_test_1").webhooks.constructEventAsync(BODY, stripe, SECRET)).id).toBe("evt_1");
  const paddle = sign("paddle", BODY, SECRET, AT)["paddle-signature"] ?? "";
  expect(await new Paddle("key").webhooks.isSignatureValid(BODY, SECRET, paddle)).toBe(true);
  const polar = sign("polar", BODY, SECRET, AT);
  expect(new Webhook(Buffer.from(SECRET, "utf-8").toString("base64")).verify(BODY, polar)).toEqual(JSON.parse(BODY));
});

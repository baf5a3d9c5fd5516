// Do real payloads of providers mean what happened? They belong to others and are not in the repository; without them these tests are skipped.
import { describe, expect, test } from "bun:test";
import type { Effect, Translation } from "../../src/provider/effect.ts";
import { parseBody } from "../../src/provider/json.ts";
import type { Provider } from "../../src/provider/provider.ts";
import { TRANSLATE } from "../../src/provider/translate.ts";
import { readSamples, type Sample } from "./samples.ts";

const samples = readSamples();
const ID_KEYS = ["regularsExternalId", "externalId", "userId", "dubCustomerExternalId"];

function translate({ provider, headers, body }: Sample): Translation {
  const parsed = parseBody(new TextEncoder().encode(JSON.stringify(body)));
  if (!parsed) throw new Error("no body");
  return TRANSLATE[provider]({ headers: new Headers(headers), body: parsed }, ID_KEYS);
}

/** What is recorded by the samples of a provider whose path matches: type, key and value, and statuses. */
function recordedBy(provider: Provider, path: RegExp): string[] {
  const effects = samples
    .filter((sample) => sample.provider === provider && path.test(sample.path))
    .flatMap((sample): readonly Effect[] => {
      const { meaning } = translate(sample);
      return "ignored" in meaning ? [] : meaning;
    });
  const lines = effects.flatMap((effect) => {
    if (effect.kind === "entry")
      return [
        [effect.entry.type, effect.entry.event ?? effect.entry.eventId ?? effect.entry.orderId, effect.entry.value, effect.entry.currency]
          .filter((each) => each !== undefined)
          .join(" "),
      ];
    if (effect.kind === "status") return [`${effect.status.key} ${effect.status.status}`];
    return [effect.kind];
  });
  return [...new Set(lines)].sort();
}

describe.skipIf(samples.length === 0)("real payloads", () => {
  test("are all read, and each has a type", () => {
    expect(samples.length).toBeGreaterThan(190);
    for (const sample of samples) expect([sample.path, translate(sample).type]).toEqual([sample.path, expect.stringMatching(/./)]);
  });

  test.each([
    [
      "stripe",
      /planetclaire/,
      [
        "custom checkout_completed",
        "du_fixture_0001 approved",
        "re_fixture_0001 approved",
        "re_fixture_0001 rejected",
        "refund du_fixture_0001 79.9 EUR",
        "refund re_fixture_0001 45 EUR",
      ],
    ],
    [
      "stripe",
      /houdini.*(succeeded|created|withdrawn|updated|reinstated|won)\.json/,
      ["dp_05RsQX2eZvKYlo2C0FRTGSSA rejected", "refund dp_05RsQX2eZvKYlo2C0FRTGSSA 800 USD", "sale ch_1Y7zzfBCJIIhvMWmSiNWrPAC 800 USD"],
    ],
    ["stripe", /houdini.*partial/, ["refund dp_05RsQX2eZvKYlo2C0FRTGSSA 400 USD", "refund dp_25RsQX2eZvKYlo2C0ZXCVBNM 300 USD"]],
    ["stripe", /zulip\/charge_dispute/, ["du_1TbG46JEe0yY0QKr8P0G3pa3 approved", "refund du_1TbG46JEe0yY0QKr8P0G3pa3 22 USD"]],
    ["stripe", /zulip\/refund_event/, ["re_1Gib6ZHLwdCOCoR7VrzCnXlj rejected", "refund re_1Gib6ZHLwdCOCoR7VrzCnXlj 300000 INR"]],
    ["stripe", /zulip\/customer_subscription_updated/, []],
    [
      "stripe",
      /zulip-clover/,
      ["custom customer_created", "profile", "sale invoice_initial_remote_server_upgrade--Event.list.1.json 43 USD"],
    ],
    ["stripe", /hookdeck/, ["custom checkout_completed", "custom customer_created", "custom trial_started", "profile"]],
    ["stripe", /lago.*payment_intent/, []],
    ["stripe", /supabase.*(captured|payment_intent|dispute)/, []],
    [
      "paddle",
      /hookdeck/,
      [
        "adj_01j7brvp4836axtqpwvpgdssh7 approved",
        "custom customer_created",
        "profile",
        "refund adj_01j7brvp4836axtqpwvpgdssh7 108.87 USD",
        "sale txn_01j7br78cgr083zqw1jhqym40s 652.15 USD",
      ],
    ],
    [
      "shopify",
      /python-api\/(order|refund)\.json/,
      ["refund shopify:my-shop:509562969 209 USD", "sale shopify:my-shop:450789469 409.94 USD"],
    ],
    ["shopify", /compliance/, ["data request", "erase", "erase all"]],
    ["shopify", /2024-10\/orders/, ["sale shopify:shop:820982911946154508 388 USD"]],
    ["shopify", /hookdeck.*refunds/, []],
    ["lemonsqueezy", /pay-rails\/(order|subscription_payment)/, ["sale lemonsqueezy:order:1 58.99 USD"]],
    ["polar", /polar-server/, ["custom subscription_cancelled", "profile"]],
    ["polar", /hooksteel/, ["sale ord_test_hooksteel_1 89 USD"]],
  ] as const)("%s %s", (provider, path, lines) => {
    expect(recordedBy(provider, path)).toEqual([...lines]);
  });
});

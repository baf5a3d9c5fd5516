// Do real payloads go in, and come to what happened? They belong to others and are not in the repository (`../shared/samples/intake`); without
// them these tests are skipped.
import { describe, expect, test } from "bun:test";
import { openWorld, type World } from "../../harness.ts";
import { readSamples, type Sample, typeOf } from "../../provider/samples.ts";
import { deliver, EVERY_PROVIDER } from "./story.ts";

const samples = readSamples();
/** After all of them. */
const NOW = "2027-06-01T00:00:00Z";

const open = () => openWorld({ now: NOW, config: { ...EVERY_PROVIDER, webhookTestMode: true } });
const of = (provider: string, path: RegExp) => samples.filter((sample) => sample.provider === provider && path.test(sample.path));

async function deliverAll(world: World, those: readonly Sample[]): Promise<void> {
  await world.request(
    "PUT",
    "/rates",
    ["EUR", "CAD", "INR"].map((currency) => ({ currency, date: "2000-01-01", rate: "1" })),
  );
  for (const sample of those) {
    const { status, received } = await deliver(world, sample.provider, sample);
    expect([sample.path, status, received]).toEqual([sample.path, 200, true]);
  }
}

/** The sum of all sales and refunds. */
async function totalsOf(world: World) {
  const { body } = await world.request<{ totals: { sales: number; grossRevenue: number; refunds: number } }>("GET", "/customers/cohorts");
  const { sales, grossRevenue, refunds } = body.data.totals;
  return { sales, grossRevenue, refunds };
}

describe.skipIf(samples.length === 0)("real payloads", () => {
  test("all go in, and the log tells what became of each", async () => {
    const world = open();
    await deliverAll(world, samples);
    const { sources } = (
      await world.request<{ sources: { source: string; deliveries: number; conflicts: number; refused: number }[] }>("GET", "/webhooks")
    ).body.data;
    for (const { source, deliveries } of sources) expect([source, deliveries]).toEqual([source, of(source, /./).length]);
    // The examples of Polar's generated documents have no currency, and Lemon Squeezy's projects share the order 1.
    const polar = sources.find(({ source }) => source === "polar");
    expect(polar?.refused).toBe(of("polar", /sdk-docs\/refund/).length);
    await world.close();
  });

  test("live deliveries alone count without WEBHOOK_TEST_MODE", async () => {
    const world = openWorld({ now: NOW, config: EVERY_PROVIDER });
    for (const sample of of("stripe", /hookdeck|planetclaire|lago/))
      expect(await deliver(world, "stripe", sample)).toMatchObject({ status: 200, result: "ignored" });
    await world.close();
  });

  test.each([
    [
      "houdini, won",
      "stripe",
      /houdini.*(succeeded|created|withdrawn|updated|reinstated|won)\.json/,
      { sales: 1, grossRevenue: 800, refunds: 0 },
    ],
    ["houdini, lost", "stripe", /houdini.*(succeeded|created|withdrawn|lost)\.json/, { sales: 1, grossRevenue: 800, refunds: 800 }],
    ["houdini, two disputes", "stripe", /houdini.*(succeeded|partial\d)\.json/, { sales: 1, grossRevenue: 800, refunds: 700 }],
    ["zulip-clover", "stripe", /zulip-clover/, { sales: 1, grossRevenue: 43, refunds: 0 }],
    ["hookdeck's trial", "stripe", /hookdeck/, { sales: 0, grossRevenue: 0, refunds: 0 }],
    ["hookdeck's transaction", "paddle", /hookdeck/, { sales: 1, grossRevenue: 652.15, refunds: 108.87 }],
    ["an order of Shopify", "shopify", /python-api\/(order|refund)\.json/, { sales: 1, grossRevenue: 409.94, refunds: 209 }],
    ["an order of Lemon Squeezy", "lemonsqueezy", /pay-rails/, { sales: 1, grossRevenue: 58.99, refunds: 0 }],
    ["an order of Polar", "polar", /hooksteel/, { sales: 1, grossRevenue: 89, refunds: 0 }],
  ] as const)("%s, in order and in reverse", async (_name, provider, path, totals) => {
    for (const those of [of(provider, path), of(provider, path).reverse()]) {
      const world = open();
      await deliverAll(world, those);
      expect(await totalsOf(world)).toEqual(totals);
      await world.close();
    }
  });

  test("planetclaire: refunds and a dispute wait until their charge is there", async () => {
    const world = open();
    await deliverAll(world, of("stripe", /planetclaire/));
    const pending = await world.request<{ refunds: { eventId: string }[] }>("GET", "/refunds/pending");
    expect(pending.body.data.refunds.map(({ eventId }) => eventId).sort()).toEqual(["du_fixture_0001", "re_fixture_0001"]);
    const charge = {
      ...{ id: "ch_fixture_0001", payment_intent: "pi_fixture_0001", amount: 7990, currency: "eur", captured: true, status: "succeeded" },
      ...{ created: 1_792_051_500, billing_details: { email: "kundin@example.com" } },
    };
    const body = { id: "evt_charge", type: "charge.succeeded", created: 1_792_051_501, livemode: true, data: { object: charge } };
    await deliver(world, "stripe", { body });
    expect(await totalsOf(world)).toEqual({ sales: 1, grossRevenue: 79.9, refunds: 79.9 });
    await world.close();
  });

  test("every type has a name", () => {
    expect(samples.filter((sample) => typeOf(sample) === "").map(({ path }) => path)).toEqual([]);
  });
});

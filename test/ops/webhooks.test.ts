// Do metrics and the doctor say how the webhooks are doing?
import { expect, test } from "bun:test";
import type { Config } from "../../src/host/config.ts";
import { lookAtWebhooks } from "../../src/ops/doctor/webhooks.ts";
import { openWorld, type World } from "../harness.ts";
import { type Delivery, deliver, EVERY_PROVIDER } from "../intake/webhooks/story.ts";

const STRIPE_ONLY = { stripeSecrets: EVERY_PROVIDER.stripeSecrets };
let serial = 0;
function stripe(type: string, object: object): Delivery {
  serial += 1;
  return {
    body: {
      id: `evt_${serial}`,
      type,
      created: 1_770_000_000,
      livemode: true,
      data: { object: { created: 1_770_000_000, currency: "usd", ...object } },
    },
  };
}
const charge = stripe("charge.succeeded", { id: "ch_1", amount: 1000, captured: true, customer: "cus_1", status: "succeeded" });
const refunded = stripe("charge.refunded", { id: "ch_1", amount: 1000, amount_refunded: 400 });
const refund = stripe("refund.created", { id: "re_1", amount: 400, charge: "ch_1", status: "succeeded" });

function diagnose(world: World, changed: Partial<Config> = {}) {
  const { database, config } = world.workspace;
  return lookAtWebhooks(database.sqlite, { ...config, ...changed }, world.clock.now());
}

test("the doctor: nothing set up, nothing delivered yet, all is well", async () => {
  const none = openWorld();
  expect(diagnose(none)).toMatchObject({ level: "ok", text: "none are set up" });
  await none.close();
  const world = openWorld({ config: STRIPE_ONLY });
  expect(diagnose(world)).toMatchObject({ level: "warn", text: expect.stringContaining("stripe has never delivered anything") });
  await deliver(world, "stripe", charge);
  expect(diagnose(world)).toMatchObject({ level: "ok", text: "stripe: last delivery 2026-03-01T00:00:00.000Z" });
  await world.close();
});

test("the doctor: refunds that only charge.refunded tells, until one comes", async () => {
  const world = openWorld({ config: STRIPE_ONLY });
  for (const each of [charge, refunded]) await deliver(world, "stripe", each);
  expect(diagnose(world)).toMatchObject({ level: "warn", text: expect.stringContaining("add refund.created") });
  await deliver(world, "stripe", refund);
  expect(diagnose(world)).toMatchObject({ level: "ok" });
  await world.close();
});

test("the doctor: a missing setting, bad signatures, refusals, conflicts and refunds that wait", async () => {
  const world = openWorld({ config: STRIPE_ONLY });
  await deliver(world, "stripe", refund);
  expect(diagnose(world).text).toContain("1 of stripe's refunds came before their sale");
  await deliver(world, "stripe", charge);
  await deliver(
    world,
    "stripe",
    stripe("charge.succeeded", { id: "ch_1", amount: 1200, captured: true, customer: "cus_1", status: "succeeded" }),
  );
  expect(diagnose(world).text).toContain("told a sale or refund again with other money");
  await deliver(world, "stripe", stripe("charge.succeeded", { id: "ch_2", amount: 1, currency: "xyz", customer: "cus_1" }));
  expect(diagnose(world).text).toContain("1 of stripe's deliveries could not be stored");
  world.workspace.database.sqlite
    .prepare("INSERT INTO webhook_count (source, type, result, reason, count, last_at) VALUES ('stripe', '', 'bad signature', '', 3, ?)")
    .run(world.clock.now() + 1);
  expect(diagnose(world).text).toContain("compare STRIPE_WEBHOOK_SECRET");
  const { stripeSecrets: _none, ...without } = world.workspace.config;
  expect(lookAtWebhooks(world.workspace.database.sqlite, without, world.clock.now()).text).toContain("STRIPE_WEBHOOK_SECRET is not set");
  await world.close();
});

test("the doctor: a request for data that is nearly due", async () => {
  const world = openWorld({ config: STRIPE_ONLY });
  await deliver(world, "stripe", charge);
  const { sqlite } = world.workspace.database;
  sqlite
    .prepare("INSERT INTO webhook_data_request (customer_id, source, requested_at) SELECT id, 'shopify', ? FROM customer")
    .run(world.clock.now());
  expect(diagnose(world)).toMatchObject({ level: "ok" });
  world.clock.set(world.clock.now() + 21 * 86_400_000);
  expect(diagnose(world)).toMatchObject({ level: "warn", text: expect.stringContaining("close the request") });
  await world.close();
});

test("metrics: deliveries by type and result, bad signatures and refunds that wait", async () => {
  const world = openWorld({ config: STRIPE_ONLY });
  for (const each of [charge, charge, refund]) await deliver(world, "stripe", each);
  const { text } = await world.request("GET", "/metrics");
  for (const line of [
    'regulars_webhook_deliveries_total{source="stripe",type="charge.succeeded",result="duplicate"} 1',
    'regulars_webhook_deliveries_total{source="stripe",type="charge.succeeded",result="recorded"} 1',
    'regulars_webhook_deliveries_total{source="stripe",type="refund.created",result="recorded"} 1',
    'regulars_webhook_bad_signatures_total{source="stripe"} 0',
    'regulars_webhook_waiting_refunds{source="stripe"} 0',
  ])
    expect(text).toContain(`${line}\n`);
  expect(text).not.toContain('source="polar"');
  await world.close();
});

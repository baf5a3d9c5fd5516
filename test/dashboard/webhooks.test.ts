// Does the page worry about the webhooks that `doctor` worries about, and count deliveries as the API does?
import { expect, test } from "bun:test";
import {
  type Called,
  callTroubleOf,
  countOf,
  knownSources,
  type Source,
  troubleOf,
  type Webhooks,
} from "../../src/dashboard/page/webhooks.ts";
import { openWorld, type World } from "../harness.ts";
import { deliver, EVERY_PROVIDER } from "../intake/webhooks/story.ts";

const DAY_MS = 86_400_000;
const charge = (id: string, amount: number, currency = "usd") => ({
  body: {
    id: `evt_${id}_${amount}`,
    type: "charge.succeeded",
    created: 1_770_000_000,
    livemode: true,
    data: { object: { id, amount, currency, created: 1_770_000_000, captured: true, customer: "cus_1", status: "succeeded" } },
  },
});

async function ask(world: World): Promise<Webhooks> {
  return (await world.request<Webhooks>("GET", "/webhooks")).body.data;
}
async function stripe(world: World): Promise<Source> {
  const found = (await ask(world)).sources.find(({ source }) => source === "stripe");
  if (!found) throw new Error("Stripe is missing.");
  return found;
}

test("sources that are on, and those that were, are known; the others are not", async () => {
  const none = openWorld();
  expect(knownSources(await ask(none))).toEqual([]);
  await none.close();
  const world = openWorld({ config: { stripeSecrets: EVERY_PROVIDER.stripeSecrets } });
  expect(knownSources(await ask(world)).map(({ source }) => source)).toEqual(["stripe"]);
  await deliver(world, "stripe", charge("ch_1", 1000));
  const { sources, ...rest } = await ask(world);
  const off = { ...rest, sources: sources.map((each) => ({ ...each, isOn: false })) };
  expect(knownSources(off).map(({ source }) => source)).toEqual(["stripe"]);
  await world.close();
});

test("a refusal is worth a notice for thirty days, a conflict is not; both are counted", async () => {
  const world = openWorld({ config: { stripeSecrets: EVERY_PROVIDER.stripeSecrets } });
  for (const each of [charge("ch_1", 1000), charge("ch_1", 1000), charge("ch_1", 1200)]) await deliver(world, "stripe", each);
  const now = world.clock.now();
  expect(troubleOf(await stripe(world), now)).toBeUndefined();
  await deliver(world, "stripe", charge("ch_2", 1, "xyz"));
  const state = await stripe(world);
  expect(troubleOf(state, now)).toBe("refused");
  expect(troubleOf(state, now + 30 * DAY_MS)).toBe("refused");
  expect(troubleOf(state, now + 30 * DAY_MS + 1)).toBeUndefined();
  expect(troubleOf({ ...state, isOn: false }, now)).toBeUndefined();
  const results = ["recorded", "duplicate", "conflict", "refused", "ignored"];
  expect(results.map((result) => countOf(state, result))).toEqual([1, 1, state.conflicts, state.refused, 0]);
  expect([state.conflicts, state.refused]).toEqual([1, 1]);
  await world.close();
});

test("an endpoint is worth a notice while it is failed or paused, and once a message has waited for an hour", async () => {
  const world = openWorld({ config: { webhookAllowPrivate: true } });
  await world.request("POST", "/webhook-endpoints", { url: "http://127.0.0.1:9/", events: ["entry.created"] });
  const endpoint = async () => (await world.request<Called[]>("GET", "/webhook-endpoints")).body.data[0] as Called;
  const now = world.clock.now();
  expect(await endpoint()).toMatchObject({ waiting: 0, waitingSince: null });
  expect(callTroubleOf(await endpoint(), now)).toBeUndefined();
  await world.request("POST", "/events", { type: "lead", eventId: "l", externalId: "ann" });
  await world.workspace.dispatcher.step();
  const waiting = await endpoint();
  expect(waiting).toMatchObject({ waiting: 1, waitingSince: new Date(now).toISOString() });
  expect(callTroubleOf(waiting, now + 3_600_000)).toBeUndefined();
  expect(callTroubleOf(waiting, now + 3_600_001)).toBe("late");
  for (const state of ["failed", "paused"] as const) expect(callTroubleOf({ ...waiting, state }, now)).toBe(state);
  await world.close();
});

test("a bad signature is worth a notice until a good one comes", async () => {
  const world = openWorld({ config: { stripeSecrets: EVERY_PROVIDER.stripeSecrets } });
  await deliver(world, "stripe", charge("ch_1", 1000));
  const state = await stripe(world);
  const at = (milliseconds: number) => new Date(world.clock.now() + milliseconds).toISOString();
  expect(troubleOf({ ...state, badSignatures: 1, lastBadSignatureAt: at(1) }, world.clock.now())).toBe("signature");
  expect(troubleOf({ ...state, badSignatures: 1, lastBadSignatureAt: at(-1) }, world.clock.now())).toBeUndefined();
  expect(troubleOf({ ...state, lastDeliveryAt: null, badSignatures: 1, lastBadSignatureAt: at(0) }, world.clock.now())).toBe("signature");
  await world.close();
});

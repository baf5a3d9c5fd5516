// Do the providers' stories come to the right figures, in any order and however often each delivery comes?
import { afterAll, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { toFields } from "../../../src/provider/json.ts";
import type { Provider } from "../../../src/provider/provider.ts";
import { NOW, openWorld, type World } from "../../harness.ts";
import { verifyWorld } from "../../verify/world.ts";
import { OTHER_STORIES } from "./stories/others.ts";
import { SHOPIFY_STORIES } from "./stories/shopify.ts";
import { STRIPE_STORIES } from "./stories/stripe.ts";
import { type Delivery, deliver, EVERY_PROVIDER, type Story } from "./story.ts";

const STORIES: readonly Story[] = [...STRIPE_STORIES, ...SHOPIFY_STORIES, ...OTHER_STORIES];
const ORDERS = 200;
const END = NOW + 3_600_000;
/** How many deliveries are under way at once. */
const AT_ONCE = 8;

interface Told {
  readonly provider: Provider;
  readonly delivery: Delivery;
}

const IN_ORDER: readonly Told[] = STORIES.flatMap(({ provider, deliveries }) => deliveries.map((delivery) => ({ provider, delivery })));

/** The same under another id of the event: a provider may tell one change in several. */
function underOtherId({ provider, delivery: { body, headers = {} } }: Told): Told {
  if (provider === "shopify") return { provider, delivery: { body, headers: { ...headers, "x-shopify-webhook-id": "again" } } };
  const fields = toFields(body);
  const id = provider === "stripe" ? { id: `${fields.id}_again` } : { event_id: `${fields.event_id}_again` };
  return { provider, delivery: { headers, body: { ...fields, ...id } } };
}

/** Opens a world in which the money of all stories has a rate of 1, and delivers to it. */
async function play(told: readonly Told[]): Promise<World> {
  const world = openWorld({ config: EVERY_PROVIDER, checkAnswers: false });
  const rates = ["JPY", "KWD", "ISK", "EUR"].map((currency) => ({ currency, date: "2020-01-01", rate: "1" }));
  await world.request("PUT", "/rates", rates);
  for (let next = 0; next < told.length; next += AT_ONCE) {
    world.clock.set(NOW + next * 1000); // what counts is the provider's time, not that of arrival
    await Promise.all(
      told.slice(next, next + AT_ONCE).map(async ({ provider, delivery }) => {
        const { status, result } = await deliver(world, provider, delivery);
        if (status !== 200 || result === "conflict" || result === "refused")
          throw new Error(`${status} ${result}: ${JSON.stringify(delivery)}`);
      }),
    );
  }
  world.clock.set(END);
  return world;
}

interface Customer {
  id: string;
  createdAt: string;
  updatedAt: string;
  sales: number;
  grossRevenue: number;
  refunds: number;
}
interface Journey {
  entries: { type: string; event: string | null }[];
}

const keyOf = (who: string) => who.slice(0, 4) + encodeURIComponent(who.slice(4));

/** Everything that may not depend on the order: customers without our ids and times of records, and reports. */
async function figuresOf(world: World): Promise<unknown> {
  const customers = await Promise.all(
    STORIES.map(async ({ who }) => {
      const { body } = await world.request<Customer>("GET", `/customers/${keyOf(who)}`);
      const { id: _id, createdAt: _createdAt, updatedAt: _updatedAt, ...customer } = body.data;
      return customer;
    }),
  );
  const paths = [
    "/customers/count",
    "/customers/cohorts?group_by=month",
    "/customers/cohorts?group_by=source",
    "/customers/ltv-cohorts?months=6",
  ];
  const reports = await Promise.all(paths.map(async (path) => (await world.request("GET", path)).body.data));
  return JSON.parse(JSON.stringify({ customers, reports }, (key, value: unknown) => (key === "computedAt" ? undefined : value)));
}

const inOrder = await play(IN_ORDER);
const figures = await figuresOf(inOrder);
afterAll(() => inOrder.close());

describe.each(STORIES.map((story) => [`${story.provider}: ${story.name}`, story] as const))("%s", (_name, story) => {
  test("comes to its figures", async () => {
    const { body } = await inOrder.request<Customer>("GET", `/customers/${keyOf(story.who)}`);
    const { sales, grossRevenue, refunds } = body.data;
    expect({ sales, gross: grossRevenue, refunds }).toEqual(story.figures);
    const journey = await inOrder.request<Journey>("GET", `/customers/${keyOf(story.who)}/journey?limit=100`);
    const milestones = journey.body.data.entries.flatMap(({ event }) => event ?? []);
    expect(milestones).toEqual([...(story.milestones ?? [])]);
  });
});

test("verify, which computes everything anew by other code, finds no difference, and a rebuild changes nothing", async () => {
  const { kept, count } = await verifyWorld(inOrder);
  expect({ kept, count }).toEqual({ kept: [], count: 0 });
  await inOrder.workspace.ledger.rebuild();
  expect(await figuresOf(inOrder)).toEqual(figures);
});

test(`${ORDERS} orders, with repetitions, come to the same figures`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), async (random) => {
      const next = () => random.next().value as number;
      const repeated = IN_ORDER.flatMap((told) => {
        if (next() < 0.7) return [told];
        return [told, next() < 0.5 || told.provider === "lemonsqueezy" || told.provider === "polar" ? told : underOtherId(told)];
      });
      const shuffled = repeated.map((told) => ({ told, by: next() })).sort((one, other) => one.by - other.by);
      const world = await play(shuffled.map(({ told }) => told));
      expect(await figuresOf(world)).toEqual(figures);
      await world.close();
    }),
    { numRuns: ORDERS, ...(process.env.FC_SEED !== undefined && { seed: Number(process.env.FC_SEED) }) },
  );
}, 300_000);

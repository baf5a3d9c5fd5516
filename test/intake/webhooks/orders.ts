// How are all stories of all providers told in another order, with repetitions, and what do they come to?
import fc from "fast-check";
import { toFields } from "../../../src/provider/json.ts";
import type { Provider } from "../../../src/provider/provider.ts";
import { NOW, openWorld, type World } from "../../harness.ts";
import { OTHER_STORIES } from "./stories/others.ts";
import { SHOPIFY_STORIES } from "./stories/shopify.ts";
import { STRIPE_STORIES } from "./stories/stripe.ts";
import { type Delivery, deliver, EVERY_PROVIDER, type Story } from "./story.ts";

export const STORIES: readonly Story[] = [...STRIPE_STORIES, ...SHOPIFY_STORIES, ...OTHER_STORIES];
const END = NOW + 3_600_000;
/** How many deliveries are under way at once. */
const AT_ONCE = 8;

interface Told {
  readonly provider: Provider;
  readonly delivery: Delivery;
}

export const IN_ORDER: readonly Told[] = STORIES.flatMap(({ provider, deliveries }) =>
  deliveries.map((delivery) => ({ provider, delivery })),
);

/** The same under another id of the event: a provider may tell one change in several. */
function underOtherId({ provider, delivery: { body, headers = {} } }: Told): Told {
  if (provider === "shopify") return { provider, delivery: { body, headers: { ...headers, "x-shopify-webhook-id": "again" } } };
  const fields = toFields(body);
  const id = provider === "stripe" ? { id: `${fields.id}_again` } : { event_id: `${fields.event_id}_again` };
  return { provider, delivery: { headers, body: { ...fields, ...id } } };
}

/** Opens a world in which the money of all stories has a rate of 1, and delivers to it. */
export async function play(told: readonly Told[]): Promise<World> {
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

export interface Customer {
  id: string;
  createdAt: string;
  updatedAt: string;
  sales: number;
  grossRevenue: number;
  refunds: number;
}
export const keyOf = (who: string) => who.slice(0, 4) + encodeURIComponent(who.slice(4));

/** Everything that may not depend on the order: customers without our ids and times of records, and reports. */
export async function figuresOf(world: World): Promise<unknown> {
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

/** Tells all stories in `orders` random orders, some deliveries twice, and compares what they come to with `figures`. */
export async function tellInOrders(orders: number, figures: unknown, expectSame: (found: unknown, wanted: unknown) => void): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), async (random) => {
      const next = () => random.next().value as number;
      const repeated = IN_ORDER.flatMap((told) => {
        if (next() < 0.7) return [told];
        return [told, next() < 0.5 || told.provider === "lemonsqueezy" || told.provider === "polar" ? told : underOtherId(told)];
      });
      const shuffled = repeated.map((told) => ({ told, by: next() })).sort((one, other) => one.by - other.by);
      const world = await play(shuffled.map(({ told }) => told));
      expectSame(await figuresOf(world), figures);
      await world.close();
    }),
    { numRuns: orders, ...(process.env.FC_SEED !== undefined && { seed: Number(process.env.FC_SEED) }) },
  );
}

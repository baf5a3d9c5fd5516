// Do the providers' stories come to the right figures, in any order and however often each delivery comes?
import { afterAll, describe, expect, test } from "bun:test";
import { verifyWorld } from "../../verify/world.ts";
import { type Customer, figuresOf, IN_ORDER, keyOf, play, STORIES, tellInOrders } from "./orders.ts";

/** The slow tests tell them in 200. */
const ORDERS = 40;

interface Journey {
  entries: { type: string; event: string | null }[];
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

test(`${ORDERS} orders, with repetitions, come to the same figures`, () =>
  tellInOrders(ORDERS, figures, (found, wanted) => expect(found).toEqual(wanted)));

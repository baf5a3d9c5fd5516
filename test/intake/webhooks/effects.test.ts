// Does what a provider tells come to the same in any order, any number of times, after a rebuild, an export and an import?
import { expect, test } from "bun:test";
import { workspacePages } from "../../../src/cli/export/workspace.ts";
import { openEffects } from "../../../src/intake/effect/apply.ts";
import { openEvents } from "../../../src/intake/events.ts";
import { openWorkspaceLines } from "../../../src/intake/workspace-line.ts";
import type { Effect, ProviderEntry, SaidProfile, SaidStatus } from "../../../src/provider/effect.ts";
import { openWorld, type World } from "../../harness.ts";
import { chanceOf } from "../../oracle/arrange.ts";
import { canonical } from "../../oracle/questions.ts";
import { content } from "../../oracle/through-api.ts";
import { verifyWorld } from "../../verify/world.ts";

const at = (day: number) => Date.UTC(2026, 0, day);
const ALIAS = "stripe:cus_1";
const entry = (told: Omit<ProviderEntry, "timestamp">, day: number): Effect => ({
  kind: "entry",
  entry: { ...told, timestamp: new Date(at(day)).toISOString() },
});
const status = (key: string, said: SaidStatus["status"], day: number): Effect => ({
  kind: "status",
  status: { type: "refund", key, status: said, at: at(day) },
});
const profile = (told: Omit<SaidProfile, "alias" | "at">, day: number, alias = ALIAS): Effect => ({
  kind: "profile",
  profile: { alias, at: at(day), ...told },
});

const STORY: readonly Effect[] = [
  entry({ type: "custom", event: "customer_created", eventId: ALIAS, aliases: [ALIAS] }, 2),
  entry({ type: "sale", orderId: "pi_1", value: 50, currency: "USD", email: "bill@x.example", aliases: [ALIAS] }, 5),
  entry({ type: "refund", eventId: "re_1", orderId: "pi_1", value: 30, currency: "USD" }, 8),
  entry({ type: "refund", eventId: "dp_1", orderId: "pi_1", value: 50, currency: "USD" }, 9),
  status("dp_1", "rejected", 20),
  status("re_1", "rejected", 10),
  status("re_1", "approved", 11),
  profile({ email: "Ann@X.example", name: "Ann" }, 3),
  profile({ email: "ann@x.example", name: "Ann B.", country: "DE" }, 6),
  profile({ name: "Ann C." }, 6),
  profile({ externalId: "ann" }, 7),
];

async function tell({ workspace }: World, story: readonly Effect[]): Promise<string[]> {
  const carryOut = openEffects(workspace);
  const told: string[] = [];
  for (const effect of story) {
    await workspace.ledger.allReassigned();
    told.push(...workspace.ledger.write(() => carryOut(effect)).map(({ result }) => result));
  }
  return told;
}

async function everythingOf(world: World): Promise<string> {
  const answers = [];
  for (const path of ["/customers", "/customers/ext_ann/journey", "/customers/cohorts", "/customers/als_stripe%3Acus_1"])
    answers.push(content((await world.request("GET", path)).body.data));
  return canonical(answers);
}

test("a story comes to the same in any order, twice, after a rebuild and an import", async () => {
  const worlds = await Promise.all(
    Array.from({ length: 6 }, async (_, seed) => {
      const world = openWorld({ reassignAtOnce: 1 });
      const chance = chanceOf(seed);
      // The custom entry of the customer comes first, as every adapter sends it, so that no profile makes the customer.
      const [first, ...rest] = STORY;
      const left = [...rest, ...rest];
      const order: Effect[] = first ? [first] : [];
      while (left.length > 0) order.push(...left.splice(seed === 0 ? 0 : chance.pick(left.length), 1));
      await tell(world, order);
      await world.workspace.ledger.catchUp();
      return world;
    }),
  );
  const [told = ""] = await Promise.all(worlds.slice(0, 1).map(everythingOf));
  expect(told).toContain('"ltv":20');
  expect(told).toContain('"externalId":"ann"');
  expect(told).toContain('"name":"Ann C."');
  for (const world of worlds) {
    expect(await everythingOf(world)).toBe(told);
    expect((await verifyWorld(world)).kept).toEqual([]);
    await world.workspace.ledger.rebuild();
    expect(await everythingOf(world)).toBe(told);
    const into = openWorld();
    const lines = [...workspacePages(world.workspace)].flat().slice(1);
    const importer = openWorkspaceLines(into.workspace, openEvents(into.workspace));
    expect(importer.many(lines).filter((result) => "error" in result)).toEqual([]);
    expect(await everythingOf(into)).toBe(told);
    expect(importer.many(lines).every((result) => "duplicate" in result && result.duplicate)).toBe(true);
    await into.close();
    await world.close();
  }
});

test("a profile without an entry makes its customer at its own instant", async () => {
  const world = openWorld();
  const bob = profile({ name: "Bob" }, 4, "stripe:cus_2");
  expect(await tell(world, [bob, bob])).toEqual(["recorded", "duplicate"]);
  const { data } = (await world.request<{ firstTouchAt: string; createdAt: string }>("GET", "/customers/als_stripe%3Acus_2")).body;
  expect([data.firstTouchAt, data.createdAt]).toEqual(Array(2).fill(new Date(at(4)).toISOString()));
  // What is said for an earlier instant changes nothing, however it compares.
  expect(await tell(world, [profile({ name: "Aba" }, 3, "stripe:cus_2"), profile({ name: "Zoe" }, 3, "stripe:cus_2")])).toHaveLength(2);
  expect((await world.request("GET", "/customers/als_stripe%3Acus_2")).body.data).toMatchObject({ name: "Bob" });
  await world.close();
});

test("a refund is recorded whatever is left of its sale", async () => {
  const world = openWorld();
  const refund = entry({ type: "refund", eventId: "re_2", orderId: "pi_1", value: 80, currency: "USD" }, 8);
  expect(await tell(world, [...STORY.slice(1, 4), refund])).toEqual(Array(4).fill("recorded"));
  expect((await world.request("GET", "/customers/als_stripe%3Acus_1")).body.data).toMatchObject({ ltv: 0, sales: 1, refunds: 50 });
  await world.close();
});

// Does what a provider tells come to the same in any order, any number of times, and is a contradiction given back instead of thrown?
import { expect, test } from "bun:test";
import { workspacePages } from "../../src/cli/export/workspace.ts";
import { openEvents } from "../../src/intake/events.ts";
import { openProviderIntake, type ProviderIntake } from "../../src/intake/provider.ts";
import { openWorkspaceLines } from "../../src/intake/workspace-line.ts";
import { openWorld, type World } from "../harness.ts";
import { chanceOf } from "../oracle/arrange.ts";
import { canonical } from "../oracle/questions.ts";
import { content } from "../oracle/through-api.ts";
import { verifyWorld } from "../verify/world.ts";

const at = (day: number) => Date.UTC(2026, 0, day);
const CUSTOMER = { type: "custom", event: "customer_created", eventId: "stripe:cus_1", timestamp: at(2), aliases: ["stripe:cus_1"] };
const PAYMENT = { type: "sale", orderId: "pi_1", timestamp: at(5), value: 50, email: "bill@x.example", aliases: ["stripe:cus_1"] };
const REFUND = { type: "refund", eventId: "re_1", orderId: "pi_1", timestamp: at(8), value: 30 };
const DISPUTE = { type: "refund", eventId: "dp_1", orderId: "pi_1", timestamp: at(9), value: 50 };

/** A story that a provider tells, each part by one call. */
const STORY: readonly ((intake: ProviderIntake) => unknown)[] = [
  (intake) => intake.record(CUSTOMER),
  (intake) => intake.record(PAYMENT),
  (intake) => intake.record(REFUND),
  (intake) => intake.record(DISPUTE),
  (intake) => intake.sayStatus({ type: "refund", key: "dp_1" }, "rejected", at(20)),
  (intake) => intake.sayStatus({ type: "refund", key: "re_1" }, "rejected", at(10)),
  (intake) => intake.sayStatus({ type: "refund", key: "re_1" }, "approved", at(11)),
  (intake) => intake.sayProfile({ aliases: ["stripe:cus_1"], email: "Ann@X.example", name: "Ann" }, at(3)),
  (intake) => intake.sayProfile({ aliases: ["stripe:cus_1"], email: "ann@x.example", name: "Ann B.", country: "DE" }, at(6)),
  (intake) => intake.sayProfile({ aliases: ["stripe:cus_1"], name: "Ann C." }, at(6)),
  (intake) => intake.sayProfile({ externalId: "ann", aliases: ["stripe:cus_1"] }, at(7)),
];

async function tell({ workspace }: World, story: typeof STORY): Promise<unknown[]> {
  const intake = openProviderIntake(workspace);
  const told: unknown[] = [];
  for (const part of story) {
    await workspace.ledger.allReassigned();
    told.push(workspace.ledger.write(() => part(intake)));
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
      const order = first ? [first] : [];
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

test("a profile without an entry makes its customer, at createdAt or at its own instant", async () => {
  const world = openWorld();
  const told = await tell(world, [
    (intake) => intake.sayProfile({ aliases: ["stripe:cus_2"], name: "Bob" }, at(4)),
    (intake) => intake.sayProfile({ aliases: ["stripe:cus_2"], name: "Bob" }, at(4)),
    (intake) => intake.sayProfile({ externalId: "cleo", name: "Cleo" }, at(4), { createdAt: at(1), source: "crm" }),
    (intake) => intake.sayProfile({ externalId: "cleo", name: "Old" }, at(3)),
  ]);
  expect(told).toMatchObject([{ created: true }, { created: false }, { created: true }, { created: false }]);
  const bob = (await world.request<{ firstTouchAt: string; createdAt: string }>("GET", "/customers/als_stripe%3Acus_2")).body.data;
  expect([bob.firstTouchAt, bob.createdAt]).toEqual(Array(2).fill(new Date(at(4)).toISOString()));
  const cleo = (await world.request("GET", "/customers/ext_cleo")).body.data;
  expect(cleo).toMatchObject({ name: "Cleo", source: "crm", firstTouchAt: new Date(at(1)).toISOString() });
  await world.close();
});

test("conflicts and bad input are given back, and the first stays", async () => {
  const world = openWorld();
  const told = await tell(world, [
    (intake) => intake.record(PAYMENT),
    (intake) => intake.record({ ...PAYMENT, value: 60 }),
    (intake) => intake.record({ type: "refund", eventId: "re_2", orderId: "pi_1", value: 80 }),
    (intake) => intake.record({ type: "sale", value: -1 }),
    (intake) => intake.sayStatus({ type: "refund", key: "re_2" }, "fraud", at(9)),
    (intake) => intake.sayProfile({ name: "Nobody" }, at(9)),
    (intake) => intake.sayProfile({ externalId: "x", email: "no address" }, at(9)),
  ]);
  expect(told).toMatchObject([
    { duplicate: false },
    { error: { code: "CONFLICT", details: [{ path: "value" }] } },
    { duplicate: false },
    { error: { code: "VALIDATION_ERROR" } },
    { error: { code: "VALIDATION_ERROR", details: [{ path: "status" }] } },
    { error: { code: "VALIDATION_ERROR", details: [{ path: "externalId" }] } },
    { error: { code: "VALIDATION_ERROR", details: [{ path: "email" }] } },
  ]);
  const { data } = (await world.request<{ ltv: number; sales: number }[]>("GET", "/customers")).body;
  expect(data).toMatchObject([{ ltv: 0, sales: 1 }]);
  await world.close();
});

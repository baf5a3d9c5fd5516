// Which rows are connected by names, and when is a call left as it was answered?
import { expect, test } from "bun:test";
import { openDecisions } from "../../../src/intake/import/decide-again.ts";
import { type Connected, openNeighbours } from "../../../src/intake/import/neighbours.ts";
import { openWorld, type World } from "../../harness.ts";

const TIME = "2026-01-05T00:00:00Z";
const lead = (world: World, eventId: string, more: object) =>
  world.request("POST", "/events", { type: "lead", eventId, timestamp: TIME, ...more });
const upsert = (world: World, body: object) => world.request("POST", "/customers", body);
const idsOf = (connected: Connected | undefined) =>
  connected && [connected.entries.map(({ key }) => key).sort(), connected.updates.map(({ key }) => key).sort()];

/** Four entries and two calls that hang together by names, and others that do not. */
async function openShop(): Promise<World> {
  const world = openWorld();
  await lead(world, "l1", { email: "a@x.example", aliases: ["s:1"] });
  await lead(world, "l2", { aliases: ["s:1", "s:2"] });
  await lead(world, "l3", { externalId: "bob" });
  await lead(world, "l4", { email: "z@x.example" });
  await upsert(world, { externalId: "bob", aliases: ["s:2"] });
  await upsert(world, { externalId: "cy", email: "z@x.example" });
  await lead(world, "l5", { externalId: "bob", email: "b@x.example" });
  return world;
}

test("rows are connected by emails, aliases and the externalIds of calls", async () => {
  const world = await openShop();
  const neighbours = openNeighbours(world.workspace);
  expect(idsOf(neighbours.connectedWith({ kind: "entry", rowId: 1 }))).toEqual([["l1", "l2", "l3", "l5"], ["bob"]]);
  expect(idsOf(neighbours.connectedWith({ kind: "profile_update", rowId: 1 }))).toEqual([["l1", "l2", "l3", "l5"], ["bob"]]);
  expect(idsOf(neighbours.connectedWith({ kind: "entry", rowId: 4 }))).toEqual([["l4"], ["cy"]]);
  expect(idsOf(neighbours.connectedWith({ kind: "entry", rowId: 99 }))).toEqual([[], []]);
  await world.close();
});

test("what is connected with too much is left as it was answered", async () => {
  const world = await openShop();
  expect(idsOf(openNeighbours(world.workspace, 5).connectedWith({ kind: "entry", rowId: 1 }))).toBeDefined();
  expect(openNeighbours(world.workspace, 4).connectedWith({ kind: "entry", rowId: 1 })).toBeUndefined();
  await world.close();
});

test("what was answered stays where nothing has changed, and where an externalId has changed hands", async () => {
  const world = await openShop();
  const decisions = openDecisions(world.workspace);
  const all = () => openNeighbours(world.workspace).connectedWith({ kind: "entry", rowId: 1 });
  const without = (connected: Connected | undefined, key: string): Connected => ({
    entries: (connected?.entries ?? []).filter((entry) => entry.key !== key),
    updates: connected?.updates ?? [],
    rows: [],
  });
  expect(await decisions.decide(without(all(), ""))).toEqual([]);
  // Without l2 and l3, nobody who is there would be or become bob.
  const alone = without(without(all(), "l2"), "l3");
  expect(await decisions.decide(alone)).toMatchObject([{ id: 1, isCreation: 1 }]);
  await world.request("PATCH", "/customers/ext_bob", { externalId: "rob" });
  await lead(world, "l6", { externalId: "rob", email: "b@x.example" });
  expect(await decisions.decide(without(without(all(), "l2"), "l3"))).toEqual([]);
  decisions.close();
  await world.close();
});

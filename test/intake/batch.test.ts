// Is an array that is stored in several writes stored whole, once and in order, even if it is interrupted in between?
import { describe, expect, spyOn, test } from "bun:test";
import { openIdempotency } from "../../src/http/idempotency.ts";
import { type EventResult, openEvents } from "../../src/intake/events.ts";
import { openWorld, type World } from "../harness.ts";

const ENTRIES = [
  ...Array.from({ length: 6 }, (_, index) => ({ type: "sale", orderId: `o-${index}`, externalId: "ann", value: 10 })),
  { type: "nonsense" },
  { type: "sale", orderId: "o-1", externalId: "ann", value: 11 }, // another content
  { type: "sale", orderId: "o-2", externalId: "ann", value: 10 }, // a replay
  ...Array.from({ length: 5 }, () => ({ type: "lead", externalId: "ann" })), // without keys: each is new
];
const outcomeOf = (result: EventResult) =>
  "error" in result ? result.error.code : "duplicate" in result && result.duplicate ? "duplicate" : "new";
const OUTCOMES = [...Array(6).fill("new"), "VALIDATION_ERROR", "CONFLICT", "duplicate", ...Array(5).fill("new")];

const count = (world: World) => world.workspace.database.sqlite.prepare("SELECT count(*) FROM entry").pluck().get();
const attemptOf = (world: World) => openIdempotency(world.workspace).identify("key", "once", "body");

/** Makes the writes with these numbers fail, counted from 1. */
function failing(world: World, ...failures: readonly number[]): { readonly writes: number } {
  const { ledger } = world.workspace;
  const { write } = ledger;
  const state = { writes: 0 };
  Object.defineProperty(ledger, "write", {
    value: <T>(work: () => T): T => {
      state.writes += 1;
      if (failures.includes(state.writes)) throw Object.assign(new Error("disk full"), { code: "SQLITE_FULL" });
      return write(work);
    },
  });
  return state;
}

test("a page waits after its writes for longer than they took, so that pages that flood leave others most of the time", async () => {
  const world = openWorld();
  const { ledger } = world.workspace;
  const { write } = ledger;
  const slow = <T>(work: () => T): T => {
    for (const until = performance.now() + 20; performance.now() < until; );
    return write(work);
  };
  Object.defineProperty(ledger, "write", { value: slow });
  const sleep = spyOn(Bun, "sleep");
  const events = openEvents(world.workspace);
  await events.batch([{ type: "click" }], {});
  expect(sleep).toHaveBeenCalledTimes(0);
  await events.batch([{ type: "click" }], { fromBrowser: true });
  expect(sleep.mock.calls.map(([milliseconds]) => Number(milliseconds) >= 40)).toEqual([true]);
  sleep.mockRestore();
  await world.close();
});

describe("an array in several writes", () => {
  test("is stored in order, with the results of one write", async () => {
    const world = openWorld();
    const state = failing(world);
    const { results, replayed } = await openEvents(world.workspace, 0).batch(ENTRIES, {});
    expect([results.map(outcomeOf), replayed, state.writes]).toEqual([OUTCOMES, false, ENTRIES.length]);
    const whole = openWorld();
    expect(openEvents(whole.workspace).many(ENTRIES)).toEqual(results);
    expect(count(world)).toBe(count(whole));
    await world.close();
    await whole.close();
  });

  test("that fails in between says which entries are not stored", async () => {
    const world = openWorld();
    failing(world, 4);
    const { results } = await openEvents(world.workspace, 0).batch(ENTRIES, {});
    expect(results.map(outcomeOf)).toEqual(["new", "new", "new", ...Array(ENTRIES.length - 3).fill("SERVICE_UNAVAILABLE")]);
    expect(count(world)).toBe(3);
    await world.close();
  });

  test("that fails at once is refused as a whole", async () => {
    const world = openWorld();
    failing(world, 1);
    await expect(openEvents(world.workspace, 0).batch(ENTRIES, {})).rejects.toThrow("disk full");
    await world.close();
  });

  test("with an Idempotency-Key goes on where it stopped, and stores nothing twice", async () => {
    const world = openWorld();
    const attempt = attemptOf(world);
    failing(world, 3, 8, 14);
    const batch = () => openEvents(world.workspace, 0).batch(ENTRIES, { attempt });
    for (let failure = 0; failure < 3; failure += 1) await expect(batch()).rejects.toThrow("disk full");
    const { results, replayed } = await batch();
    expect([results.map(outcomeOf), replayed]).toEqual([OUTCOMES, false]);
    const again = await batch();
    expect([again.results.map(outcomeOf), again.replayed, count(world)]).toEqual([OUTCOMES, true, 11]);
    await world.close();
  });

  test("with an Idempotency-Key sent twice at the same time is stored once", async () => {
    const world = openWorld();
    const attempt = attemptOf(world);
    const events = openEvents(world.workspace, 0);
    const both = await Promise.all([events.batch(ENTRIES, { attempt }), events.batch(ENTRIES, { attempt })]);
    for (const { results } of both) expect(results.map(outcomeOf)).toEqual(OUTCOMES);
    expect(count(world)).toBe(11);
    await world.close();
  });
});

// Does a total of refunds take what the other refunds leave of it, whatever comes first?
import { expect, test } from "bun:test";
import fc from "fast-check";
import { entryPages } from "../../src/cli/export/entries.ts";
import { workspacePages } from "../../src/cli/export/workspace.ts";
import { openEvents } from "../../src/intake/events.ts";
import { openStatuses } from "../../src/intake/status.ts";
import { openWorkspaceLines } from "../../src/intake/workspace-line.ts";
import { openWorld, type World } from "../harness.ts";
import { chanceOf, shuffled } from "../oracle/arrange.ts";
import type { Sent } from "../oracle/log.ts";
import { World as Oracle } from "../oracle/world.ts";
import { verifyWorld } from "../verify/world.ts";

const NOW = Date.parse("2026-03-01T00:00:00Z");
const day = (number: number) => new Date(Date.UTC(2026, 0, number)).toISOString();

interface Said {
  readonly eventId: string;
  readonly status: "approved" | "rejected";
  readonly at: string;
}

/** What is known of one sale. */
interface Story {
  readonly entries: readonly Sent[];
  readonly said: readonly Said[];
}

const SALE: Sent = { type: "sale", orderId: "o", externalId: "ann", value: 120, currency: "EUR", timestamp: day(1) };
const live = (number: number, value: number | undefined, on: number, currency?: string): Sent => ({
  type: "refund",
  orderId: "o",
  eventId: `re_${number}`,
  timestamp: day(on),
  ...(value !== undefined && { value }),
  ...(currency !== undefined && { currency }),
});
const total = (value: number, until: number, on = 1, currency = "EUR"): Sent => ({
  ...live(0, value, on, currency),
  eventId: `o:refunded:${value}:${until}:${on}`,
  totalUntil: day(until),
});

const line = (sent: Sent) => (sent.type === "refund" ? { ...sent, accepted: true } : sent);

/** A world that is told the parts of a story in this order. A status may be said before its entry arrives. */
async function tell(parts: readonly (Sent | Said)[], reassignAtOnce?: number): Promise<World> {
  const world = openWorld({ now: NOW, ...(reassignAtOnce !== undefined && { reassignAtOnce }) });
  // First, because a rate that arrives later revalues all that is wrong.
  await world.request("PUT", "/rates", { currency: "EUR", date: "2025-01-01", rate: "1.0855" });
  const lines = openWorkspaceLines(world.workspace, openEvents(world.workspace));
  const statuses = openStatuses(world.workspace);
  for (const part of parts)
    if ("type" in part) expect(lines.many([line(part)])).toEqual([{ duplicate: false }]);
    else world.workspace.ledger.write(() => statuses.say({ type: 4, key: part.eventId }, part.status, Date.parse(part.at)));
  await world.workspace.ledger.catchUp();
  return world;
}

interface Row {
  readonly key: string;
  readonly status: string;
  readonly isCounted: number;
  readonly applied: number | null;
  readonly amount: number | null;
}

/** What is derived for each entry. */
function derivedBy({ workspace }: World): Row[] {
  return workspace.database.sqlite
    .prepare<[], Row>(
      "SELECT key, status, is_counted AS isCounted, applied_refund_minor AS applied, amount_minor AS amount FROM entry ORDER BY key",
    )
    .all();
}

/** The same by the oracle, which is told everything in the order of the story. */
function derivedByOracle({ entries, said }: Story): Row[] {
  const oracle = new Oracle({ timezone: "UTC", currency: "USD", now: NOW, attributionWindowDays: 90 });
  oracle.apply({ op: "rate", currency: "EUR", date: "2025-01-01", rate: "1.0855" });
  for (const sent of entries) expect(oracle.apply({ op: "event", ...sent })).toBe("accepted");
  for (const { eventId, status, at } of said) oracle.apply({ op: "status", type: "refund", eventId, status, statusAt: at });
  return [...oracle.derived.worth]
    .map(([{ key, type }, { status, counts, own, amount }]) => ({
      key,
      status,
      isCounted: counts ? 1 : 0,
      applied: type === "refund" ? Number(own) : null,
      amount: Number(amount),
    }))
    .sort((one, other) => (one.key < other.key ? -1 : 1));
}

async function takenBy(parts: readonly (Sent | Said)[]): Promise<Record<string, number | null>> {
  const world = await tell(parts);
  const taken = derivedBy(world).filter(({ key }) => key !== "o");
  await world.close();
  return Object.fromEntries(taken.map(({ key, applied }) => [key.replace(/^o:/, ""), applied === null ? null : applied / 100]));
}

const among = fc.constantFrom;
const refunds = fc
  .array(fc.tuple(among(10, 15, 30), among(2, 5, 9, 12, 20), among("EUR", undefined), among(1, 1, 1, 1, 0)), { maxLength: 4 })
  .map((list) => list.map(([value, on, currency, hasValue], index) => live(index, hasValue === 1 ? value : undefined, on, currency)));
const totals = fc
  .uniqueArray(fc.tuple(among(10, 30, 45, 60, 110, 150), among(5, 10, 12), among(1, 3, 5), among("EUR", "EUR", "EUR", "USD")), {
    minLength: 1,
    maxLength: 4,
    selector: ([value, until, on]) => `${value} ${until} ${on}`,
  })
  .map((list) => list.map(([value, until, on, currency]) => total(value, until, on, currency)));
const said = fc.array(fc.tuple(fc.nat({ max: 4 }), among("approved" as const, "rejected" as const), among(2, 5, 8, 11, 25)), {
  maxLength: 5,
});
const story: fc.Arbitrary<Story> = fc.tuple(refunds, totals, said).map(([some, others, statuses]) => {
  const backs = [...some, ...others];
  return {
    // The oracle refuses what does not fit a sale that it knows, so the sale comes last to it.
    entries: [...backs, SALE],
    said: statuses.map(([nth, status, on]) => ({ eventId: backs[nth % backs.length]?.eventId ?? "", status, at: day(on) })),
  };
});

/** The story with names of its own, so that many fit into one world. */
function numbered({ entries, said }: Story, number: number): Story {
  const named = (name: string) => `${number} ${name}`;
  return {
    entries: entries.map((sent) => ({
      ...sent,
      orderId: named("o"),
      ...(sent.eventId !== undefined && { eventId: named(sent.eventId) }),
    })),
    said: said.map((one) => ({ ...one, eventId: named(one.eventId) })),
  };
}

test("law: a sale, its refunds and their statuses, and the totals of files come to the oracle's numbers in any order", async () => {
  const seed = Number(process.env.FC_SEED ?? 1);
  const stories = fc.sample(story, { numRuns: 60, seed }).map(numbered);
  const all: Story = { entries: stories.flatMap(({ entries }) => entries), said: stories.flatMap((each) => each.said) };
  const expected = derivedByOracle(all);
  const isMisfit = (part: Sent | Said) => "type" in part && part.currency === "USD";
  for (const [round, atOnce] of [undefined, undefined, 1].entries()) {
    const parts = shuffled([...all.entries, ...all.said], chanceOf(seed + round));
    // A refund in another currency is refused once its sale is known, so these come first.
    const world = await tell([...parts.filter(isMisfit), ...parts.filter((part) => !isMisfit(part))], atOnce);
    expect(derivedBy(world), `FC_SEED=${seed}`).toEqual(expected);
    expect((await verifyWorld(world, "stored")).kept).toEqual([]);
    await world.workspace.ledger.rebuild();
    expect(derivedBy(world), `FC_SEED=${seed}, rebuilt`).toEqual(expected);
    await world.close();
  }
});

test("live refunds before or after a file never double what it says, and a later file adds only the difference", async () => {
  const first = total(30, 10);
  expect(await takenBy([SALE, first])).toEqual({ "refunded:30:10:1": 30 });
  for (const parts of [
    [SALE, first, live(1, 20, 5)],
    [live(1, 20, 5), SALE, first],
    [first, live(1, 20, 5), SALE],
  ])
    expect(await takenBy(parts)).toEqual({ "refunded:30:10:1": 10, re_1: 20 });
  // What happened after the newest date in the file is not in its total.
  expect(await takenBy([SALE, live(1, 20, 11), first])).toEqual({ "refunded:30:10:1": 30, re_1: 20 });
  expect(await takenBy([SALE, total(50, 20), first])).toEqual({ "refunded:30:10:1": 30, "refunded:50:20:1": 20 });
  expect(await takenBy([SALE, first, live(1, 20, 15), total(50, 20)])).toEqual({ "refunded:30:10:1": 30, "refunded:50:20:1": 0, re_1: 20 });
});

test("a refund counts as it stood at the newest date in the file", async () => {
  const failed = (on: number): Said => ({ eventId: "re_1", status: "rejected", at: day(on) });
  // It failed after the export, which still had it: the money is back.
  expect(await takenBy([SALE, total(30, 10), live(1, 30, 5), failed(12)])).toEqual({ "refunded:30:10:1": 0, re_1: 0 });
  // It had failed before the export, so the file means other money.
  expect(await takenBy([failed(8), total(30, 10), live(1, 30, 5), SALE])).toEqual({ "refunded:30:10:1": 30, re_1: 0 });
});

test("totals leave with an export and come back with an import", async () => {
  const world = await tell([SALE, live(1, 20, 5), total(30, 10), total(50, 20, 3)]);
  const lines = [...workspacePages(world.workspace)].flat().slice(1);
  const own = [...entryPages(world.workspace, "ndjson")].flat();
  for (const exported of [lines, own]) {
    const into = openWorld({ now: NOW });
    const importer = openWorkspaceLines(into.workspace, openEvents(into.workspace));
    expect(importer.many([...exported].reverse()).filter((result) => "error" in result)).toEqual([]);
    expect(importer.many(exported).every((result) => "duplicate" in result && result.duplicate)).toBe(true);
    await into.request("PUT", "/rates", { currency: "EUR", date: "2025-01-01", rate: "1.0855" });
    await into.workspace.ledger.catchUp();
    expect(derivedBy(into)).toEqual(derivedBy(world));
    await into.close();
  }
  await world.close();
});

test("no refund is refused because of a total, and only a refund with a value can be one", async () => {
  const world = await tell([SALE, total(110, 10)]);
  expect((await world.request("POST", "/events", live(1, 40, 20))).status).toBe(201);
  expect((await world.request("POST", "/events", live(2, 90, 20))).body.error?.code).toBe("CONFLICT");
  // What was rejected takes nothing of what is left.
  expect((await world.request("POST", "/events", { ...live(3, 70, 20), status: "rejected" })).status).toBe(201);
  expect((await world.request("POST", "/events", live(4, 60, 20))).status).toBe(201);
  const importer = openWorkspaceLines(world.workspace, openEvents(world.workspace));
  const refused = importer.many([
    { ...total(5, 10), value: undefined },
    { ...SALE, orderId: "o-2", totalUntil: day(3) },
  ]);
  expect(refused).toMatchObject(Array(2).fill({ error: { details: [{ path: "totalUntil" }] } }));
  expect((await world.request("POST", "/events", total(5, 10))).body.error?.details).toMatchObject([{ path: "totalUntil" }]);
  await world.close();
});

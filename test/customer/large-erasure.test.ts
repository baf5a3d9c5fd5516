// Is somebody with very many entries erased at once for everybody who asks, and in the end without a trace, whatever comes meanwhile?
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { openErasure } from "../../src/customer/erase-customer.ts";
import { openFinishErasure } from "../../src/customer/finish-erasure.ts";
import { openWorld, type World } from "../harness.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { waitUntil } from "../wait-until.ts";

const folder = temporaryFolder();
const MARK = "zq7mark";
const at = (day: number, second = 0) => new Date(Date.parse("2026-01-01T00:00:00Z") + day * 86_400_000 + second * 1000).toISOString();
const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

/** Everything that one entry can say of a person. */
const PERSON = {
  externalId: MARK,
  email: `${MARK}@example.com`,
  aliases: [`stripe:${MARK}`],
  name: MARK,
  visitorId: `v-${MARK}`,
  url: `https://x.example/?${MARK}`,
  referrer: `https://x.example/${MARK}`,
  metadata: { note: MARK },
};
const CLICKS = 600;

/** A world with a person of 1,800 entries, and others whose entries name them. */
async function openWithPerson(databasePath = ":memory:"): Promise<World> {
  const world = openWorld({ config: { databasePath } });
  const send = async (entries: readonly object[]) => expect((await world.request("POST", "/events", entries)).status).toBe(200);
  await send(many(CLICKS, (n) => ({ type: "click", clickId: `c-${n}`, timestamp: at(1, n), ...PERSON })));
  await send(many(600, (n) => ({ type: "lead", eventId: `l-${n}`, clickId: `led-${n}`, timestamp: at(2), ...PERSON })));
  await send(many(600, (n) => ({ type: "sale", orderId: `o-${n}`, value: 1, timestamp: at(3, n), email: PERSON.email })));
  await send([
    { type: "sale", orderId: "of-bob", externalId: "bob", value: 50, timestamp: at(4) },
    ...many(300, (n) => ({
      type: "refund",
      eventId: `r-${n}`,
      orderId: "of-bob",
      value: 0.1,
      timestamp: at(5),
      externalId: MARK,
      email: PERSON.email,
    })),
    ...many(300, (n) => ({
      type: "click",
      clickId: `same-browser-${n}`,
      visitorId: PERSON.visitorId,
      externalId: "bob",
      timestamp: at(6),
    })),
  ]);
  await world.request("POST", "/customers", { externalId: MARK, name: MARK, visitorId: PERSON.visitorId, clickId: "c-1" });
  await world.workspace.ledger.catchUp();
  return world;
}

const left = ({ workspace: { database } }: World) => Number(database.sqlite.prepare("SELECT count(*) FROM pending_erasure").pluck().get());

/** The tables that still hold the mark. */
function tablesWithMark({ workspace: { database } }: World): string[] {
  const tables = database.sqlite.prepare<[], string>("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all();
  return tables.filter((table) => JSON.stringify(database.sqlite.prepare(`SELECT * FROM ${table}`).all()).includes(MARK));
}

const reports = async (world: World) =>
  Promise.all(
    ["/customers/cohorts", "/customers/ltv-cohorts", "/customers/revenue"].map(
      async (path) => (await world.request("GET", path)).body.data,
    ),
  );

describe("somebody with very many entries", () => {
  test("is hidden at once and stripped in writes of few rows; the answer comes when nothing is left, and no figure changes", async () => {
    const world = await openWithPerson();
    const { database, ledger } = world.workspace;
    const before = await reports(world);
    const total = database.sqlite.prepare<[], number>("SELECT total_changes()").pluck();
    const changes: number[] = [];
    const { write } = ledger;
    const watched = <T>(work: () => T): T => {
      const start = total.get() ?? 0;
      const result = write(work);
      changes.push((total.get() ?? 0) - start);
      return result;
    };
    Object.defineProperty(ledger, "write", { value: watched });
    let isAnswered = false;
    const erasing = world.request("DELETE", `/customers/ext_${MARK}`).finally(() => {
      isAnswered = true;
    });
    await waitUntil("the person is hidden", () => left(world) > 0);
    expect((await world.request("GET", `/customers/ext_${MARK}`)).status).toBe(404);
    const found = (await world.request<{ externalId: string }[]>("GET", "/customers?search=zq7")).body.data;
    expect(found.map(({ externalId }) => externalId)).toEqual(["bob"]); // their refunds say an email of the erased, for a moment
    expect([isAnswered, left(world) > 0]).toEqual([false, true]);
    expect((await erasing).status).toBe(200);
    expect(left(world)).toBe(0);
    expect(changes.length).toBeGreaterThan(8);
    expect(Math.max(...changes)).toBeLessThan(2000);
    expect(tablesWithMark(world)).toEqual([]);
    await ledger.catchUp();
    expect(await reports(world)).toEqual(before);
    await ledger.rebuild();
    expect(await reports(world)).toEqual(before);
    expect(database.sqlite.prepare("SELECT count(*) FROM pinned_click").pluck().get()).toBe(2 * CLICKS);
    await world.close();
  });

  test("leads nobody who comes meanwhile to what was theirs, and nobody takes a click of theirs", async () => {
    const world = await openWithPerson();
    const erasing = world.request("DELETE", `/customers/ext_${MARK}`);
    await waitUntil("the person is hidden", () => left(world) > 0);
    const { status, body } = await world.request<{ accepted: number }>("POST", "/events", [
      { type: "lead", eventId: "again", externalId: MARK, email: PERSON.email, visitorId: PERSON.visitorId, timestamp: at(40) },
      { type: "lead", eventId: "thief", externalId: "fay", clickId: "led-99", timestamp: at(-100) },
      { type: "refund", eventId: "late", orderId: "o-599", value: 1, externalId: "late-name", timestamp: at(41) },
    ]);
    expect(status).toBe(200);
    expect(body.data.accepted).toBe(3);
    expect(left(world)).toBeGreaterThan(0);
    expect((await erasing).status).toBe(200);
    for (const round of ["derived", "rebuilt"]) {
      if (round === "rebuilt") await world.workspace.ledger.rebuild();
      const { data } = (await world.request("GET", `/customers/ext_${MARK}`)).body;
      expect(data).toMatchObject({ email: PERSON.email, firstTouchAt: at(40), sales: 0, clickId: null, name: null });
      expect((await world.request("GET", "/customers/ext_fay")).body.data).toMatchObject({ clickId: null, firstTouchAt: at(-100) });
      const owner = world.workspace.database.sqlite
        .prepare("SELECT customer_id FROM claim WHERE kind = 'click' AND value = 'led-99'")
        .pluck();
      expect(owner.get()).toBe(1);
    }
    const late = world.workspace.database.sqlite.prepare("SELECT external_id FROM entry WHERE event_id = 'late'").pluck().get();
    expect(late).toBeNull();
    await world.close();
  });

  test("leaves their visitorId to nobody whose older entry claims it meanwhile", async () => {
    const world = await openWithPerson();
    const old = { type: "lead", eventId: "old", aliases: ["of-eve"], visitorId: PERSON.visitorId, timestamp: at(7) };
    await world.request("POST", "/events", old);
    const erasing = world.request("DELETE", `/customers/ext_${MARK}`);
    await waitUntil("the person is hidden", () => left(world) > 0);
    // The old lead is Eve's now, so it claims again what it says.
    await world.request("POST", "/events", { type: "lead", eventId: "new", externalId: "eve", aliases: ["of-eve"], timestamp: at(8) });
    const claimed = world.workspace.database.sqlite.prepare("SELECT count(*) FROM claim WHERE kind = 'visitor'").pluck();
    expect([claimed.get(), left(world) > 0]).toEqual([1, true]);
    expect((await erasing).status).toBe(200);
    expect(claimed.get()).toBe(0);
    expect(tablesWithMark(world)).toEqual([]);
    await world.close();
  });

  test("is stripped by the next start if the server ends meanwhile", async () => {
    const path = join(folder, "interrupted.db");
    const world = await openWithPerson(path);
    void world.request("DELETE", `/customers/ext_${MARK}`).catch(() => undefined);
    await waitUntil("the person is hidden", () => left(world) > 0);
    await world.close();
    const again = openWorld({ config: { databasePath: path } });
    expect([left(again) > 0, tablesWithMark(again).length > 0]).toEqual([true, true]);
    await openErasure(again.workspace).resume();
    await again.workspace.ledger.catchUp();
    expect([left(again), tablesWithMark(again)]).toEqual([0, []]);
    expect(again.workspace.database.sqlite.prepare("SELECT count(*) FROM setting WHERE name = 'erased_last'").pluck().get()).toBe(0);
    await again.close();
  });
});

describe("somebody with very many names, visitorIds and profile updates", () => {
  /** Of 1,000 leads, each with its own email and visitorId, and 300 profile updates. */
  async function openWithNames(): Promise<World> {
    const world = openWorld();
    const leads = many(1000, (n) => ({
      ...{ type: "lead", eventId: `l-${n}`, externalId: MARK, timestamp: at(2, n) },
      ...{ visitorId: `v-${n}-${MARK}`, email: `${n}-${MARK}@example.com` },
    }));
    expect((await world.request("POST", "/events", leads)).status).toBe(200);
    for (let n = 0; n < 300; n += 1)
      await world.request("POST", "/customers", { externalId: MARK, name: `${MARK} ${n}`, aliases: [`${MARK}-${n}`] });
    await world.workspace.ledger.catchUp();
    return world;
  }

  /** Begins the erasure, and gives how many rows its longest write has changed so far. */
  async function beginErasing(world: World): Promise<{ readonly most: () => number; readonly erasing: ReturnType<World["request"]> }> {
    const { database, ledger } = world.workspace;
    const total = database.sqlite.prepare<[], number>("SELECT total_changes()").pluck();
    let most = 0;
    const { write } = ledger;
    const watched = <T>(work: () => T): T => {
      const start = total.get() ?? 0;
      const result = write(work);
      most = Math.max(most, (total.get() ?? 0) - start);
      return result;
    };
    Object.defineProperty(ledger, "write", { value: watched });
    const erasing = world.request("DELETE", `/customers/ext_${MARK}`);
    await waitUntil("the person is hidden", () => left(world) > 0);
    return { most: () => most, erasing };
  }

  test("is hidden at once, in short writes, and nothing is left in the end", async () => {
    const world = await openWithNames();
    const { most, erasing } = await beginErasing(world);
    const { database } = world.workspace;
    expect(database.sqlite.prepare("SELECT count(*) FROM claim WHERE kind = 'visitor'").pluck().get()).toBeGreaterThan(500);
    for (const id of [`ext_${MARK}`, `als_${MARK}-299`, "cus_0000000001"])
      expect((await world.request("GET", `/customers/${id}`)).status).toBe(404);
    for (const query of [`search=${MARK}`, `email=999-${MARK}@example.com`, `alias=${MARK}-299`])
      expect((await world.request("GET", `/customers?${query}`)).body.data).toEqual([]);
    expect((await erasing).status).toBe(200);
    expect(most()).toBeLessThan(1500);
    expect([left(world), tablesWithMark(world)]).toEqual([0, []]);
    await world.close();
  });

  test("leads nobody who comes meanwhile by a name or a visitorId to what was theirs", async () => {
    const world = await openWithNames();
    const { erasing } = await beginErasing(world);
    const email = `999-${MARK}@example.com`;
    const sent = await world.request("POST", "/events", [
      { type: "click", clickId: "of-visitor", visitorId: `v-999-${MARK}`, timestamp: at(9) },
      { type: "lead", eventId: "of-email", email, timestamp: at(9) },
    ]);
    expect(sent.body.data).toMatchObject({ accepted: 2 });
    expect((await world.request("POST", "/customers", { externalId: "fay", aliases: [`${MARK}-299`] })).status).toBe(201);
    expect(left(world)).toBeGreaterThan(0);
    expect((await erasing).status).toBe(200);
    await world.workspace.ledger.catchUp();
    for (const round of ["derived", "rebuilt"]) {
      if (round === "rebuilt") await world.workspace.ledger.rebuild();
      const ownerOf = world.workspace.database.sqlite
        .prepare<[string], number | null>("SELECT customer_id FROM entry WHERE ? IN (click_id, event_id)")
        .pluck();
      expect(ownerOf.get("of-visitor")).toBeNull();
      expect(ownerOf.get("of-email")).toBeGreaterThan(1);
      expect((await world.request<object[]>("GET", `/customers?email=${email}`)).body.data).toHaveLength(1);
      expect((await world.request("GET", `/customers/als_${MARK}-299`)).body.data).toMatchObject({ externalId: "fay" });
    }
    await world.close();
  });
});

test("each part reads its own entries by their ids, and never all of a customer's", async () => {
  const world = openWorld();
  const { database, ledger } = world.workspace;
  const changing: string[] = [];
  const { prepare } = database.sqlite;
  const watched = {
    prepare(sql: string) {
      if (/^(UPDATE entry|DELETE FROM entry_alias) /.test(sql)) changing.push(sql);
      return prepare.call(database.sqlite, sql);
    },
  };
  openFinishErasure(watched as unknown as typeof database.sqlite, ledger);
  expect(changing.length).toBeGreaterThan(6);
  for (const sql of changing) {
    const plan = database.sqlite
      .prepare<object, { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all({ ids: "[1]", customerId: 1, value: "a" });
    const ofEntries = plan.map(({ detail }) => detail).filter((detail) => /^(SEARCH|SCAN) entry\b/.test(detail));
    expect([sql, ofEntries]).toEqual([sql, ["SEARCH entry USING INTEGER PRIMARY KEY (rowid=?)"]]);
  }
  await world.close();
});

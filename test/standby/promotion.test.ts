// What becomes of a standby that is promoted, and when does a primary answer a write that a standby is to have?
import { describe, expect, test } from "bun:test";
import { promoteWorkspace } from "../../src/app/standby.ts";
import { openWorkspace } from "../../src/app/workspace.ts";
import type { Endpoint } from "../../src/http/endpoint.ts";
import { openConfirm } from "../../src/http/standby.ts";
import { DERIVED_VERSION } from "../../src/ledger/derived-for.ts";
import { openApply } from "../../src/standby/apply.ts";
import { AT, sale } from "../feed/reading.ts";
import { openWorld, type World } from "../harness.ts";
import { verifyWorld } from "../verify/world.ts";
import { openPair } from "./pair.ts";

describe("a promotion", () => {
  test("begins a history of its own, takes writes, goes on with unfinished work, and numbers that the feed never had", async () => {
    const pair = await openPair({ reassignAtOnce: 1 });
    const { primary, standby } = pair;
    const clicks = Array.from({ length: 8 }, (_, place) => ({ type: "lead", eventId: `l-${place}`, clickId: "c-1", timestamp: AT }));
    await primary.request("POST", "/events", clicks);
    await primary.request("POST", "/events", { type: "click", clickId: "c-1", externalId: "ann", timestamp: "2026-01-01" });
    await pair.keepUp();
    expect(primary.workspace.ledger.identity.hasPendingReassignments()).toBe(true);
    expect(standby.workspace.ledger.identity.hasPendingReassignments()).toBe(false);
    const last = standby.workspace.standby.following()?.seq ?? 0;
    promoteWorkspace(standby.workspace);
    expect(standby.workspace.ledger.identity.hasPendingReassignments()).toBe(true);
    const historyOf = async (world: World) => (await world.request<{ history: string }>("GET", "/changes/rows")).body.data.history;
    expect(await historyOf(standby)).not.toBe(await historyOf(primary));
    expect((await standby.request("POST", "/events", sale("o-2"))).status).toBe(201);
    const seqs = standby.workspace.database.sqlite.prepare<[], number>("SELECT seq FROM change ORDER BY seq").pluck().all();
    expect(seqs.find((seq) => seq > last)).toBe(last + 2 ** 32);
    expect((await verifyWorld(standby)).kept).toEqual([]);
    expect((await standby.request("GET", "/customers")).headers.has("x-data-as-of")).toBe(false);
    const ofAnn = "SELECT count(*) FROM entry WHERE customer_id = (SELECT customer_id FROM external_id WHERE external_id = 'ann')";
    expect(standby.workspace.database.sqlite.prepare(ofAnn).pluck().get()).toBe(9);
    expect(() => promoteWorkspace(standby.workspace)).toThrow("is no standby");
    await pair.close();
  });

  test("in the middle of a long page is made good from the log", async () => {
    const pair = await openPair();
    const { primary, standby } = pair;
    await primary.request("POST", "/events", sale("o-2", { externalId: "ann", email: "ann@example.com" }));
    const following = standby.workspace.standby.following();
    if (!following) throw new Error("It is no standby.");
    const toEntry = "SELECT (SELECT max(seq) FROM change WHERE type = 0) - ?"; // the page ends with the entry
    const limit = primary.workspace.database.sqlite.prepare<[number], number>(toEntry).pluck().get(following.seq);
    const page = (await primary.request("GET", `/changes/rows?after=${following.seq}&limit=${limit}`)).body.data as never;
    const { following: half } = openApply(standby.workspace)(page, following);
    expect(half.isWhole).toBe(false);
    expect(standby.workspace.database.sqlite.prepare("SELECT count(*) FROM claim WHERE kind = 'email'").pluck().get()).toBe(0);
    standby.workspace.standby.keep(half);
    standby.workspace.database.sqlite
      .prepare(
        "INSERT INTO setting VALUES ('timezone', 'UTC'), ('currency', 'USD'), ('attribution_window_days', '30'), ('derived_version', ?)",
      )
      .run(DERIVED_VERSION);
    promoteWorkspace(standby.workspace);
    const { config } = standby.workspace;
    await standby.workspace.close();
    const reopened = await openWorkspace(config, { log: standby.workspace.log, now: primary.clock.now });
    const count = (sql: string) => reopened.database.sqlite.prepare(`SELECT count(*) FROM ${sql}`).pluck().get();
    expect(count("entry WHERE customer_id IS NOT NULL")).toBe(2);
    expect(count("claim WHERE kind = 'email'")).toBe(1);
    expect(count("setting WHERE name = 'derived_version'")).toBe(1);
    await reopened.close();
    await primary.close();
  });
});

describe("FOLLOW_ACK", () => {
  const write = { method: "POST", path: "/events" } as Endpoint;
  test("answers a write once a follower has it, else with 503", async () => {
    const asked: number[] = [];
    const confirming = (is: boolean) => ({ newest: () => 7, confirmed: async (seq: number) => asked.push(seq) > 0 && is });
    await openConfirm(write, confirming(true))?.();
    expect(asked).toEqual([7]);
    await expect(openConfirm(write, confirming(false))?.()).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
    expect(openConfirm({ ...write, method: "GET" }, confirming(false))).toBeUndefined();
  });

  test("holds the answer of a write, but not of a read, until then", async () => {
    const pair = await openPair({ config: { followAck: true } });
    const written = pair.primary.request("POST", "/events", sale("o-9"));
    expect((await pair.primary.request("GET", "/customers")).status).toBe(200);
    expect(await Promise.race([written, Bun.sleep(50)])).toBeUndefined();
    await pair.keepUp();
    const { next } = (await pair.primary.request<{ next: number }>("GET", "/changes/rows?limit=1000")).body.data;
    await pair.primary.request("GET", `/changes/rows?follower=standby-1&after=${next}`);
    expect((await written).status).toBe(201);
    await pair.close();
  });

  test("knows by what a follower asks for how much they have", async () => {
    const world = openWorld();
    const { followers } = world.workspace.feed;
    await world.request("POST", "/events", sale("o-1"));
    const newest = world.workspace.database.sqlite.prepare<[], number>("SELECT max(seq) FROM change").pluck().get() ?? 0;
    const confirmed = followers.confirmed(newest, 60_000);
    expect(await followers.confirmed(newest, 0)).toBe(false);
    await world.request("GET", `/changes/rows?follower=standby&after=${newest - 1}`);
    expect(await followers.confirmed(newest, 0)).toBe(false);
    await world.request("GET", `/changes/rows?follower=standby&after=${newest}`);
    expect(await confirmed).toBe(true);
    await world.close();
  });
});

// Is a refund whose sale is unknown told as pending, listed, and exported to the digit?
import { expect, test } from "bun:test";
import { entryPages } from "../../src/cli/export/entries.ts";
import { workspacePages } from "../../src/cli/export/workspace.ts";
import { openEvents } from "../../src/intake/events.ts";
import { openPendingRefunds } from "../../src/intake/pending-refunds.ts";
import { openWorkspaceLines } from "../../src/intake/workspace-line.ts";
import { openWorld } from "../harness.ts";

const refund = (orderId: string, more: object = {}) => ({
  type: "refund",
  eventId: `r-${orderId}`,
  orderId,
  timestamp: "2026-02-01",
  value: 5,
  ...more,
});
type Result = { id: string; pending?: boolean; duplicate: boolean };
type Listed = { refunds: { id: string; orderId: string; value: number | null }[]; nextCursor: string | null };

test("a refund is pending until its sale is recorded, alone, in an array and sent again", async () => {
  const world = openWorld();
  const send = async (body: unknown) => (await world.request<Result>("POST", "/events", body, { "idempotency-key": "one" })).body.data;
  const again = async (body: unknown) => (await world.request<Result>("POST", "/events", body)).body.data;
  expect(await send(refund("A"))).toMatchObject({ pending: true, duplicate: false });
  expect(await again(refund("A"))).toMatchObject({ pending: true, duplicate: true });
  const batch = await world.request<{ results: Result[] }>("POST", "/events", [refund("A"), refund("B")]);
  expect(batch.body.data.results.map(({ pending }) => pending)).toEqual([true, true]);
  await world.request("POST", "/events", { type: "sale", externalId: "ann", orderId: "A", value: 9 });
  expect(await again(refund("A"))).not.toHaveProperty("pending");
  expect(await send(refund("A"))).not.toHaveProperty("pending");
  const { data } = (await world.request<Listed>("GET", "/refunds/pending")).body;
  expect([data.refunds.map(({ orderId }) => orderId), data.nextCursor]).toEqual([["B"], null]);
  await world.close();
});

test("pages of pending refunds hold each once, also where few refunds are looked at for a page", async () => {
  const world = openWorld();
  const orders = Array.from({ length: 23 }, (_, index) => `o-${String(index).padStart(2, "0")}`);
  await world.request(
    "POST",
    "/events",
    [...orders, ...orders].map((order, index) => refund(order, { eventId: `r-${index}`, email: "a@b.example" })),
  );
  for (const order of orders.slice(3, 17))
    await world.request("POST", "/events", { type: "sale", externalId: "ann", orderId: order, value: 10 });
  const expected = orders.filter((_, index) => index < 3 || index >= 17).flatMap((order) => [order, order]);
  for (const most of [1, 2, 5, 1000]) {
    const pending = openPendingRefunds(world.workspace, most);
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = pending.list(3, cursor);
      found.push(...page.refunds.map(({ orderId }) => orderId));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(found).toEqual(expected);
  }
  const listed = await world.request<Listed>("GET", "/refunds/pending?limit=2");
  expect([listed.body.data.refunds.length, listed.text.includes("a@b")]).toEqual([2, false]);
  await world.close();
});

test("what can be stored is exported and recorded again to the digit", async () => {
  const values = [999_999_999_999.9999, 1_000_000_000_000, 900_719_925_474.0992, 900_719_925_473.9999, 0.0001, 123_456_789.0123];
  const world = openWorld();
  const sent = values.map((value, index) => refund(`o-${index}`, { value }));
  const stored = await world.request<{ rejected: number }>("POST", "/events", sent);
  await world.request("POST", "/events", [
    { type: "sale", externalId: "a", orderId: "jpy", currency: "JPY", value: 1_000_000_000_000, timestamp: "2026-01-01" },
    { type: "sale", externalId: "a", orderId: "clf", currency: "CLF", value: 99_999_999.9999, timestamp: "2026-01-01" },
  ]);
  expect(stored.body.data.rejected).toBe(0);
  const exported = JSON.parse(JSON.stringify([...entryPages(world.workspace, "ndjson")].flat()));
  expect(exported.map(({ value }: { value: number }) => value)).toEqual([...values, 1_000_000_000_000, 99_999_999.9999]);
  const other = openWorld();
  await other.request("POST", "/events", exported);
  expect(JSON.parse(JSON.stringify([...entryPages(other.workspace, "ndjson")].flat()))).toEqual(exported);
  const again = await world.request<{ duplicates: number }>("POST", "/events", exported);
  expect(again.body.data.duplicates).toBe(exported.length);
  const csv = [...entryPages(world.workspace, "csv")].flat();
  expect(csv[0]?.value).toBe(999_999_999_999.9999);
  const { data } = (await world.request<Listed>("GET", "/refunds/pending")).body;
  expect(data.refunds.map(({ value }) => value)).toEqual(values);
  await world.close();
  await other.close();
});

test("a refund as large as can be stored keeps nothing from being read, exported and imported again, also once its sale is there", async () => {
  const world = openWorld();
  const send = async (body: unknown) => expect((await world.request("POST", "/events", body)).status).toBe(201);
  await send(refund("o", { value: 999_999_999_999.9999, externalId: "ann" })); // in no currency of two decimals, so it will count nothing
  await send(refund("o", { value: 1_000_000_000_000, externalId: "ann", eventId: "whole" }));
  await send({ type: "sale", externalId: "ann", orderId: "o", value: 20, timestamp: "2026-01-01" });
  await send(refund("unknown", { value: 999_999_999_999.9999, email: "ann@example.com" }));
  await world.request("PATCH", "/customers/ext_ann", { email: "ann@example.com" });
  const paths = ["/customers/ext_ann", "/customers/ext_ann/journey", "/customers/ext_ann/attribution", "/customers/cohorts"];
  for (const path of [...paths, "/refunds/pending"]) expect([path, (await world.request("GET", path)).status]).toEqual([path, 200]);
  const exported = await world.request<{ customer: object; entries: { value: number | null }[] }>("GET", "/customers/ext_ann/export");
  expect(exported.body.data.customer).toMatchObject({ ltv: 0, refunds: 20 });
  expect(exported.body.data.entries.map(({ value }) => value)).toEqual([0, 20, 20, null]);
  const linesOf = ({ workspace }: typeof world) => JSON.parse(JSON.stringify([...workspacePages(workspace)].flat())) as object[];
  const other = openWorld();
  const [, ...lines] = linesOf(world);
  const taken = openWorkspaceLines(other.workspace, openEvents(other.workspace)).many(lines);
  expect(taken.filter((result) => "error" in result)).toEqual([]);
  expect(linesOf(other)).toEqual(linesOf(world));
  await world.close();
  await other.close();
});

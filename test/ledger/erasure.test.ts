// What still leads to an erased customer, and what does not? (definitions §10)
import { expect, test } from "bun:test";
import { openWorld } from "../harness.ts";

const at = (day: string) => `2026-01-${day}T10:00:00Z`;

async function worldWhere(before: object[], erased: string, after: object[]) {
  const world = openWorld({ now: "2026-03-01T00:00:00Z" });
  await world.request("POST", "/events", before);
  expect((await world.request("DELETE", `/customers/ext_${erased}`)).status).toBe(200);
  for (const entry of after) expect((await world.request("POST", "/events", entry)).status).toBe(201);
  return world;
}

test("a clickId that led to the erased leads to them whoever names it later, with whatever date, in any order", async () => {
  const lead = { type: "lead", eventId: "l-1", externalId: "ann", clickId: "c-9", timestamp: at("10") };
  const click = { type: "click", clickId: "c-9", timestamp: at("01"), country: "US" };
  const sale = { type: "sale", orderId: "o-1", externalId: "fay", clickId: "c-9", value: 5, timestamp: at("02") };
  for (const after of [
    [click, sale],
    [sale, click],
  ]) {
    const world = await worldWhere([lead], "ann", after);
    const { body } = await world.request("GET", "/customers/ext_fay");
    expect(body.data).toMatchObject({ clickId: null, country: null, ltv: 5, firstTouchAt: "2026-01-02T10:00:00.000Z" });
    await world.workspace.ledger.rebuild();
    expect((await world.request("GET", "/customers/ext_fay")).body.data).toMatchObject({ clickId: null, ltv: 5 });
    world.close();
  }
});

test("their visitorIds and email lead to nobody", async () => {
  const lead = { type: "lead", eventId: "l-1", externalId: "ann", email: "ann@example.com", visitorId: "v-1", timestamp: at("10") };
  const world = await worldWhere([lead], "ann", [{ type: "click", clickId: "c-1", visitorId: "v-1", timestamp: at("11") }]);
  expect((await world.request("GET", "/customers/count")).body.data).toEqual({ count: 0 });
  const { body } = await world.request<{ customerId: string }>("POST", "/events", {
    type: "sale",
    orderId: "o-1",
    email: "ann@example.com",
    value: 1,
  });
  const { body: comeback } = await world.request("GET", `/customers/${body.data.customerId}`);
  expect(comeback.data).toMatchObject({ externalId: null, email: "ann@example.com", sales: 1, clickId: null });
  world.close();
});

test("whoever takes on an alias of the erased does not take on their visitorId", async () => {
  const world = openWorld({ now: "2026-03-01T00:00:00Z" });
  await world.request("POST", "/events", [
    { type: "sale", orderId: "o-1", value: 1, aliases: ["shared"], visitorId: "v-1", timestamp: at("01") },
    { type: "sale", orderId: "o-2", value: 2, aliases: ["own", "shared"], visitorId: "v-1", timestamp: at("02") },
  ]);
  expect((await world.request("DELETE", "/customers/als_shared")).status).toBe(200);
  await world.request("POST", "/events", { type: "click", clickId: "c-1", visitorId: "v-1", timestamp: at("03") });
  for (const round of ["derived", "rebuilt"]) {
    if (round === "rebuilt") await world.workspace.ledger.rebuild();
    const { body } = await world.request("GET", "/customers/als_shared");
    expect(body.data).toMatchObject({ aliases: ["own", "shared"], sales: 1, clickId: null });
  }
  world.close();
});

test("a refund that comes while its sale is theirs goes to whom the sale goes, with what it says", async () => {
  const theirs = [
    { type: "click", clickId: "c-1", visitorId: "v-1", timestamp: at("01") },
    { type: "lead", eventId: "l-1", externalId: "ann", visitorId: "v-1", timestamp: at("02") },
  ];
  const world = await worldWhere(theirs, "ann", [
    { type: "sale", orderId: "o-1", clickId: "c-1", value: 5, timestamp: at("03") },
    { type: "refund", orderId: "o-1", eventId: "r-1", value: 1, email: "fay@example.com", timestamp: at("04") },
    { type: "sale", orderId: "o-2", externalId: "fay", clickId: "c-1", value: 7, timestamp: at("05") },
  ]);
  const { body } = await world.request("GET", "/customers/ext_fay");
  expect(body.data).toMatchObject({ email: "fay@example.com", sales: 2, grossRevenue: 12, refunds: 1 });
  world.close();
});

test("nothing that names them stays in the database", async () => {
  const marked = {
    externalId: "marker-ext",
    email: "marker@marker.example",
    name: "Marker",
    visitorId: "marker-visitor",
    url: "https://x.example/?marker=1&utm_source=kept",
    referrer: "https://marker.example/",
    metadata: { marker: "marker" },
    avatar: "https://x.example/marker.png",
  };
  const entries = [
    { type: "click", clickId: "c-1", timestamp: at("01"), ...marked },
    { type: "sale", orderId: "o-1", value: 3, timestamp: at("02"), ...marked },
    { type: "refund", orderId: "o-2", eventId: "r-1", timestamp: at("03"), externalId: "marker-ext", email: "marker@marker.example" },
    { type: "sale", orderId: "o-2", externalId: "bob", value: 3, timestamp: at("02") },
  ];
  const world = await worldWhere(entries, "marker-ext", []);
  const { sqlite } = world.workspace.database;
  const tables = sqlite.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all() as string[];
  const left = tables.filter((table) =>
    JSON.stringify(sqlite.prepare(`SELECT * FROM ${table}`).all())
      .toLowerCase()
      .includes("marker"),
  );
  expect(left).toEqual([]);
  expect(tables).toContain("entry");
  const { body } = await world.request<{ cohorts: object[] }>("GET", "/customers/cohorts?group_by=source");
  expect(body.data.cohorts).toMatchObject([{ cohort: "(direct)" }, { cohort: "kept", sales: 1, revenue: 3 }]);
  world.close();
});

// Does an export show a person everything that is held about them, and nobody else?
import { expect, test } from "bun:test";
import { openWorld } from "../harness.ts";

interface Held {
  customer: { externalId: string; ltv: number };
  externalIds: string[];
  emails: string[];
  visitorIds: string[];
  clickIds: string[];
  told: { externalId: string; created: boolean; profile: Record<string, unknown> }[];
  entries: { type: string; externalId: string | null; email: string | null; url: string | null; visitorId: string | null }[];
}

test("an export holds the record, all names, what was told, and each entry as it is stored", async () => {
  const world = openWorld();
  const send = (body: unknown) => world.request("POST", "/events", body);
  await send({ type: "click", clickId: "c-1", visitorId: "v-1", url: "https://shop.example/?utm_source=google" });
  await world.request("POST", "/customers", { externalId: "ann", email: "ann@example.com", clickId: "c-1", metadata: { plan: "pro" } });
  await world.request("PATCH", "/customers/ext_ann", { externalId: "anna", name: "Anna" });
  await send({ type: "sale", orderId: "o", email: "ann@example.com", value: 10 });
  await send({ type: "lead", eventId: "l", externalId: "bob", email: "bob@example.com" });
  const reply = await world.request<Held>("GET", "/customers/ext_anna/export");
  expect([reply.status, reply.text.includes("bob"), reply.headers.get("content-disposition")]).toEqual([
    200,
    false,
    expect.stringMatching(/^attachment; filename="cus_\w+\.json"$/),
  ]);
  const { customer, told, entries, ...names } = reply.body.data;
  expect(customer).toMatchObject({ externalId: "anna", ltv: 10, name: "Anna" });
  expect(names).toMatchObject({ externalIds: ["ann", "anna"], emails: ["ann@example.com"], visitorIds: ["v-1"], clickIds: ["c-1"] });
  expect(told.map(({ externalId, created }) => [externalId, created])).toEqual([
    ["ann", true],
    ["anna", false],
  ]);
  expect(told[0]?.profile).toMatchObject({ metadata: { plan: "pro" } });
  expect(entries.map(({ type, email, visitorId }) => [type, email, visitorId])).toEqual([
    ["click", null, "v-1"],
    ["sale", "ann@example.com", null],
  ]);
  await world.request("DELETE", "/customers/ext_anna");
  expect((await world.request("GET", "/customers/ext_anna/export")).status).toBe(404);
  world.close();
});

test("more entries than are read at once are all there, in the order in which they came", async () => {
  const world = openWorld();
  const leads = Array.from({ length: 1000 }, (_, index) => ({ type: "lead", eventId: `l${index}`, externalId: "ann" }));
  await world.request("POST", "/events", leads);
  await world.request("POST", "/events", { ...leads[0], eventId: "last" });
  const { entries } = (await world.request<{ entries: { eventId: string }[] }>("GET", "/customers/ext_ann/export")).body.data;
  expect([entries.length, entries[0]?.eventId, entries.at(-1)?.eventId]).toEqual([1001, "l0", "last"]);
  world.close();
});

test.each([
  { who: "an externalId", names: { externalId: "ann" }, makes: { externalId: "ann" }, id: "ext_ann" },
  { who: "a former externalId", names: { externalId: "ann" }, makes: { externalId: "ann" }, renamed: "anna", id: "ext_anna" },
  {
    who: "the email of an externalId",
    names: { email: "ann@x.example" },
    makes: { externalId: "ann", email: "Ann@x.example" },
    id: "ext_ann",
  },
  { who: "an email alone", names: { email: "ann@x.example" }, makes: { email: "ann@x.example" }, id: undefined },
])("a refund of another's sale that names them by $who is in the export, also when it came before them", async (row) => {
  const world = openWorld();
  const send = (body: unknown) => world.request<{ customerId: string | null }>("POST", "/events", body);
  await send({ type: "sale", orderId: "o", externalId: "bob", value: 10 });
  await send({ type: "refund", eventId: "before", orderId: "o", value: 1, ...row.names });
  const { customerId } = (await send({ type: "lead", eventId: "l", ...row.makes })).body.data;
  await send({ type: "refund", eventId: "after", orderId: "o", value: 1, ...row.names });
  if (row.renamed !== undefined) await world.request("PATCH", "/customers/ext_ann", { externalId: row.renamed });
  const exported = await world.request<{ entries: { eventId: string }[] }>("GET", `/customers/${row.id ?? customerId}/export`);
  expect(exported.body.data.entries.map(({ eventId }) => eventId)).toEqual(["before", "l", "after"]);
  const bobs = await world.request<{ entries: { eventId: string }[] }>("GET", "/customers/ext_bob/export");
  expect(bobs.body.data.entries).toHaveLength(3);
  world.close();
});

test("a refund that named another who had the externalId before stays out of the export of who has it now", async () => {
  const world = openWorld();
  const send = (body: unknown) => world.request("POST", "/events", body);
  await send({ type: "lead", eventId: "l", externalId: "ann" });
  await send({ type: "sale", orderId: "o", externalId: "bob", value: 10 });
  await send({ type: "refund", eventId: "r", orderId: "o", value: 1, externalId: "ann" });
  await world.request("PATCH", "/customers/ext_ann", { externalId: "anna" });
  await world.request("POST", "/customers", { externalId: "ann" });
  const namesOf = async (id: string) =>
    (await world.request<{ entries: { eventId: string }[] }>("GET", `/customers/${id}/export`)).body.data.entries.map(
      ({ eventId }) => eventId,
    );
  expect([await namesOf("ext_anna"), await namesOf("ext_ann")]).toEqual([["l", "r"], []]);
  world.close();
});

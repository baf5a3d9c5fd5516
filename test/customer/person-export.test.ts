// Does an export show a person everything that is held about them, and nobody else?
import { expect, test } from "bun:test";
import { ADMIN_KEY, openWorld, type World } from "../harness.ts";

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

/** What the tests use of the reader of a stream. */
interface Reader {
  read(): Promise<{ done: boolean; value?: Uint8Array }>;
}

/** Ann with 1,100 entries of 4 KB and 1,100 visitorIds, and the reader of her export. */
async function openLongExport(): Promise<{ world: World; reader: Reader }> {
  const world = openWorld({ checkAnswers: false });
  await world.request("POST", "/customers", { externalId: "ann", visitorId: "v" });
  for (let from = 0; from < 1100; from += 550) {
    const clicks = Array.from({ length: 550 }, (_, index) => ({
      type: "click",
      clickId: `c${from + index}`,
      visitorId: `v${from + index}`,
      externalId: "ann",
      metadata: { text: "x".repeat(4000) },
    }));
    expect((await world.request("POST", "/events", clicks)).status).toBeLessThan(300);
  }
  const request = new Request("http://localhost/customers/ext_ann/export", { headers: { authorization: `Bearer ${ADMIN_KEY}` } });
  const { body } = await world.app.handle(request);
  if (!body) throw new Error("the export has no body");
  return { world, reader: body.getReader() };
}

test("a long export is sent in parts, each read only when the part before is taken", async () => {
  const { world, reader } = await openLongExport();
  const first = await reader.read();
  await world.request("PATCH", "/customers/ext_ann", { name: "told after the first part" });
  const decoder = new TextDecoder();
  let text = "";
  let longest = 0;
  for (let part = first; !part.done; part = await reader.read()) {
    text += decoder.decode(part.value, { stream: true });
    longest = Math.max(longest, part.value?.length ?? 0);
  }
  expect(longest).toBeLessThan(1_000_000);
  const { customer, visitorIds, told, entries } = (JSON.parse(text) as { data: Held }).data;
  expect(customer).toMatchObject({ name: null });
  expect(told.at(-1)?.profile).toMatchObject({ name: "told after the first part" });
  expect([new Set(visitorIds).size, visitorIds.length, entries.length]).toEqual([1101, 1101, 1100]);
  expect(entries.map(({ visitorId }) => visitorId)).toEqual(Array.from({ length: 1100 }, (_, index) => `v${index}`));
  await world.close();
});

test("an export of somebody who is erased meanwhile breaks off, and is no whole JSON", async () => {
  const { world, reader } = await openLongExport();
  await reader.read();
  expect((await world.request("DELETE", "/customers/ext_ann")).status).toBe(200);
  const rest = async () => {
    while (!(await reader.read()).done);
  };
  await expect(rest()).rejects.toThrow("erased");
  await world.close();
});

// Whose is an email that came with an alias? That of the alias's externalId, whenever either was learnt (definitions §5).
import { expect, test } from "bun:test";
import { openWorld } from "../harness.ts";
import { record } from "../record-entries.ts";

const sale = (orderId: string, rest: object) => ({ type: "sale", orderId, value: 10, timestamp: "2026-01-05T10:00:00Z", ...rest });

test("an email that came with an alias of an externalId is that customer's, in any order, also if it came with another alias before", async () => {
  const told = [
    sale("o-0", { aliases: ["paddle:ctm_9"], email: "ann@example.com", timestamp: "2026-01-01T10:00:00Z" }),
    sale("o-1", { externalId: "ann", aliases: ["stripe:cus_1"] }),
    sale("o-2", { aliases: ["stripe:cus_1"], email: "ann@example.com" }),
    sale("o-3", { email: "ann@example.com" }),
  ];
  for (const entries of [told, told.toReversed()]) {
    const world = openWorld();
    for (const entry of entries) await record(world, entry);
    expect((await world.request("GET", "/customers/ext_ann")).body.data).toMatchObject({ sales: 4, ltv: 40, email: "ann@example.com" });
    expect((await world.request<{ count: number }>("GET", "/customers/count")).body.data.count).toBe(1);
    await world.close();
  }
});

test("a former externalId of a record that has lost its only entry makes a customer of its own", async () => {
  const world = openWorld();
  await record(world, sale("o-1", { aliases: ["s:1", "s:2"] }));
  await world.request("POST", "/customers", { externalId: "ida", aliases: ["s:1"] }); // takes the sale on
  await world.request("PATCH", "/customers/ext_ida", { externalId: "hal" });
  // An earlier entry knows whose the alias is, and takes the sale from hal, who was never created.
  await record(world, { type: "lead", eventId: "e-1", externalId: "fay", aliases: ["s:1"], timestamp: "2026-01-04T10:00:00Z" });
  expect((await world.request("GET", "/customers/ext_hal")).status).toBe(404);
  const { status } = await world.request("POST", "/customers", { externalId: "ida" });
  expect(status).toBe(201);
  expect((await world.request("GET", "/customers/ext_ida")).body.data).toMatchObject({ externalId: "ida", sales: 0 });
  expect((await world.request("GET", "/customers/ext_fay")).body.data).toMatchObject({ externalId: "fay", sales: 1 });
  expect((await world.request("GET", "/customers/ext_hal")).status).toBe(404);
  await world.close();
});

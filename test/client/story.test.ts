// Does the main job read well in a typed client: click, lead, sale, refund, and the reports about them?
import { expect, test } from "bun:test";
import { ADMIN_KEY, openWorld } from "../harness.ts";
import { type Input, type Operation, openClient, type PathsOf } from "./client.ts";

test("a typed client tells the story and reads its numbers", async () => {
  const world = openWorld({ now: "2026-02-10T00:00:00Z" });
  const client = openClient("http://localhost", ADMIN_KEY, (request) => world.app.handle(request));

  await client.call("post", "/events", { body: { type: "click", clickId: "c-1", timestamp: "2026-01-03T09:00:00Z", source: "google" } });
  const told = await client.call("post", "/events", {
    body: [
      { type: "lead", eventId: "l-1", timestamp: "2026-01-03T09:05:00Z", externalId: "user_42", clickId: "c-1" },
      { type: "sale", orderId: "ORD-1", timestamp: "2026-01-09T15:00:00Z", externalId: "user_42", value: 99.99, currency: "USD" },
      { type: "refund", orderId: "ORD-1", eventId: "r-1", timestamp: "2026-02-02T10:00:00Z", value: 20 },
    ],
  });
  expect("accepted" in told.data && told.data.accepted).toBe(3);

  const { data: customer } = await client.call("get", "/customers/{id}", { path: { id: "ext_user_42" } });
  const [ltv, source]: [number, string | null] = [customer.ltv, customer.source];
  expect([ltv, source]).toEqual([79.99, "google"]);

  const { data: cohorts } = await client.call("get", "/customers/cohorts", { query: { group_by: "month" } });
  expect(cohorts.cohorts.map(({ cohort, revenue }) => [cohort, revenue])).toEqual([["2026-01", 79.99]]);
  const { data: months } = await client.call("get", "/customers/revenue", { query: { group_by: "month" } });
  expect(months.periods.map(({ period, revenue, refunds }) => [period, revenue, refunds])).toEqual([
    ["2026-01", 99.99, 0],
    ["2026-02", -20, 20],
  ]);
  const { data: curves } = await client.call("get", "/customers/ltv-cohorts", { query: { months: 2, end: "2026-02" } });
  expect(curves.cohorts[0]?.periods.map(({ cumulativeRevenue }) => cumulativeRevenue)).toEqual([99.99, 79.99]);
  const { data: credit } = await client.call("get", "/customers/{id}/attribution", {
    path: { id: customer.id },
    query: { model: "linear" },
  });
  expect(credit.sources.map(({ key, revenue }) => [key, revenue])).toEqual([["google", 79.99]]);

  expect(await client.call("delete", "/customers/{id}", { path: { id: customer.id } })).toMatchObject({ data: { deleted: true } });
  await expect(client.call("get", "/customers/{id}", { path: { id: customer.id } })).rejects.toThrow("NOT_FOUND");
  world.close();
});

/** False, and so not compiled below, when `Wrong` would be taken for a `Wanted`. */
type Refuses<Wanted, Wrong> = Wrong extends Wanted ? false : true;

test("what the document does not have does not compile", () => {
  const refused: readonly [
    path: Refuses<PathsOf<"get">, "/customer">,
    method: Refuses<PathsOf<"delete">, "/customers/count">,
    grouping: Refuses<Input<Operation<"/customers/cohorts", "get">>["query"], { group_by: "year" }>,
    untyped: Refuses<Input<Operation<"/events", "post">>["body"], { orderId: string; value: number }>,
  ] = [true, true, true, true];
  expect(refused).toHaveLength(4);
});

// Does the server answer under the path that a proxy shows it under, and say so in its documentation?
import { expect, test } from "bun:test";
import { openWorld } from "../harness.ts";

test("with a base path, both kinds of proxies work: those that keep it and those that take it off", async () => {
  const world = openWorld({ config: { basePath: "/analytics" } });
  const body = { type: "sale", orderId: "A", externalId: "u", timestamp: "2026-01-01T00:00:00Z", value: 1, currency: "USD" };
  expect((await world.request("POST", "/analytics/events", body)).status).toBe(201);
  expect((await world.request("POST", "/analytics/api/events", body)).body.data).toMatchObject({ duplicate: true });
  expect((await world.request("GET", "/analytics/customers?limit=1")).body.pagination?.total).toBe(1);
  expect((await world.request("GET", "/customers/ext_u")).status).toBe(200);
  expect((await world.request("GET", "/analytics/docs", undefined, { authorization: "" })).status).toBe(200);
  expect((await world.request("GET", "/analytics/docs/swagger-ui.css", undefined, { authorization: "" })).status).toBe(200);
  for (const path of ["/analytics", "/analytics/", "/"]) {
    const { status, text } = await world.request("GET", path, undefined, { authorization: "" });
    expect([status, text.includes('src="/analytics/app/assets/')]).toEqual([200, true]);
  }
  for (const path of ["/analyticscustomers", "/other/customers"]) expect((await world.request("GET", path)).status).toBe(404);
  const { text } = await world.request("GET", "/docs/json");
  expect((JSON.parse(text) as { servers: { url: string }[] }).servers[0]?.url).toBe("/analytics");
  world.close();
});

test("without one, no other path is an API path", async () => {
  const world = openWorld();
  expect((await world.request("GET", "/analytics/customers")).status).toBe(404);
  expect((await world.request("GET", "/analytics/customers", undefined, { authorization: "" })).status).toBe(401);
  world.close();
});

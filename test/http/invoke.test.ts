// Does an endpoint that is called with plain input judge and answer as it does over HTTP?
import { afterAll, expect, test } from "bun:test";
import { type Key, SCOPES } from "../../src/access/keyring.ts";
import { invoke, type PlainInput } from "../../src/http/invoke.ts";
import type { ApiError } from "../../src/value/error.ts";
import { openWorld } from "../harness.ts";

const world = openWorld({ config: { snapshotTtl: 30 } });
afterAll(() => world.close());
const everything: Key = { id: "test", scopes: new Set<string>(SCOPES) };

function call(method: string, path: string, input: Partial<PlainInput> = {}) {
  const endpoint = world.app.endpoints.find((each) => each.method === method && each.path === path);
  if (!endpoint) throw new Error(`There is no ${method} ${path}.`);
  return invoke(endpoint, { key: everything, ...input }, { revenueTracking: true });
}

/** The error that a call is refused with. */
function refusal(method: string, path: string, input?: Partial<PlainInput>): Promise<ApiError | undefined> {
  return call(method, path, input).then(
    () => undefined,
    (error: ApiError) => error,
  );
}

test("makes a customer and reads them", async () => {
  const made = await call("POST", "/customers", { body: { externalId: "ann", email: "Ann@Example.com" } });
  expect(made).toMatchObject({ status: 201, body: { created: true, data: { email: "ann@example.com" } } });
  const read = await call("GET", "/customers/:id", { params: { id: "ext_ann" } });
  expect(read.body).toEqual((await world.request("GET", "/customers/ext_ann")).body);
});

test("gives a kept report as over HTTP, defaults filled in", async () => {
  const query = { group_by: "month", explain: true };
  const { status, body } = await call("GET", "/customers/cohorts", { query });
  expect(status).toBe(200);
  expect(body).toEqual((await world.request("GET", "/customers/cohorts?group_by=month&explain=true")).body);
  expect((await call("GET", "/customers/cohorts")).body).toMatchObject({ data: { groupBy: "week" } });
});

test("names every bad field, those that no schema can judge included", async () => {
  const query = { group_by: "year", start: "yesterday", limit: 0, nonsense: 1 };
  const error = await refusal("GET", "/customers/cohorts", { query });
  expect([error?.code, error?.details?.map(({ path }) => path).sort()]).toEqual([
    "VALIDATION_ERROR",
    ["group_by", "limit", "nonsense", "start"],
  ]);
});

test("judges scope, input and existence in this order", async () => {
  const key: Key = { ...everything, scopes: new Set() };
  expect((await refusal("GET", "/customers/:id/journey", { key, query: { limit: 0 } }))?.code).toBe("FORBIDDEN");
  expect((await refusal("GET", "/customers/:id/journey", { key: undefined }))?.code).toBe("FORBIDDEN");
  const params = { id: "ext_nobody" };
  expect((await refusal("GET", "/customers/:id/journey", { params, query: { limit: 0 } }))?.code).toBe("VALIDATION_ERROR");
  expect((await refusal("GET", "/customers/:id/journey", { params }))?.code).toBe("NOT_FOUND");
});

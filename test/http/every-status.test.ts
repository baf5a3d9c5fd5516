// Is there a scenario for every route and every status that the OpenAPI document says it can answer?
import { expect, test } from "bun:test";
import { SCOPES } from "../../src/access/keyring.ts";
import { type Endpoint, isSigned } from "../../src/http/endpoint.ts";
import { openWorld, type World } from "../harness.ts";
import { play, type Scenario } from "./scenario.ts";
import { signedScenarioOf } from "./signed-scenario.ts";

const listing = openWorld();
const document = JSON.parse((await listing.request("GET", "/docs/json")).text) as {
  paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
};
const endpoints = listing.app.endpoints.filter(({ hidden }) => !hidden);
listing.close();

const ann = async (world: World) => {
  await world.request("POST", "/events", { type: "click", clickId: "c-ann", externalId: "ann" });
  await world.request("POST", "/events", { type: "sale", orderId: "o-1", externalId: "ann", value: 10 });
  await world.request("POST", "/customers", { externalId: "bob" });
  await world.request("POST", "/imports", '{"type":"lead","eventId":"i","externalId":"bob"}');
  await world.workspace.imports.idle();
  const asks =
    "INSERT OR IGNORE INTO webhook_data_request (customer_id, source, requested_at) SELECT id, 'shopify', 0 FROM customer LIMIT 1";
  world.workspace.database.sqlite.exec(asks);
  world.workspace.database.sqlite.exec(`
    INSERT OR IGNORE INTO webhook_endpoint VALUES (1, 'whe_test', 'admin', 'https://127.0.0.1:1/', 'customer.created', NULL, 'whsec_c2VjcmV0', 0, 0, 0, NULL);
    INSERT OR IGNORE INTO webhook_message (id, webhook_id, endpoint, event, subject, told_at, since_at) VALUES (1, 'msg_test', 1, 'test', 0, 0, 0);`);
};
const KEY = { "idempotency-key": "k" };
const HOOK = "POST /webhook-endpoints";

/** What each route is asked so that it goes well, once ann is there. */
const ASKED: Readonly<Record<string, { path: string; body?: unknown }>> = {
  "GET /customers": { path: "/customers?limit=5" },
  "POST /customers": { path: "/customers", body: { externalId: "new" } },
  "GET /customers/count": { path: "/customers/count" },
  "GET /customers/:id": { path: "/customers/ext_ann" },
  "PATCH /customers/:id": { path: "/customers/ext_ann", body: { name: "Ann" } },
  "DELETE /customers/:id": { path: "/customers/ext_ann" },
  "POST /customers/:id/recalculate-ltv": { path: "/customers/ext_ann/recalculate-ltv" },
  "GET /customers/:id/export": { path: "/customers/ext_ann/export" },
  "GET /customers/cohorts": { path: "/customers/cohorts?group_by=month" },
  "GET /customers/ltv-cohorts": { path: "/customers/ltv-cohorts?months=2" },
  "GET /customers/revenue": { path: "/customers/revenue?group_by=week" },
  "GET /customers/:id/journey": { path: "/customers/ext_ann/journey" },
  "GET /customers/:id/attribution": { path: "/customers/ext_ann/attribution" },
  "POST /events": { path: "/events", body: { type: "lead", eventId: "e", externalId: "ann" } },
  "POST /conversions/track": { path: "/conversions/track", body: { clickId: "c-ann", event: "signup", orderId: "t" } },
  "GET /conversions/postback": { path: "/conversions/postback?lw_cid=c-ann&orderId=p&event=signup" },
  "GET /conversions/s2s": { path: "/conversions/s2s?click_id=c-ann&order_id=s&event=signup" },
  "POST /conversions/s2s": { path: "/conversions/s2s", body: { click_id: "c-ann", order_id: "s", event: "signup" } },
  "PATCH /conversions/:id": { path: "/conversions/ord_o-1", body: { status: "refunded" } },
  ...Object.fromEntries(
    ["identify", "track", "page", "screen", "group"].map((call) => [
      `POST /v1/${call}`,
      { path: `/v1/${call}`, body: { userId: "ann", event: "e" } },
    ]),
  ),
  "POST /v1/alias": { path: "/v1/alias", body: { userId: "ann", previousId: "a" } },
  "POST /v1/batch": { path: "/v1/batch", body: { batch: [{ type: "track", userId: "ann", event: "e" }] } },
  "POST /dub/track/lead": { path: "/dub/track/lead", body: { customerExternalId: "ann", eventName: "Sign up" } },
  "POST /dub/track/sale": { path: "/dub/track/sale", body: { customerExternalId: "ann", amount: 500, invoiceId: "in_1" } },
  "GET /dub/customers": { path: "/dub/customers?pageSize=5" },
  "GET /dub/customers/:id": { path: "/dub/customers/ext_ann" },
  "PATCH /dub/customers/:id": { path: "/dub/customers/ext_ann", body: { name: "Ann" } },
  "DELETE /dub/customers/:id": { path: "/dub/customers/ext_ann" },
  "PUT /rates": { path: "/rates", body: { currency: "EUR", date: "2026-01-01", rate: "1.1" } },
  "GET /rates": { path: "/rates?currency=EUR" },
  "GET /refunds/pending": { path: "/refunds/pending?limit=5" },
  "GET /customers/attribution": { path: "/customers/attribution" },
  "POST /imports": { path: "/imports?name=a.ndjson", body: '{"type":"lead","eventId":"e","externalId":"ann"}' },
  "GET /imports": { path: "/imports?limit=5" },
  "GET /imports/:id": { path: "/imports/1" },
  "DELETE /imports/:id": { path: "/imports/1" },
  "POST /demo": { path: "/demo" },
  "POST /session": { path: "/session" },
  "DELETE /session": { path: "/session" },
  "GET /webhooks": { path: "/webhooks?limit=5" },
  "DELETE /webhooks/data-requests/:id": { path: "/webhooks/data-requests/cus_0000000001" },
  "POST /webhook-endpoints": { path: "/webhook-endpoints", body: { url: "https://a.example/", events: ["customer.created"] } },
  "GET /webhook-endpoints": { path: "/webhook-endpoints" },
  "PATCH /webhook-endpoints/:id": { path: "/webhook-endpoints/whe_test", body: { events: ["entry.created"] } },
  "DELETE /webhook-endpoints/:id": { path: "/webhook-endpoints/whe_test" },
  "POST /webhook-endpoints/:id/test": { path: "/webhook-endpoints/whe_test/test" },
  "GET /webhook-endpoints/:id/deliveries": { path: "/webhook-endpoints/whe_test/deliveries?limit=5" },
  "POST /webhook-endpoints/:id/deliveries/:delivery/redeliver": { path: "/webhook-endpoints/whe_test/deliveries/msg_test/redeliver" },
  "GET /changes": { path: "/changes?limit=5" },
  "GET /changes/rows": { path: "/changes/rows?limit=5" },
  "GET /backup": { path: "/backup" },
  "GET /backup/secret": { path: "/backup/secret" },
  "GET /healthz": { path: "/healthz" },
  "GET /readyz": { path: "/readyz" },
  "GET /metrics": { path: "/metrics" },
};

/** What makes each of them a 409. */
const CONFLICTS: Readonly<Record<string, { path: string; body?: unknown }>> = {
  "PATCH /customers/:id": { path: "/customers/ext_ann", body: { externalId: "bob" } },
  "PATCH /dub/customers/:id": { path: "/dub/customers/ext_ann", body: { externalId: "bob" } },
  "GET /conversions/postback": { path: "/conversions/postback?lw_cid=c-other&orderId=p&event=signup" },
  "GET /conversions/s2s": { path: "/conversions/s2s?click_id=c-other&order_id=s&event=signup" },
};

/** What makes each of them a 422, as Dub answers input that it understands and does not accept. */
const UNPROCESSABLE: Readonly<Record<string, { path: string; body?: unknown }>> = {
  "POST /dub/track/lead": { path: "/dub/track/lead", body: { customerExternalId: "ann" } },
  "POST /dub/track/sale": { path: "/dub/track/sale", body: { customerExternalId: "ann", amount: "5" } },
  "GET /dub/customers": { path: "/dub/customers?pageSize=0" },
  "PATCH /dub/customers/:id": { path: "/dub/customers/ext_ann", body: { country: "Germany" } },
};

/** A report over everybody says of a closed database that it cannot be reached (503); of missing tables that it failed. */
function breakDatabase({ workspace: { database } }: World, isReport: boolean): void {
  if (isReport) database.sqlite.exec("DROP TABLE cohort_day; DROP TABLE ltv_cell; ALTER TABLE entry RENAME TO gone");
  else database.sqlite.close();
}

/** The scenario in which a route answers a status; undefined: nobody thought of one. */
function scenarioOf(endpoint: Endpoint, status: number): Scenario | undefined {
  const { method, path: pattern, admission, lenient, answers, foreign } = endpoint;
  if (isSigned(admission)) return signedScenarioOf(endpoint, status);
  const name = `${method} ${pattern}`;
  const asked = ASKED[name];
  if (!asked) return undefined;
  /** What an error says in our own shape. */
  const own = (...texts: string[]) => (foreign?.failure ? {} : { contains: texts });
  const bare = { method, status, ...asked }; // refused before anybody is looked for
  const base = { ...bare, before: ann };
  const ask = (world: World, headers = {}) => world.request(method, asked.path, asked.body, headers);
  const after = (deed: (world: World) => unknown) => async (world: World) => {
    await ann(world);
    await deed(world);
  };
  switch (status) {
    case 200:
      if (pattern === "/demo") return { ...bare, contains: ['"entries":'], world: { deadlineMs: 600_000 } };
      if (name === HOOK) return { ...base, headers: KEY, before: after((world) => ask(world, KEY)), contains: ['"secret":null'] };
      return 201 in answers ? { ...base, before: after((world) => ask(world)) } : base;
    case 201:
    case 202:
      return base;
    case 304:
      return { ...base, headers: { "if-none-match": "*" } };
    case 400:
      if (foreign?.failure) return { ...bare, path: `${asked.path.replace(/\?.*/, "")}?search=%FF`, contains: ["bad_request"] };
      return lenient
        ? { ...bare, path: pattern, body: asked.body && {}, contains: ['"details":[{"path":"'] }
        : { ...bare, path: `${asked.path}${asked.path.includes("?") ? "&" : "?"}color=red`, fields: ["color"], lacks: ["red"] };
    case 401:
      return { ...bare, key: "nobody", ...own("UNAUTHORIZED") };
    case 403: {
      if (admission === "key") return { ...bare, key: "conversions", contains: ["FORBIDDEN"] };
      const other = SCOPES.find((each) => each !== admission);
      return { ...bare, key: other ?? "malformed", contains: [String(admission)], lacks: foreign?.failure ? ["FORBIDDEN"] : ["forbidden"] };
    }
    case 404:
      if (name === HOOK) return { ...base, headers: KEY, before: after((world) => makeAndDelete(world, asked)) };
      if (name === "GET /dub/customers") return { ...base, path: "/dub/customers?startingAfter=cus_none" };
      return pattern.includes(":")
        ? { ...base, path: asked.path.replace(/(ext_ann|ord_o-1|cus_0000000001|whe_test|1$)/, "cus_none") }
        : { ...base, body: idempotentBody(name, asked.body), headers: KEY, before: after((world) => eraseAfter(world, name, asked)) };
    case 409:
      if (pattern === "/demo") return { ...base, contains: ["not empty"] };
      if (name === "POST /imports") return { ...base, before: after((world) => ask(world)), contains: ["Another import"] };
      if (name === "DELETE /imports/:id")
        return { ...base, before: after((world) => ask(world).then(() => world.workspace.imports.idle())) };
      if (method === "POST") {
        const path = "/conversions/track";
        return { ...base, headers: KEY, before: after((world) => world.request("POST", path, { clickId: "x" }, KEY)) };
      }
      return { ...base, ...CONFLICTS[name], before: after((world) => ask(world)), ...own("details") };
    case 410:
      return { ...base, path: `${pattern}?after=1000000`, contains: ["GONE", "after"], answers: { "x-oldest-seq": /^\d+$/ } };
    case 413:
      return { ...bare, headers: { "content-length": String((endpoint.maxBytes ?? 6 * 1024 * 1024) + 1) }, ...own("PAYLOAD_TOO_LARGE") };
    case 415:
      return { ...bare, headers: { "content-type": "text/plain" }, ...own("UNSUPPORTED_MEDIA_TYPE") };
    case 422:
      return { ...bare, path: "/dub/customers/%FF", ...UNPROCESSABLE[name], contains: ["unprocessable_entity"] };
    case 429:
      return {
        ...base,
        world: { config: { rateLimit: 1 } },
        before: (world) => world.request("GET", "/customers/count"),
        answers: { "retry-after": /^\d+$/, ratelimit: /^"key";r=0;t=\d+$/ },
      };
    case 500:
      return {
        ...base,
        before: after((world) => breakDatabase(world, endpoint.cached === true && !pattern.includes(":"))),
        ...own("_ERROR"),
      };
    case 503:
      return { ...bare, before: (world) => world.app.close(), answers: { "retry-after": /^\d+$/ } };
    default:
      return undefined;
  }
}

/** A body that makes or names a customer, who can be erased before it is sent again. */
function idempotentBody(name: string, body: unknown): unknown {
  return name === "POST /customers" ? { externalId: "ann" } : body;
}

async function eraseAfter(world: World, name: string, { path, body }: { path: string; body?: unknown }): Promise<void> {
  await world.request("POST", path, idempotentBody(name, body), KEY);
  await world.request("DELETE", "/customers/ext_ann");
}

async function makeAndDelete(world: World, { path, body }: { path: string; body?: unknown }): Promise<void> {
  const made = await world.request<{ id: string }>("POST", path, body, KEY);
  await world.request("DELETE", `${path}/${made.body.data.id}`);
}

const documented = endpoints.flatMap((endpoint) => {
  const operation = document.paths[endpoint.path.replace(/:(\w+)/g, "{$1}")]?.[endpoint.method.toLowerCase()];
  return Object.keys(operation?.responses ?? {}).map((status) => ({ endpoint, status: Number(status) }));
});

test("every documented status of every route has a scenario", () => {
  const missing = documented.filter(({ endpoint, status }) => !scenarioOf(endpoint, status));
  expect(missing.map(({ endpoint: { method, path }, status }) => `${method} ${path} ${status}`)).toEqual([]);
  expect(documented.length).toBeGreaterThan(150);
});

play(documented.flatMap(({ endpoint, status }) => scenarioOf(endpoint, status) ?? []));

// What is in the OpenAPI document? The plugin generates it from the mounted routes at the first request, so the start does not wait for it.
import { toOpenAPISchema } from "@elysiajs/openapi";
import type { AnyElysia } from "elysia";
import { SCOPES } from "../access/keyring.ts";
import { VERSION } from "../host/version.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { toJsonSchema } from "../http/json-schema.ts";
import { Failure } from "../http/wire.ts";
import { HEADER_DESCRIPTIONS, parameters, toOperation } from "./operation.ts";

const OPENAPI_VERSION = "3.1.2";

const TAGS: Readonly<Record<string, string>> = {
  Customers: "Who the customers are.",
  Reports: "Where paying customers come from, and how much revenue they bring.",
  Intake: "Clicks, leads, sales, milestones and refunds.",
  Segment: "Segment's HTTP tracking API, which RudderStack speaks too. Their official server SDKs work with only their host changed.",
  Dub: "The part of Dub's API that records conversions and shows customers. Its official library needs only `serverURL`.",
  Changes: "What has changed, in order, for whoever keeps a copy.",
  "Webhooks out": "Who is called when something has changed, and how that went.",
  Webhooks: "What payment providers deliver, and what became of it.",
  Rates: "Exchange rates to the currency of the reports.",
  Sessions: "Signing in to the dashboard.",
  Health: "Whether the server is up.",
};

const DESCRIPTION = `Customer analytics on your own machine: clicks, leads, sales and refunds go in; cohorts, lifetime value, journeys and attribution come out. [How the numbers are defined](docs/definitions) explains every number, with a worked example. Field descriptions name its sections (§1–§10).

Every path also works with the prefix \`/api\`. Every answer has an \`X-Request-Id\`. Send your key as \`Authorization: Bearer <key>\` or \`X-API-Key: <key>\`. Its scopes decide what it may do: ${SCOPES.map((scope) => `\`${scope}\``).join(", ")}. A publishable key (\`rgp_…\`) can only record clicks and leads by \`POST /events\`, from web pages of its origins. A conversion key (\`rgc_…\`) can only record conversions by \`GET /conversions/postback\` and \`GET /conversions/s2s\`. It is the only kind that can stand in a URL, as \`?key=\`.

A \`429\` answer says in \`Retry-After\` how long to wait. If a limit is set, \`RateLimit\` in each answer says how many requests are left.`;

/**
 * The OpenAPI document of an app. It has exactly the mounted routes that are not hidden. Their operations are made here and not when they are
 * mounted, which made every start about 15 ms longer. `endpoints` are the same routes as data, and `basePath` is the path under which callers reach the server.
 */
export function openApiDocument(app: AnyElysia, endpoints: readonly Endpoint[], basePath: string): object {
  const shown = endpoints.filter((endpoint) => !endpoint.hidden);
  for (const { method, path, hooks } of app.routes) {
    const endpoint = shown.find((each) => each.method === method && each.path === path);
    if (endpoint && hooks?.detail) Object.assign(hooks.detail, toOperation(endpoint));
  }
  const { paths } = toOpenAPISchema(app, { staticFile: false }, undefined, undefined, OPENAPI_VERSION);
  for (const endpoint of shown) {
    // The plugin lists only path parameters, and only as text, so they are replaced by ours.
    const operations = paths[endpoint.path.replace(/:(\w+)/g, "{$1}")] as Record<string, { parameters?: object[] }> | undefined;
    const operation = operations?.[endpoint.method.toLowerCase()];
    if (operation) operation.parameters = parameters(endpoint);
  }
  return {
    openapi: OPENAPI_VERSION,
    info: { title: "regulars", version: VERSION, description: DESCRIPTION, license: { name: "MIT", identifier: "MIT" } },
    servers: [{ url: basePath || "/", description: "This server" }],
    tags: [...new Set(shown.map((endpoint) => endpoint.tag))].map((name) => ({ name, description: TAGS[name] ?? name })),
    paths,
    components: {
      schemas: { Failure: toJsonSchema(Failure) },
      headers: HEADER_DESCRIPTIONS,
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "Authorization: Bearer <key>" },
        basic: {
          type: "http",
          scheme: "basic",
          description: "The key as the user name, with any password; only where an operation says so",
        },
        header: { type: "apiKey", in: "header", name: "X-API-Key" },
      },
    },
  };
}

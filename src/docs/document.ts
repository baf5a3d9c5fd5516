// What does the OpenAPI document say? The plugin makes it of the routes as they are mounted, when somebody first reads it: nobody waits for it
// at the start.
import { toOpenAPISchema } from "@elysiajs/openapi";
import type { AnyElysia } from "elysia";
import { SCOPES } from "../access/keyring.ts";
import { VERSION } from "../host/version.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { Failure } from "../http/wire.ts";
import { toJsonSchema } from "./json-schema.ts";
import { parameters } from "./operation.ts";

const OPENAPI_VERSION = "3.1.2";

const TAGS: Readonly<Record<string, string>> = {
  Customers: "Who they are.",
  Analytics: "Where paying customers come from, and what they become worth.",
  Intake: "Clicks, leads, sales, milestones and refunds.",
  Conversions: "The same, in the forms that ad networks and tag managers send.",
  Rates: "What other currencies are worth in the currency of the reports.",
  Health: "Is it up?",
};

const DESCRIPTION = `Customer analytics on your own machine: clicks, leads, sales and refunds go in; cohorts, lifetime value, journeys and attribution come out. [How the numbers are defined](docs/definitions), with a worked example: the descriptions of fields name its sections (§1–§10).

Every path is accepted with \`/api\` in front as well. Every answer has an \`X-Request-Id\`. A key goes into \`Authorization: Bearer <key>\` or \`X-API-Key: <key>\`, and opens what its scopes say: ${SCOPES.map((scope) => `\`${scope}\``).join(", ")}. A publishable key (\`rgp_…\`) records clicks and leads by \`POST /events\` from pages of its origins, and no more.

A \`429\` says in \`Retry-After\` how long to wait; with a limit set, \`RateLimit\` says with each answer what is left.`;

/**
 * The OpenAPI document of an app: of the routes that are mounted there with their operation (`toOperation`), and no others. `endpoints` are
 * those that were meant to be; `basePath` is where the world sees them.
 */
export function openApiDocument(app: AnyElysia, endpoints: readonly Endpoint[], basePath: string): object {
  const shown = endpoints.filter((endpoint) => !endpoint.hidden);
  const { paths } = toOpenAPISchema(app, { staticFile: false }, undefined, undefined, OPENAPI_VERSION);
  for (const endpoint of shown) {
    // The plugin names path parameters only, and says no more of them than that they are text.
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
      headers: {
        "X-Request-Id": { description: "Names the request, in the log too.", schema: { type: "string" } },
        "Retry-After": { description: "After how many seconds to try again.", schema: { type: "integer" } },
      },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "Authorization: Bearer <key>" },
        header: { type: "apiKey", in: "header", name: "X-API-Key" },
      },
    },
  };
}

// Does the API describe itself wholly, with nothing from another host?
import { describe, expect, test } from "bun:test";
import { errorCodes } from "../../src/docs/operation.ts";
import { isSigned } from "../../src/http/endpoint.ts";
import { ERROR_STATUS } from "../../src/http/status.ts";
import { openWorld } from "../harness.ts";

interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description: string;
  parameters?: { name: string; in: string; required: boolean; schema: object }[];
  requestBody?: { content: Record<string, { schema: object; example?: unknown }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: object; example?: unknown }> }>;
  security: object[];
}

const world = openWorld();
const reply = await world.request("GET", "/docs/json", undefined, { authorization: "" });
const document = JSON.parse(reply.text) as { openapi: string; paths: Record<string, Record<string, Operation>> };
const shown = world.app.endpoints.filter(({ hidden }) => !hidden);

describe("the OpenAPI document", () => {
  test("has every route, and no other", () => {
    const ours = shown.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
    const theirs = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(theirs.sort()).toEqual(ours.sort());
  });

  for (const endpoint of shown)
    test(`tells all of ${endpoint.method} ${endpoint.path}`, () => {
      const operation = document.paths[endpoint.path.replace(/:(\w+)/g, "{$1}")]?.[endpoint.method.toLowerCase()];
      if (!operation) throw new Error("It is not there.");
      expect(operation.operationId).toMatch(/^(get|post|put|patch|delete)[A-Z]/);
      expect([operation.tags.length, operation.summary.length > 5]).toEqual([1, true]);
      const names = [...endpoint.path.matchAll(/:(\w+)/g)]
        .map((match) => String(match[1]))
        .concat(Object.keys(endpoint.query?.properties ?? {}));
      const told = (operation.parameters ?? []).map(({ name }) => name);
      expect((operation.parameters ?? []).filter((each) => each.required && "default" in each.schema)).toEqual([]);
      expect(names.filter((name) => !told.includes(name))).toEqual([]);
      const statuses = [
        ...Object.keys(endpoint.answers),
        ...(endpoint.cached ? ["304"] : []),
        ...errorCodes(endpoint).flatMap((code) => (endpoint.foreign?.failure?.statusesOf(code) ?? [ERROR_STATUS[code]]).map(String)),
      ];
      expect(Object.keys(operation.responses).sort()).toEqual([...new Set(statuses)].sort());
      const bodies = Object.entries(operation.responses).filter(([status]) => status !== "304");
      expect(
        bodies.filter(([, { content }]) => (content?.["application/json"] ?? content?.[endpoint.produces ?? ""])?.schema === undefined),
      ).toEqual([]);
      if (endpoint.body && typeof endpoint.body !== "string")
        expect(operation.requestBody?.content["application/json"]?.example).toBeDefined();
      const basic = endpoint.foreign?.takesBasic ? [{ basic: [] }] : [];
      expect(operation.security).toEqual(
        endpoint.admission === "open" || isSigned(endpoint.admission) ? [] : [{ bearer: [] }, { header: [] }, ...basic],
      );
    });
});

describe("the pages of the documentation", () => {
  test("ask no other host for anything", async () => {
    const page = await world.request("GET", "/docs", undefined, { authorization: "" });
    expect(page.headers.get("content-security-policy")).toContain("script-src 'self'; ");
    expect(page.text).not.toMatch(/https?:|<script>|onload/);
    const parts = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path);
    expect(parts.length).toBeGreaterThan(2);
    for (const path of parts) expect((await world.request("GET", `/${path}`, undefined, { authorization: "" })).status).toBe(200);
  });

  test("are found under /api as well", async () => {
    expect((await world.request("GET", "/api/docs/json", undefined, { authorization: "" })).text).toBe(reply.text);
  });
});

// How do the tests of reports ask? Every answer is checked against the schema that its endpoint documents.
import { expect } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import type { Reply, World } from "../harness.ts";

/** The data of a report, its status and schema checked. `route` is the endpoint's pattern. */
export async function report<Data = Record<string, unknown>>(world: World, route: string, path: string): Promise<Data> {
  const reply: Reply<Data> = await world.request<Data>("GET", path);
  expect({ status: reply.status, error: reply.body.error }).toEqual({ status: 200, error: undefined });
  const schema = world.app.endpoints.find((each) => each.method === "GET" && each.path === route)?.answers[200];
  if (!schema) throw new Error(`no endpoint documents ${route}`);
  expect([...Value.Errors(schema, reply.body)].map(({ path: where, message }) => `${where}: ${message}`)).toEqual([]);
  return reply.body.data;
}

/** The error of a request that is to fail. */
export async function failure(world: World, path: string): Promise<{ status: number; code: string | undefined; fields: string[] }> {
  const { status, body } = await world.request("GET", path);
  return { status, code: body.error?.code, fields: (body.error?.details ?? []).map((detail) => detail.path) };
}

// Does the OpenAPI document say of every field of a report what it is, in which unit, and by which section of the definitions?
import { expect, test } from "bun:test";
import { openWorld } from "../harness.ts";

interface Schema {
  description?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
}

interface Parameter {
  name: string;
  schema: { default?: unknown };
  example?: unknown;
}

interface Document {
  paths: Record<string, Record<string, { responses: Record<string, { content?: Record<string, { schema: Schema }> }> }>>;
}

/** Reports, and the customers that they lead to. Others answer with what was sent. */
const REPORTS = [
  "/customers",
  "/customers/count",
  "/customers/{id}",
  "/customers/cohorts",
  "/customers/ltv-cohorts",
  "/customers/revenue",
  "/customers/attribution",
  "/customers/{id}/journey",
  "/customers/{id}/attribution",
];

/** Every field within a schema, with its dotted path. */
function fieldsOf(schema: Schema, path: string): [path: string, field: Schema][] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, field]): [string, Schema][] => [
    [`${path}.${name}`, field],
    ...fieldsOf(field, `${path}.${name}`),
  ]);
  return [
    ...own,
    ...(schema.items ? fieldsOf(schema.items, `${path}[]`) : []),
    ...(schema.anyOf ?? []).flatMap((each) => fieldsOf(each, path)),
  ];
}

async function reportFields(): Promise<[path: string, field: Schema][]> {
  const world = openWorld();
  const { text } = await world.request("GET", "/docs/json");
  world.close();
  const { paths } = JSON.parse(text) as Document;
  return REPORTS.flatMap((path) => {
    const data = paths[path]?.get?.responses["200"]?.content?.["application/json"]?.schema.properties?.data;
    return data ? fieldsOf(data, path) : [];
  });
}

test("every field of a report names the section that defines it", async () => {
  const fields = await reportFields();
  expect(fields.length).toBeGreaterThan(200);
  expect(fields.filter(([, { description = "" }]) => !/§([1-9]|10)\b/.test(description)).map(([path]) => path)).toEqual([]);
});

test("every figure that is no whole number says its unit", async () => {
  const isNumber = ({ type, anyOf }: Schema): boolean => [type].flat().includes("number") || (anyOf ?? []).some(isNumber);
  const units = /major units|minor units|ratio|in days|with 4 decimals|÷/i;
  const fields = (await reportFields()).filter(([, field]) => isNumber(field));
  expect(fields.length).toBeGreaterThan(30);
  expect(fields.filter(([, { description = "" }]) => !units.test(description)).map(([path]) => path)).toEqual([]);
});

test("a form of the documentation is filled with defaults: no parameter has an example in place of its default", async () => {
  const world = openWorld();
  const { text } = await world.request("GET", "/docs/json");
  world.close();
  const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, { parameters?: Parameter[] }>> };
  const parameters = Object.entries(paths).flatMap(([path, operations]) =>
    Object.values(operations).flatMap((operation) => (operation.parameters ?? []).map((parameter) => ({ path, ...parameter }))),
  );
  const withDefault = parameters.filter(({ schema }) => schema.default !== undefined);
  expect(withDefault.filter(({ name }) => name === "group_by").length).toBe(3);
  expect(withDefault.filter(({ example }) => example !== undefined)).toEqual([]);
});

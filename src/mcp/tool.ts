// Which tools do agents have? The endpoints that read, each as a tool with the schemas that the documentation shows.
import type { TSchema } from "@sinclair/typebox";
import type { Key } from "../access/keyring.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { type JsonSchema, toJsonSchema } from "../http/json-schema.ts";

export interface Tool {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly description: string;
  /** The path parameters and the query, as one object. */
  readonly inputSchema: { readonly type: "object" } & JsonSchema;
  /** The body of a success. */
  readonly outputSchema: { readonly type: "object" } & JsonSchema;
}

/** Ways to ask for another form of the same answer. A tool's answer has one form. */
const FORMS: ReadonlySet<string> = new Set(["format"]);

const PATH_PARAMETERS: Readonly<Record<string, string>> = {
  id: "The id `cus_…`, or `ext_` followed by the externalId, percent-encoded.",
};

/** The names of an endpoint's path parameters. */
export const pathParameters = (path: string): string[] => [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => name);

function inputOf({ path, query }: Endpoint): Tool["inputSchema"] {
  const inPath = pathParameters(path);
  const fields = Object.entries((query?.properties ?? {}) as Record<string, TSchema>).filter(([name]) => !FORMS.has(name));
  const required = [...inPath, ...(query?.required ?? []).filter((name: string) => query?.properties[name]?.default === undefined)];
  return {
    type: "object",
    properties: {
      ...Object.fromEntries(inPath.map((name) => [name, { type: "string", description: PATH_PARAMETERS[name] ?? "" }])),
      ...Object.fromEntries(fields.map(([name, schema]) => [name, toJsonSchema(schema)])),
    },
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

/** The schema of a success. Every endpoint with a tool answers 200. */
export function answerSchema({ answers }: Endpoint): TSchema {
  const schema = answers[200];
  if (!schema) throw new RangeError("An endpoint with a tool answers 200.");
  return schema;
}

function toTool(endpoint: Endpoint, name: string): Tool {
  const { summary, description } = endpoint;
  return {
    name,
    endpoint,
    description: description === undefined ? `${summary}.` : `${summary}. ${description}`,
    inputSchema: inputOf(endpoint),
    outputSchema: { ...toJsonSchema(answerSchema(endpoint)), type: "object" },
  };
}

/** The tools of a key: of the endpoints with a tool, those that its scopes open. */
export function toolsOf(endpoints: readonly Endpoint[], key: Key): Tool[] {
  return endpoints.flatMap((endpoint) => (endpoint.tool !== undefined && isOpenTo(endpoint, key) ? [toTool(endpoint, endpoint.tool)] : []));
}

const isOpenTo = ({ admission }: Endpoint, key: Key) => typeof admission === "string" && key.scopes.has(admission);

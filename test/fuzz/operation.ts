// Which requests does the OpenAPI document of a server allow?

export interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly $ref?: string;
}

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly schema: Schema;
}

export interface Operation {
  readonly method: string;
  readonly path: string; // /customers/{id}
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
  /** The schema of the answer by status; undefined: an answer without a body. */
  readonly answers: ReadonlyMap<number, Schema | undefined>;
  /** The media types of the answer by status. */
  readonly media: ReadonlyMap<number, readonly string[]>;
}

interface Described {
  parameters?: Parameter[];
  requestBody?: { content: { "application/json"?: { schema: Schema } } };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** Every operation of a document. */
export function operationsOf(document: Document): Operation[] {
  const resolve = (schema: Schema | undefined) =>
    schema?.$ref === undefined ? schema : document.components.schemas[schema.$ref.split("/").at(-1) ?? ""];
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody, responses }]) => ({
      method: method.toUpperCase(),
      path,
      parameters,
      body: requestBody?.content["application/json"]?.schema,
      answers: new Map(
        Object.entries(responses).map(([status, { content }]) => [Number(status), resolve(content?.["application/json"]?.schema)]),
      ),
      media: new Map(Object.entries(responses).map(([status, { content }]) => [Number(status), Object.keys(content ?? {})])),
    })),
  );
}

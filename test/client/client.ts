// How does a program in TypeScript call the API, with paths, inputs and answers typed by the OpenAPI document alone?
import type { paths } from "./api.d.ts";

type Method = "get" | "post" | "put" | "patch" | "delete";
export type PathsOf<M extends Method> = { [Path in keyof paths]: paths[Path] extends Record<M, object> ? Path : never }[keyof paths];
export type Operation<Path extends keyof paths, M extends Method> = paths[Path] extends Record<M, infer Found> ? Found : never;

type Content<Of> = Of extends { content: { "application/json": infer Json } } ? Json : never;
type Responses<Of> = Of extends { responses: infer All } ? All : never;
/** The bodies of an operation's good answers. */
type Good<Of> = Content<Responses<Of>[Extract<keyof Responses<Of>, 200 | 201>]>;
type Part<Of, Name extends string> = Of extends { parameters: Record<Name, infer Found> } ? NonNullable<Found> : never;

export interface Input<Of> {
  path?: Part<Of, "path">;
  query?: Of extends { parameters: { query?: infer Query } } ? Query : never;
  body?: Of extends { requestBody: infer Body } ? Content<Body> : never;
}

export interface Client {
  call<M extends Method, Path extends PathsOf<M>>(
    method: M,
    path: Path,
    input?: Input<Operation<Path, M>>,
  ): Promise<Good<Operation<Path, M>>>;
}

/** A client with a key; `send` is `fetch`. A call throws an Error with the code of a failure. */
export function openClient(base: string, key: string, send: (request: Request) => Promise<Response>): Client {
  return {
    async call(method, path, { path: named = {}, query = {}, body } = {}) {
      const values = named as Record<string, string>;
      const address = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
      const search = new URLSearchParams(Object.entries(query as object).map(([name, value]): [string, string] => [name, String(value)]));
      const headers = { authorization: `Bearer ${key}`, ...(body !== undefined && { "content-type": "application/json" }) };
      const init = { method: method.toUpperCase(), headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
      const response = await send(new Request(`${base}${address}${search.size > 0 ? `?${search}` : ""}`, init));
      const answer = (await response.json()) as { success: boolean; error?: { code: string } };
      if (!answer.success) throw new Error(answer.error?.code);
      return answer as never;
    },
  };
}

// What do the API's answers look like? Their types come from the OpenAPI document.
import type { paths } from "../../../test/client/api.d.ts";

type GetPath = { [Path in keyof paths]: paths[Path] extends { get: object } ? Path : never }[keyof paths];
type Operation<Path extends GetPath> = paths[Path] extends { get: infer Found } ? Found : never;
type Body<Of> = Of extends { responses: { 200: { content: { "application/json": infer Json } } } } ? Json : never;
/** The body of a good answer. */
export type AnswerOf<Path extends GetPath> = Body<Operation<Path>>;
/** Its `data`. */
export type DataOf<Path extends GetPath> = AnswerOf<Path> extends { data: infer Data } ? Data : never;

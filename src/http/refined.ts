// What is the result of parsing input that a schema cannot check? A value, or its problems.
import type { Detail } from "../value/error.ts";

export type Refined<T> = { readonly value: T } | { readonly details: readonly Detail[] };

type Values<Parts> = { [Name in keyof Parts]: Parts[Name] extends Refined<infer Value> ? Value : never };

/** Combines the results of several parts: all values, or the problems of all parts. */
export function combine<Parts extends Readonly<Record<string, Refined<unknown>>>>(parts: Parts): Refined<Values<Parts>> {
  const details = Object.values(parts).flatMap((part) => ("details" in part ? part.details : []));
  if (details.length > 0) return { details };
  return {
    value: Object.fromEntries(
      Object.entries(parts).map(([name, part]) => [name, "value" in part ? part.value : undefined]),
    ) as Values<Parts>,
  };
}

/** A result with one problem. */
export const wrong = (path: string, message: string): { details: Detail[] } => ({ details: [{ path, message }] });

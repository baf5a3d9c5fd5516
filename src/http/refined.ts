// What came of reading input that no schema can judge? Its value, or what is wrong with it.
import type { Detail } from "../value/error.ts";

export type Refined<T> = { readonly value: T } | { readonly details: readonly Detail[] };

type Values<Parts> = { [Name in keyof Parts]: Parts[Name] extends Refined<infer Value> ? Value : never };

/** Reads several parts of an input at once: all of their values, or all that is wrong with any of them. */
export function combine<Parts extends Readonly<Record<string, Refined<unknown>>>>(parts: Parts): Refined<Values<Parts>> {
  const details = Object.values(parts).flatMap((part) => ("details" in part ? part.details : []));
  if (details.length > 0) return { details };
  return {
    value: Object.fromEntries(
      Object.entries(parts).map(([name, part]) => [name, "value" in part ? part.value : undefined]),
    ) as Values<Parts>,
  };
}

/** The one thing that is wrong. */
export const wrong = (path: string, message: string): { details: Detail[] } => ({ details: [{ path, message }] });

// Where does the next page begin? An opaque text that names a place in the order, not a row: it holds when the row is gone.
import { invalid } from "../errors.ts";
import type { Place, SortBy } from "./list-customers.ts";

const CURSOR = /^(\w+) (asc|desc) (-?\d{1,19}) (\d{1,16})$/;

/** The place as a text for the wire. */
export function toCursor({ value, id }: Place, sortBy: SortBy, sortOrder: string): string {
  return Buffer.from(`${sortBy} ${sortOrder} ${value} ${id}`).toString("base64url");
}

/** The place that a cursor of the same sort names. Throws VALIDATION_ERROR for any other text. */
export function parseCursor(cursor: string, sortBy: SortBy, sortOrder: string): Place {
  const [, by, order, value = "", id = ""] = CURSOR.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  if (by !== sortBy || order !== sortOrder)
    throw invalid([{ path: "cursor", message: "must be the nextCursor of a list with the same sortBy and sortOrder" }]);
  return { value, id: Number(id) };
}

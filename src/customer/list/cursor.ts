// Where does the next page begin? An opaque text that names a place in the order, not a row: it holds when the row is gone.
import { type Detail, invalid } from "../../value/error.ts";
import type { Place, SortBy } from "./list-customers.ts";

const CURSOR = /^(\w+) (asc|desc) (-?\d{1,18}) (\d{1,16})$/;

/** The place as a text for the wire. */
export function toCursor({ value, id }: Place, sortBy: SortBy, sortOrder: string): string {
  return Buffer.from(`${sortBy} ${sortOrder} ${value} ${id}`).toString("base64url");
}

function read(cursor: string, sortBy: SortBy | undefined, sortOrder: string | undefined): Place | undefined {
  const [, by, order, value = "", id = ""] = CURSOR.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  const isMeant = by !== undefined && by === (sortBy ?? by) && order === (sortOrder ?? order);
  return isMeant ? { value, id: Number(id) } : undefined;
}

/** What is wrong with a cursor: that it is none of a list with this sort, as far as that is known. */
export function cursorProblems(cursor: string, sortBy: SortBy | undefined, sortOrder: string | undefined): Detail[] {
  if (read(cursor, sortBy, sortOrder)) return [];
  return [{ path: "cursor", message: "must be the nextCursor of a list with the same sortBy and sortOrder" }];
}

/** The place that a cursor of the same sort names. Throws VALIDATION_ERROR for any other text. */
export function parseCursor(cursor: string, sortBy: SortBy, sortOrder: string): Place {
  const place = read(cursor, sortBy, sortOrder);
  if (!place) throw invalid(cursorProblems(cursor, sortBy, sortOrder));
  return place;
}

// Where does the next page begin? A cursor is an opaque text that names a position in the order, not a row: it holds when the row is gone.
import { type Detail, invalid } from "../../value/error.ts";
import type { CursorPosition, SortBy } from "./sort.ts";

const CURSOR = /^(\w+) (asc|desc) (-?\d{1,18}) (\d{1,16})$/;

/** The position as a text for the wire. */
export function toCursor({ value, id }: CursorPosition, sortBy: SortBy, sortOrder: string): string {
  return Buffer.from(`${sortBy} ${sortOrder} ${value} ${id}`).toString("base64url");
}

/** The position that a cursor names; undefined: it is no cursor, or one of another sort. */
function decode(cursor: string, sortBy: SortBy | undefined, sortOrder: string | undefined): CursorPosition | undefined {
  const [, by, order, value = "", id = ""] = CURSOR.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  const isOfThisSort = by !== undefined && by === (sortBy ?? by) && order === (sortOrder ?? order);
  return isOfThisSort ? { value, id: Number(id) } : undefined;
}

/** What is wrong with a cursor for a list of this sort; undefined: the sort is not known. Empty if nothing is wrong. */
export function cursorProblems(cursor: string, sortBy: SortBy | undefined, sortOrder: string | undefined): Detail[] {
  if (decode(cursor, sortBy, sortOrder)) return [];
  return [{ path: "cursor", message: "must be the nextCursor of a list with the same sortBy and sortOrder" }];
}

/** The position that a cursor of the same sort names. Throws VALIDATION_ERROR for any other text. */
export function parseCursor(cursor: string, sortBy: SortBy, sortOrder: string): CursorPosition {
  const position = decode(cursor, sortBy, sortOrder);
  if (!position) throw invalid(cursorProblems(cursor, sortBy, sortOrder));
  return position;
}

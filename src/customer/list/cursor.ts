// Where does the next page begin? A cursor is an opaque text that names a position in the order, not a row: it holds when the row is gone.
import { type Refined, wrong } from "../../http/refined.ts";
import type { CursorPosition, SortBy } from "./sort.ts";

const CURSOR = /^(\w+) (asc|desc) (-?\d{1,18}) (\d{1,16})$/;

/** The position as a text for the wire. */
export function toCursor({ value, id }: CursorPosition, sortBy: SortBy, sortOrder: string): string {
  return Buffer.from(`${sortBy} ${sortOrder} ${value} ${id}`).toString("base64url");
}

/** The position that a cursor names; or that it is none of a list with this sort (undefined: the sort is not known). */
export function readCursor(cursor: string, sortBy: SortBy | undefined, sortOrder: string | undefined): Refined<CursorPosition> {
  const [, by, order, value = "", id = ""] = CURSOR.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  const isOfThisSort = by !== undefined && by === (sortBy ?? by) && order === (sortOrder ?? order);
  return isOfThisSort
    ? { value: { value, id: Number(id) } }
    : wrong("cursor", "must be the nextCursor of a list with the same sortBy and sortOrder");
}

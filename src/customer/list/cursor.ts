// Where does the next page begin? A cursor is an opaque text for a position in the order. It stays valid when the row of that position is gone.
import { type Refined, wrong } from "../../http/refined.ts";
import type { CursorPosition, SortBy } from "./sort.ts";

const CURSOR = /^(\w+) (asc|desc) (-?\d{1,18}) (\d{1,16})$/;

/** The cursor of a position. */
export function toCursor({ value, id }: CursorPosition, sortBy: SortBy, sortOrder: string): string {
  return Buffer.from(`${sortBy} ${sortOrder} ${value} ${id}`).toString("base64url");
}

/** The position of a cursor, or the problem that it is not one of a list with this sort. An undefined sort is not compared. */
export function readCursor(cursor: string, sortBy: SortBy | undefined, sortOrder: string | undefined): Refined<CursorPosition> {
  const [, by, order, value = "", id = ""] = CURSOR.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  const isOfThisSort = by !== undefined && by === (sortBy ?? by) && order === (sortOrder ?? order);
  return isOfThisSort
    ? { value: { value, id: Number(id) } }
    : wrong("cursor", "must be the nextCursor of a list with the same sortBy and sortOrder");
}

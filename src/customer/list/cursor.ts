// Where does the next page begin? An opaque text that names a place in the order, not a row: it holds when the row is gone.
import { type Refined, wrong } from "../../http/refined.ts";
import type { Place, SortBy } from "./list-customers.ts";

const CURSOR = /^(\w+) (asc|desc) (-?\d{1,18}) (\d{1,16})$/;

/** The place as a text for the wire. */
export function toCursor({ value, id }: Place, sortBy: SortBy, sortOrder: string): string {
  return Buffer.from(`${sortBy} ${sortOrder} ${value} ${id}`).toString("base64url");
}

/** The place that a cursor names; or that it is none of a list with this sort, as far as that is known. */
export function readCursor(cursor: string, sortBy: SortBy | undefined, sortOrder: string | undefined): Refined<Place> {
  const [, by, order, value = "", id = ""] = CURSOR.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  const isMeant = by !== undefined && by === (sortBy ?? by) && order === (sortOrder ?? order);
  return isMeant
    ? { value: { value, id: Number(id) } }
    : wrong("cursor", "must be the nextCursor of a list with the same sortBy and sortOrder");
}

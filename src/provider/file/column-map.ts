// Which column of a table is which field? Its owner says so, because no format does.
import { FileError } from "./file-error.ts";

/** The fields that a column can be. `refunded`: how much of the order has been refunded so far; `refundedAt`: when. */
export const MAP_FIELDS = [
  ...["orderId", "timestamp", "value", "currency", "status", "refunded", "refundedAt", "externalId", "email", "name", "country"],
  ...["alias", "clickId", "source", "campaign", "medium", "url", "referrer"],
] as const;
export type MapField = (typeof MAP_FIELDS)[number];

/** The names of columns by their fields. */
export type ColumnMap = Readonly<Partial<Record<MapField, string>>>;

const isField = (name: string): name is MapField => (MAP_FIELDS as readonly string[]).includes(name);

/**
 * Reads a map: `orderId=Order,value=Total`, or the same with a pair on each line, as it is kept in a file. Lines that begin with `#` say
 * nothing. Throws FileError for a pair that is none, a field that does not exist or one that stands there twice.
 */
export function readColumnMap(text: string): ColumnMap {
  const pairs = text
    .split(/\r?\n/)
    .filter((line) => !line.trim().startsWith("#"))
    .flatMap((line) => line.split(","))
    .filter((pair) => pair.trim() !== "");
  const map: Partial<Record<MapField, string>> = {};
  for (const pair of pairs) {
    const [field = "", column = ""] = [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)].map((part) => part.trim());
    if (!pair.includes("=") || column === "")
      throw new FileError(`The map has "${pair.trim()}": write field=Column, such as orderId=Order.`);
    if (!isField(field)) throw new FileError(`The map has the field "${field}", which does not exist: use ${MAP_FIELDS.join(", ")}.`);
    if (map[field] !== undefined) throw new FileError(`The map has the field "${field}" twice.`);
    map[field] = column;
  }
  return map;
}

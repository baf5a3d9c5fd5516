// How is a stored entry read as the draft that it once was?
import { SALE } from "../../db/schema.ts";
import type { Draft } from "./draft.ts";
import { SENT_COLUMNS } from "./entry-columns.ts";
import type { SentRow } from "./replay.ts";

/** The columns of a `SentRow`. Values are read as text, because ten-thousandths can be wider than a double. */
export const SENT = Object.entries(SENT_COLUMNS)
  .map(([column, field]) => (column === "value" ? "cast(value AS TEXT) AS value" : `${column} AS ${field}`))
  .join(", ");

/** The draft of a stored entry. `reporting`: the workspace's currency, which a sale is in that says none. */
export function toStoredDraft({ value, currency, ...row }: SentRow, reporting: string): Draft {
  return { ...row, value: value === null ? null : BigInt(value), currency: currency ?? (row.type === SALE ? reporting : null) };
}

// How do the fields of a message become ones that may be stored? Text is cleaned, and a bad field that is not needed is left out.
import type { Context } from "../../context.ts";
import type { Detail } from "../../value/error.ts";
import type { Draft } from "../draft.ts";
import { parseEntry } from "../parse-entry.ts";
import type { Fields } from "./message.ts";

/** Without these it would be another entry. */
const NEEDED: ReadonlySet<string> = new Set([
  "type",
  "timestamp",
  "eventId",
  "orderId",
  "clickId",
  "event",
  "value",
  "currency",
  "externalId",
]);

/** The fields that are there, with texts without control characters and halves of characters. */
export function cleaned(fields: Fields): Record<string, unknown> {
  const clean = (value: unknown) =>
    typeof value === "string"
      ? value
          .toWellFormed()
          .replace(/\p{Cc}+/gu, " ")
          .trim()
      : value;
  return Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, clean(value)]])));
}

/** The draft of an entry, or the problems of the fields that it needs. */
export function toDraft(
  entry: Fields,
  context: Pick<Context, "calendar" | "now" | "config">,
): { draft: Draft } | { details: readonly Detail[] } {
  const raw = cleaned(entry);
  for (;;) {
    const parsed = parseEntry(raw, context, { byVisitor: true });
    if ("draft" in parsed) return parsed;
    const bad = parsed.details.map(({ path }) => path.split(".")[0] ?? "").filter((name) => !NEEDED.has(name) && name in raw);
    if (bad.length === 0) return parsed;
    for (const name of bad) delete raw[name];
  }
}

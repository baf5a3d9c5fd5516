// How does an entry of a provider become a draft? A text is trimmed and a bad field left out, so that no sale is lost for one.
import type { Context } from "../../context.ts";
import type { ProviderEntry } from "../../provider/effect.ts";
import type { Detail } from "../../value/error.ts";
import type { Draft } from "../draft.ts";
import { parseEntry } from "../parse-entry.ts";

const MOST = 255;
/** Longer texts of these are cut; others that are too long are left out, because half of them would be something else. */
const CUT = new Set(["name", "source", "campaign", "medium"]);
/** Without these it would be another entry. */
const NEEDED = new Set(["type", "timestamp", "eventId", "orderId", "event", "value", "currency"]);

/** Without any of these, a sale or a custom entry names nobody. */
const NAMES = ["externalId", "email", "aliases", "clickId"];

type Fields = Record<string, unknown>;

/** A text without control characters and halves of characters, or undefined if nothing is left. */
function toClean(field: string, text: string): string | undefined {
  const clean = text
    .toWellFormed()
    .replace(/\p{Cc}+/gu, " ")
    .trim();
  const cut =
    CUT.has(field) && clean.length > MOST
      ? clean
          .slice(0, MOST)
          .replace(/[\ud800-\udbff]$/, "")
          .trim()
      : clean;
  const cased = field === "country" ? cut.toUpperCase() : cut;
  return cased === "" ? undefined : cased;
}

/** The draft of an entry, and the fields that were changed or left out to make it one. */
interface Tidied {
  readonly draft: Draft;
  readonly fields: readonly string[];
}

/** A draft; or the problems of fields that the entry needs; or undefined if a sale or a custom entry names nobody. */
export function toDraft(
  entry: ProviderEntry,
  context: Pick<Context, "calendar" | "now" | "config">,
): Tidied | { readonly details: readonly Detail[] } | undefined {
  const { aliases = [], totalUntil, ...given } = entry;
  const changed = new Set<string>();
  const raw: Fields = {};
  for (const [field, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const clean = typeof value === "string" ? toClean(field, value) : value;
    if (clean !== value) changed.add(field);
    if (clean !== undefined) raw[field] = clean;
  }
  if (aliases.length > 0) raw.aliases = aliases;
  for (;;) {
    if (entry.type !== "refund" && !NAMES.some((name) => name in raw)) return undefined;
    const parsed = parseEntry(raw, context);
    if ("draft" in parsed) {
      const until = totalUntil === undefined ? null : Date.parse(totalUntil);
      return { draft: { ...parsed.draft, totalUntil: until }, fields: [...changed] };
    }
    const names = parsed.details.map(({ path }) => path.split(".")[0] ?? "").filter((name) => !NEEDED.has(name) && name in raw);
    if (names.length === 0) return parsed;
    for (const name of names) {
      delete raw[name];
      changed.add(name);
    }
  }
}

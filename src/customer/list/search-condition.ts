// Whose name, email or externalId has a text in it? The condition, and what the search index can be asked to find them soon.
import { fold } from "../../ledger/profile.ts";
import type { Condition } from "./condition.ts";

/** customer_search folds these as fold() does. Of other letters it takes more forms for the same, or fewer. */
const ASCII = /^[\x20-\x7e]*$/;
/** The search index knows parts of three characters. */
const TRIGRAM = 3;
/** So many parts of a longer text are enough to find the rare ones among them. */
const MOST_TRIGRAMS = 12;
/** Parts begin at least so many characters apart: of a short text, those that overlap a little tell more. */
const LEAST_STEP = 2;

const quote = (characters: readonly string[]) => `"${characters.join("").replaceAll('"', '""')}"`;

/** Parts of three characters from all over a text, as phrases. */
function trigramsOf(characters: readonly string[]): string[] {
  const last = characters.length - TRIGRAM;
  const step = Math.max(LEAST_STEP, Math.ceil(last / (MOST_TRIGRAMS - 1)));
  const trigrams = new Set<string>();
  for (let from = 0; from < last; from += step) trigrams.add(quote(characters.slice(from, from + TRIGRAM)));
  if (last >= 0) trigrams.add(quote(characters.slice(last)));
  return [...trigrams];
}

/** The condition of having `text` in one's own, whatever the case. */
export function searchCondition(text: string): Condition {
  const folded = fold(text);
  const characters = [...folded];
  const phrase = characters.length < TRIGRAM ? undefined : quote(characters);
  const glob = `*${folded.replace(/[*?[]/g, "[$&]")}*`;
  return {
    sql: "c.search_text GLOB :search",
    values: { search: glob },
    search: { phrase, trigrams: trigramsOf(characters), isExact: ASCII.test(folded) },
  };
}

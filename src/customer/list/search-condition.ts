// Whose name, email or externalId contains a text? The condition, and the queries that find candidates in the search index.
import { fold } from "../../ledger/profile.ts";
import type { Condition } from "./condition.ts";

/** customer_search folds these characters exactly as fold() does. It folds other letters differently. */
const ASCII = /^[\x20-\x7e]*$/;
/** The search index contains parts of three characters. */
const TRIGRAM = 3;
/** How many parts of a long text are used, which is enough to include rare ones. */
const MOST_TRIGRAMS = 12;
/** The smallest distance between the beginnings of two parts. Parts that overlap less distinguish better. */
const LEAST_STEP = 2;

const quote = (characters: readonly string[]) => `"${characters.join("").replaceAll('"', '""')}"`;

/** Parts of three characters, evenly spread over a text, as phrases. */
function trigramsOf(characters: readonly string[]): string[] {
  const last = characters.length - TRIGRAM;
  const step = Math.max(LEAST_STEP, Math.ceil(last / (MOST_TRIGRAMS - 1)));
  const trigrams = new Set<string>();
  for (let from = 0; from < last; from += step) trigrams.add(quote(characters.slice(from, from + TRIGRAM)));
  if (last >= 0) trigrams.add(quote(characters.slice(last)));
  return [...trigrams];
}

/** The condition that a customer's text contains `text`, ignoring case. */
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

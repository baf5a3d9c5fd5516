// Which customers contain the searched text? The search index finds parts of three characters. If it would find too many, all texts are read.
import type { Candidates, Matches } from "./candidates.ts";
import { allOf, type Condition, valuesOf } from "./condition.ts";
import type { Prepare } from "./prepared.ts";
import type { Sort } from "./sort.ts";
import collectByIndexSql from "./sql/collect-by-search-index.sql" with { type: "text" };
import collectByTextSql from "./sql/collect-by-text.sql" with { type: "text" };
import countByIndexSql from "./sql/count-by-search-index.sql" with { type: "text" };
import countFurtherSql from "./sql/count-further-by-text.sql" with { type: "text" };
import countUnlistedSql from "./sql/count-unlisted-by-text.sql" with { type: "text" };
import phraseShareSql from "./sql/phrase-share.sql" with { type: "text" };

/** The number of hits beyond which reading every text takes less time than looking up the hits. */
const MOST_FOUND = 20_000;
/** If a larger share of all customers has the text, reading every text takes less time than counting in the index. */
const MOST_COUNTED_SHARE = 0.6;
/** How many hits of all rare parts are looked up at most. If there are more, the index is asked for the whole phrase. */
const MOST_WITH_RARE_PARTS = 1200;
/** How many hits of the two rarest parts are looked up at most. If there are more, adding the other rare parts takes less time. */
const MOST_WITH_RAREST_PARTS = 60;
/** A part that a larger share of all customers has is left out, because reading its hits takes longer than it saves. */
const COMMON_SHARE = 0.2;
/** How many hits are looked up and sorted at most. If there are more, a walk in the order of the sort soon fills a page. */
const MOST_LOOKED_UP = 3000;

/** A part of the text as a phrase, and the share of all customers who have it. */
interface Part {
  readonly phrase: string;
  readonly share: number;
}

/** The queries for the index, the quickest first: the two rarest parts, then all rare parts. `most`: how many hits may be looked up. */
function toConjunctions(parts: readonly Part[]): { phrase: string; most: number }[] {
  const rare = parts.filter(({ share }, index) => index < 2 || share < COMMON_SHARE).map(({ phrase }) => phrase);
  if (rare.length < 2) return [];
  const all = { phrase: rare.join(" AND "), most: MOST_WITH_RARE_PARTS };
  return rare.length > 2 ? [{ phrase: rare.slice(0, 2).join(" AND "), most: MOST_WITH_RAREST_PARTS }, all] : [all];
}

export interface TextFinder {
  /** By the search index; undefined if no text is searched or the index is not the quickest way. */
  findByIndex(conditions: readonly Condition[], sort: Sort): Matches | undefined;
  /** By reading every text. All conditions must be searches. */
  findByReading(conditions: readonly Condition[], sort: Sort): Matches;
}

export function openTextFinder(prepare: Prepare, candidates: Candidates): TextFinder {
  const countText = (template: string, search: readonly Condition[]) =>
    prepare<number>(template, { conditions: allOf(search) })
      .pluck()
      .get(valuesOf(search)) ?? 0;

  /** The parts of a text, the rarest first. The share of a part is estimated from the range of ids that contains its first hits. */
  function sharesOf(trigrams: readonly string[]): Part[] {
    // A literal instead of a bound value takes a tenth less time.
    const share = prepare<{ found: number; last: number | null }>(phraseShareSql, { most: String(MOST_WITH_RARE_PARTS) });
    const parts = trigrams.map((phrase) => {
      const { found = 0, last = null } = share.get({ phrase }) ?? {};
      return { phrase, share: found < MOST_WITH_RARE_PARTS ? 0 : found / (last ?? found) };
    });
    return parts.sort((left, right) => left.share - right.share);
  }

  return {
    findByIndex(conditions, sort) {
      const search = conditions.filter((each) => each.search);
      const { phrase, trigrams = [], isExact } = search[0]?.search ?? {};
      if (phrase === undefined) return undefined;
      const checked = (): Matches => ({ total: candidates.check(conditions, sort), areCandidates: true });
      const areFew = (wanted: string, most: number) => candidates.collect(collectByIndexSql, {}, { phrase: wanted }, most) <= most;
      const parts = sharesOf(trigrams);
      if (toConjunctions(parts).some((each) => areFew(each.phrase, each.most))) return checked();
      // If even the rarest part is very common, so is the text as a rule.
      if ((parts[0]?.share ?? 0) > MOST_COUNTED_SHARE) return undefined;
      const mustBeChecked = !isExact || conditions.length > 1;
      if (areFew(phrase, mustBeChecked ? MOST_FOUND : MOST_LOOKED_UP)) return checked();
      if (mustBeChecked) return undefined;
      const found = prepare<number>(countByIndexSql).pluck().get({ phrase }) ?? 0;
      return { total: found - countText(countUnlistedSql, search), areCandidates: false };
    },
    findByReading(conditions, sort) {
      const holes = { conditions: allOf(conditions) };
      const found = candidates.collect(collectByTextSql, holes, valuesOf(conditions), MOST_LOOKED_UP);
      if (found <= MOST_LOOKED_UP) return { total: candidates.check(conditions, sort), areCandidates: true };
      const total = found + countText(countFurtherSql, conditions) - countText(countUnlistedSql, conditions);
      return { total, areCandidates: false };
    },
  };
}

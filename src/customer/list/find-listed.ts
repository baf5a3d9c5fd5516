// Who meets the conditions of a list, or how many do, without looking at a customer that need not be looked at?

import type { Sqlite } from "../../../db/connection.ts";
import type { Condition } from "./condition.ts";
import { countByTotals } from "./count-by-totals.ts";
import type { Prepare } from "./prepared.ts";

/** Only who has a first touch and is not erased is a customer. */
export const LISTED = "c.deleted_at IS NULL AND c.first_touch_at IS NOT NULL";
/** From so many finds on, reading every text in a row is quicker than looking up whom customer_search finds. */
const MOST_FOUND = 20_000;
/** … and from such a share of all on, quicker than counting them there. */
const MOST_COUNTED = 0.6;
/** Whoever has the rare parts of a text is looked up if they are no more, instead of comparing where they have all its parts. */
const MOST_RARE = 1200;
/** Of more who have the rarest two, looking at a further part takes less than looking them up. */
const MOST_RAREST = 60;
/** A part that a larger share of all have is left out: to look where it is takes longer than it saves. */
const COMMON = 0.2;
/** So many are looked up one by one to be put in order; of more, a page is soon full when all are gone through in order. */
const MOST_LOOKED_UP = 3000;
/** So many who meet the conditions are kept with their place, so that a page of them needs no second look at everybody. */
const MOST_KEPT = 10_000;

/** A part of a text, for customer_search, and what share of all have it. */
interface Part {
  readonly phrase: string;
  readonly share: number;
}

/** What finds whoever has several parts, and others: the rarest two, then all that are not common; each, up to how many are looked up. */
function toConjunctions(parts: readonly Part[]): { match: string; most: number }[] {
  const rare = parts.filter(({ share }, index) => index < 2 || share < COMMON).map(({ phrase }) => phrase);
  if (rare.length < 2) return [];
  const all = { match: rare.join(" AND "), most: MOST_RARE };
  return rare.length > 2 ? [{ match: rare.slice(0, 2).join(" AND "), most: MOST_RAREST }, all] : [all];
}

/** What is bound to the conditions. */
export const valuesOf = (conditions: readonly Condition[]): Record<string, string | number> =>
  Object.assign({}, ...conditions.map(({ values }) => values));
export const where = (conditions: readonly Condition[], of = LISTED): string => [of, ...conditions.map(({ sql }) => sql)].join(" AND ");

const MATCHING = "SELECT rowid, NULL FROM customer_search WHERE customer_search MATCH :phrase";

/** Where everybody is read in a row: from which index, in which order, and on from whom. */
export interface Row {
  readonly from: string;
  readonly order: string;
  readonly after: string;
}
const LAST = "(SELECT id FROM temp.found ORDER BY n DESC LIMIT 1)";
const BY_ID = { order: "c.id", after: `c.id > ${LAST}` };
/** Has every column that a filter looks at, but no text. */
const FILTERED: Row = {
  from: "customer AS c INDEXED BY customer_by_created_at",
  order: "c.created_at, c.id",
  after: `(c.created_at, c.id) > (SELECT created_at, id FROM customer WHERE id = ${LAST})`,
};
/** So does this one, of which only those between two first touches need to be read. */
const TOUCHED: Row = {
  from: "customer AS c INDEXED BY customer_first_touch",
  order: "c.first_touch_at, c.id",
  after: `(c.first_touch_at, c.id) > (SELECT first_touch_at, id FROM customer WHERE id = ${LAST})`,
};
const SEARCHED: Row = { from: "customer AS c INDEXED BY customer_text", ...BY_ID };
const WHOLE: Row = { from: "customer AS c NOT INDEXED", ...BY_ID };

/** The row in which those who meet the conditions are found soonest. */
export function rowOf(conditions: readonly Condition[]): Row {
  if (conditions.some(({ search }) => search)) return WHOLE;
  return conditions.some(({ boundsFirstTouch }) => boundsFirstTouch) ? TOUCHED : FILTERED;
}

export interface Found {
  readonly total: number;
  /** All of them are in temp.found, with what they are sorted by as `place`; null there: not one of them after all. */
  readonly isKept: boolean;
}

export interface Finding {
  /** How many customers there are. */
  countAll(): number;
  /** Among how many customers those who meet the conditions are found in a row, about. */
  countInRow(conditions: readonly Condition[]): number;
  /** How many customers meet the conditions. */
  count(conditions: readonly Condition[]): number;
  /** The same, and who they are if they are few; `by` is the expression that they are sorted by. */
  find(conditions: readonly Condition[], by: string): Found;
}

/** To be read when the ledger is fresh, and within one transaction. */
export function openFinding(sqlite: Sqlite, prepare: Prepare): Finding {
  sqlite.exec("CREATE TEMP TABLE IF NOT EXISTS found (n INTEGER PRIMARY KEY, id INTEGER NOT NULL, place INTEGER)");
  const forget = sqlite.prepare("DELETE FROM temp.found");

  const one = (sql: string, conditions: readonly Condition[]) => prepare(sql).pluck().get(valuesOf(conditions)) as number;
  /** Keeps what a select of ids and places gives, up to one more than `most`; gives how many those are. */
  const keep = (select: string, conditions: readonly Condition[], most: number) => {
    forget.run();
    return prepare(`INSERT INTO temp.found (id, place) ${select} LIMIT :most`).run({ ...valuesOf(conditions), most: most + 1 }).changes;
  };

  /** Of those kept by their text, who meets all conditions? */
  function judge(conditions: readonly Condition[], by: string): Found {
    prepare(`UPDATE temp.found SET place = (SELECT ${by} FROM customer AS c WHERE c.id = found.id AND ${where(conditions)})`).run(
      valuesOf(conditions),
    );
    return { total: one("SELECT count(place) FROM temp.found", []), isKept: true };
  }

  /** Who has the text, but is not listed. */
  const nobodies = (search: readonly Condition[]) =>
    one(
      `SELECT count(*) FROM customer AS c INDEXED BY customer_nobody WHERE ${where(search, "c.deleted_at IS NULL AND c.first_touch_at IS NULL")}`,
      search,
    );

  /** What share of all has each of these parts, the rarest first: told by how soon, in the order of ids, so many who have it are found. */
  function sharesOf(trigrams: readonly string[]): Part[] {
    const first = prepare(`SELECT count(*) AS found, max(rowid) AS last FROM (${MATCHING} LIMIT ${MOST_RARE})`);
    const parts = trigrams.map((phrase) => {
      const { found, last } = first.get({ phrase }) as { found: number; last: number | null };
      return { phrase, share: found < MOST_RARE ? 0 : found / (last ?? found) };
    });
    return parts.sort((left, right) => left.share - right.share);
  }

  /** By the index of texts; undefined: it would find too many. */
  function findIndexed(conditions: readonly Condition[], by: string): Found | undefined {
    const search = conditions.filter((each) => each.search);
    const { phrase, trigrams = [], isExact } = search[0]?.search ?? {};
    if (phrase === undefined) return undefined;
    const isFound = (match: string, most: number) => keep(MATCHING, [{ sql: "", values: { phrase: match } }], most) <= most;
    const parts = sharesOf(trigrams);
    if (toConjunctions(parts).some(({ match, most }) => isFound(match, most))) return judge(conditions, by);
    const isMoreAsked = !isExact || conditions.length > 1;
    if (isFound(phrase, isMoreAsked ? MOST_FOUND : MOST_LOOKED_UP)) return judge(conditions, by);
    if (isMoreAsked || (parts[0]?.share ?? 1) > MOST_COUNTED) return undefined;
    const total = prepare(`SELECT count(*) FROM (${MATCHING})`).pluck().get({ phrase }) as number;
    return { total: total - nobodies(search), isKept: false };
  }

  function countRow({ from }: Row, conditions: readonly Condition[], of = LISTED): number {
    return one(`SELECT count(*) FROM ${from} WHERE ${where(conditions, of)}`, conditions);
  }

  /** By every text in a row. Texts are not empty but for those who are erased. */
  function findSearched(conditions: readonly Condition[], by: string): Found {
    const { from, order, after } = SEARCHED;
    const select = `SELECT c.id, NULL FROM ${from} WHERE ${where(conditions, "TRUE")} ORDER BY ${order}`;
    const found = keep(select, conditions, MOST_LOOKED_UP);
    if (found <= MOST_LOOKED_UP) return judge(conditions, by);
    return { total: found + countRow(SEARCHED, conditions, after) - nobodies(conditions), isKept: false };
  }

  function findInRow(conditions: readonly Condition[], by: string): Found {
    const row = rowOf(conditions);
    const found = keep(`SELECT c.id, ${by} FROM ${row.from} WHERE ${where(conditions)} ORDER BY ${row.order}`, conditions, MOST_KEPT);
    if (found <= MOST_KEPT) return { total: found, isKept: true };
    return { total: found + countRow(row, conditions, `${LISTED} AND ${row.after}`), isKept: false };
  }

  const isOnlySearched = (conditions: readonly Condition[]) => conditions.every(({ search }) => search);

  function find(conditions: readonly Condition[], by: string): Found {
    const total = countByTotals(prepare, conditions, valuesOf(conditions));
    if (total !== undefined) return { total, isKept: false };
    return findIndexed(conditions, by) ?? (isOnlySearched(conditions) ? findSearched(conditions, by) : findInRow(conditions, by));
  }

  const countAll = () => countByTotals(prepare, [], {}) ?? 0;

  return {
    countAll,
    countInRow(conditions) {
      const bounds = rowOf(conditions) === TOUCHED ? conditions.filter(({ boundsFirstTouch }) => boundsFirstTouch) : [];
      return countByTotals(prepare, bounds, valuesOf(bounds)) ?? countAll();
    },
    count(conditions) {
      if (conditions.some(({ search }) => search)) return find(conditions, "c.created_at").total;
      return countByTotals(prepare, conditions, valuesOf(conditions)) ?? countRow(rowOf(conditions), conditions);
    },
    find,
  };
}

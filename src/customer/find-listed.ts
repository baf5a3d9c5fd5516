// Who meets the conditions of a list, or how many do, without looking at a customer that need not be looked at?
import type { Sqlite } from "../../db/open.ts";
import { countByTotals } from "./count-by-totals.ts";
import type { Condition } from "./filter.ts";
import type { Prepare } from "./prepared.ts";

/** Only who has a first touch and is not erased is a customer. */
export const LISTED = "c.deleted_at IS NULL AND c.first_touch_at IS NOT NULL";
/** From so many finds on, reading every text in a row is quicker than what customer_search finds. */
const MOST_FOUND = 20_000;
/** Whoever has a part of a text is looked up if they are no more, instead of comparing where they have all its parts. */
const MOST_RARE = 1200;
/** So many are looked up one by one to be put in order; of more, a page is soon full when all are gone through in order. */
const MOST_LOOKED_UP = 3000;
/** So many who meet the conditions are kept with their place, so that a page of them needs no second look at everybody. */
const MOST_KEPT = 10_000;

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
const SEARCHED: Row = { from: "customer AS c INDEXED BY customer_text", ...BY_ID };
const WHOLE: Row = { from: "customer AS c NOT INDEXED", ...BY_ID };

/** The row in which those who meet the conditions are found soonest. */
export function rowOf(conditions: readonly Condition[]): Row {
  return conditions.some(({ search }) => search) ? WHOLE : FILTERED;
}

export interface Found {
  readonly total: number;
  /** All of them are in temp.found, with what they are sorted by as `place`; null there: not one of them after all. */
  readonly isKept: boolean;
}

export interface Finding {
  /** How many customers there are. */
  countAll(): number;
  /** How many customers meet the conditions. */
  count(conditions: readonly Condition[]): number;
  /** The same, and who they are if they are few; `by` is the expression that they are sorted by. */
  find(conditions: readonly Condition[], by: string): Found;
}

/** To be read when the ledger is fresh, and within one transaction. */
export function openFinding(sqlite: Sqlite, prepare: Prepare): Finding {
  sqlite.exec("CREATE TEMP TABLE IF NOT EXISTS found (n INTEGER PRIMARY KEY, id INTEGER NOT NULL, place INTEGER)");
  const forget = sqlite.prepare("DELETE FROM temp.found");

  const one = (sql: string, conditions: readonly Condition[], more: Readonly<Record<string, number>> = {}) =>
    prepare(sql)
      .pluck()
      .get({ ...valuesOf(conditions), ...more }) as number;
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

  /** By the index of texts; undefined: it would find too many. */
  function findIndexed(conditions: readonly Condition[], by: string): Found | undefined {
    const search = conditions.filter((each) => each.search);
    const { phrases = [], isExact } = search[0]?.search ?? {};
    const isMoreAsked = !isExact || conditions.length > 1;
    for (const phrase of phrases) {
      const isWhole = phrase === phrases.at(-1);
      const most = isWhole ? (isMoreAsked ? MOST_FOUND : MOST_LOOKED_UP) : MOST_RARE;
      if (keep(MATCHING, [{ sql: "", values: { phrase } }], most) <= most) return judge(conditions, by);
      if (!isWhole || isMoreAsked) continue;
      const total = prepare(`SELECT count(*) FROM (${MATCHING} LIMIT :most)`)
        .pluck()
        .get({ phrase, most: MOST_FOUND + 1 }) as number;
      if (total <= MOST_FOUND) return { total: total - nobodies(search), isKept: false };
    }
    return undefined;
  }

  function countInRow({ from }: Row, conditions: readonly Condition[], of = LISTED): number {
    return one(`SELECT count(*) FROM ${from} WHERE ${where(conditions, of)}`, conditions);
  }

  /** By every text in a row. Texts are not empty but for those who are erased. */
  function findSearched(conditions: readonly Condition[], by: string): Found {
    const { from, order, after } = SEARCHED;
    const select = `SELECT c.id, NULL FROM ${from} WHERE ${where(conditions, "TRUE")} ORDER BY ${order}`;
    const found = keep(select, conditions, MOST_LOOKED_UP);
    if (found <= MOST_LOOKED_UP) return judge(conditions, by);
    return { total: found + countInRow(SEARCHED, conditions, after) - nobodies(conditions), isKept: false };
  }

  function findInRow(conditions: readonly Condition[], by: string): Found {
    const row = rowOf(conditions);
    const found = keep(`SELECT c.id, ${by} FROM ${row.from} WHERE ${where(conditions)} ORDER BY ${row.order}`, conditions, MOST_KEPT);
    if (found <= MOST_KEPT) return { total: found, isKept: true };
    return { total: found + countInRow(row, conditions, `${LISTED} AND ${row.after}`), isKept: false };
  }

  const isOnlySearched = (conditions: readonly Condition[]) => conditions.every(({ search }) => search);

  function find(conditions: readonly Condition[], by: string): Found {
    const total = countByTotals(prepare, conditions, valuesOf(conditions));
    if (total !== undefined) return { total, isKept: false };
    return findIndexed(conditions, by) ?? (isOnlySearched(conditions) ? findSearched(conditions, by) : findInRow(conditions, by));
  }

  return {
    countAll: () => countByTotals(prepare, [], {}) ?? 0,
    count(conditions) {
      if (conditions.some(({ search }) => search)) return find(conditions, "c.created_at").total;
      return countByTotals(prepare, conditions, valuesOf(conditions)) ?? countInRow(FILTERED, conditions);
    },
    find,
  };
}

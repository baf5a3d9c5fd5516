// Which customers are there, a page at a time, and how many?
import type { Statement } from "../../db/open.ts";
import type { Context } from "../context.ts";
import type { Condition } from "./filter.ts";
import { CUSTOMER_COLUMNS, type CustomerRow, toCustomerRow } from "./find-customer.ts";

/** What a list can be sorted by: the expression, as a whole number, of each. */
const SORTS = {
  createdAt: "c.created_at",
  firstTouchAt: "c.first_touch_at",
  lastSeenAt: "c.last_seen_at",
  ltv: "c.gross_minor - c.refunds_minor",
  sales: "c.sales",
} as const;
export type SortBy = keyof typeof SORTS;
export const SORT_NAMES = Object.keys(SORTS) as SortBy[];

/** The place after which a page begins: what its row was sorted by (as text: it can be wider than a double), and its id. */
export interface Place {
  value: string;
  id: number;
}

export interface Page {
  conditions: readonly Condition[];
  sortBy: SortBy;
  sortOrder: "asc" | "desc";
  limit: number;
  offset: number;
  after?: Place | undefined;
  /** How many customers meet the conditions. */
  total: number;
}

export interface CustomerList {
  /** The customers of a page (past the end, none), each with its place. */
  page(page: Page): { row: CustomerRow; place: Place }[];
  /** How many customers meet the conditions. */
  count(conditions: readonly Condition[]): number;
}

/** So many different questions are kept prepared. */
const MOST_PREPARED = 100;
/** What it costs to find one customer by an index of texts, against passing one in order. */
const FINDING_COST = 5;
/** Only who has a first touch and is not erased is a customer. */
const LISTED = "c.deleted_at IS NULL AND c.first_touch_at IS NOT NULL";

/** To be read when the ledger is fresh. */
export function openCustomerList({ database: { sqlite } }: Pick<Context, "database">): CustomerList {
  const prepared = new Map<string, Statement>();
  const countAll = sqlite
    .prepare(
      `SELECT coalesce(sum(customers), 0) - (SELECT count(*) FROM customer WHERE deleted_at IS NOT NULL AND +first_touch_at IS NOT NULL) FROM cohort_day`,
    )
    .pluck();

  /** The statement for a question; the text is made of our own fragments only, values are bound. */
  function prepare(sql: string): Statement {
    const statement = prepared.get(sql) ?? sqlite.prepare(sql);
    prepared.delete(sql);
    prepared.set(sql, statement);
    const oldest = prepared.keys().next().value;
    if (prepared.size > MOST_PREPARED && oldest !== undefined) prepared.delete(oldest);
    return statement;
  }

  const where = (conditions: readonly Condition[], narrowed: boolean) =>
    [LISTED, ...conditions.flatMap(({ sql, narrowing }) => (narrowed && narrowing ? [sql, narrowing] : [sql]))].join(" AND ");
  const valuesOf = (conditions: readonly Condition[]) =>
    Object.assign({}, ...conditions.map(({ values }) => values)) as Record<string, string | number>;

  return {
    page({ conditions, sortBy, sortOrder, limit, offset, after, total }) {
      // A page nearer to the end is read from the end, so that the last costs no more than the first.
      const fromEnd = after === undefined && offset > total / 2;
      const size = fromEnd ? Math.max(0, Math.min(limit, total - offset)) : limit;
      const skip = fromEnd ? Math.max(0, total - offset - size) : offset;
      const order = (sortOrder === "asc") !== fromEnd ? "asc" : "desc";
      const by = SORTS[sortBy];
      // Either all who meet the conditions are found and sorted, or all customers are gone through in order until the page is full.
      const narrowed = total * FINDING_COST < ((skip + size) * (countAll.get() as number)) / Math.max(total, 1);
      const beyond = after === undefined ? "" : `AND (${by}, c.id) ${order === "asc" ? ">" : "<"} (:afterValue, :afterId)`;
      const statement = prepare(
        `SELECT ${CUSTOMER_COLUMNS}, cast(${by} AS TEXT) AS place FROM customer AS c WHERE ${where(conditions, narrowed)} ${beyond}
         ORDER BY ${by} ${order}, c.id ${order} LIMIT :limit OFFSET :offset`,
      );
      const values = {
        ...valuesOf(conditions),
        limit: size,
        offset: skip,
        ...(after && { afterValue: BigInt(after.value), afterId: after.id }),
      };
      const rows = statement.all(values) as { id: number; place: string }[];
      if (fromEnd) rows.reverse();
      return rows.map((row) => ({ row: toCustomerRow(row), place: { value: row.place, id: row.id } }));
    },
    count(conditions) {
      if (conditions.length === 0) return countAll.get() as number;
      // Where no index leads to few, reading the whole table in a row is quicker than through any.
      const how = conditions.some(({ isSelective }) => isSelective) ? "" : "NOT INDEXED";
      return prepare(`SELECT count(*) AS n FROM customer AS c ${how} WHERE ${where(conditions, true)}`)
        .pluck()
        .get(valuesOf(conditions)) as number;
    },
  };
}

// Which customers are there, a page at a time, and how many?

import type { Sqlite } from "../../../db/connection.ts";
import { CUSTOMER_COLUMNS, type CustomerRow, toCustomerRow } from "../customer-row.ts";
import type { Condition } from "./condition.ts";
import { LISTED, openFinding, rowOf, valuesOf, where } from "./find-listed.ts";
import { openPrepared } from "./prepared.ts";

/** What a list can be sorted by: the expression, as a whole number, of each, and the index that is in its order. */
const SORTS = {
  createdAt: { by: "c.created_at", index: "customer_by_created_at" },
  firstTouchAt: { by: "c.first_touch_at", index: "customer_first_touch" },
  lastSeenAt: { by: "c.last_seen_at", index: "customer_by_last_seen_at" },
  ltv: { by: "c.gross_minor - c.refunds_minor", index: "customer_by_ltv" },
  sales: { by: "c.sales", index: "customer_by_sales" },
} as const;
export type SortBy = keyof typeof SORTS;
export const SORT_NAMES = Object.keys(SORTS) as SortBy[];

/** The place after which a page begins: what its row was sorted by (as text: it can be wider than a double), and its id. */
export interface Place {
  value: string;
  id: number;
}

export interface Question {
  conditions: readonly Condition[];
  sortBy: SortBy;
  sortOrder: "asc" | "desc";
  limit: number;
  offset: number;
  after?: Place | undefined;
}

export interface Listed {
  /** How many customers meet the conditions. */
  total: number;
  /** The customers of the page (past the end, none), each with its place. */
  customers: { row: CustomerRow; place: Place }[];
}

export interface CustomerList {
  list(question: Question): Listed;
  /** How many customers meet the conditions. */
  count(conditions: readonly Condition[]): number;
  /** How many customers there are. */
  countAll(): number;
}

/** What it takes, in time, to read a customer in a row, to look one up where those made one after another lie together or elsewhere, and to put one in order. */
const COST = { read: 1, lookUpNear: 4, lookUpFar: 40, sort: 12 };
/** A walk ends when it has gone past so many times more than would be expected, as when all who are asked for are at its far end. */
const PATIENCE = 4;
const LEAST_PASSED = 1000;

type Range = Pick<Question, "conditions" | "after"> & { sort: (typeof SORTS)[SortBy]; order: "asc" | "desc"; size: number; skip: number };

/** To be read when the ledger is fresh. */
export function openCustomerList(sqlite: Sqlite): CustomerList {
  const prepare = openPrepared(sqlite);
  const finding = openFinding(sqlite, prepare);

  /** The customers whom a select of ids gives, in the order of the range. */
  function read(select: string, { conditions, sort: { by }, order, size, skip, after }: Range, more: object = {}): Listed["customers"] {
    const statement = prepare(
      `SELECT ${CUSTOMER_COLUMNS}, cast(${by} AS TEXT) AS place FROM (${select} LIMIT :limit OFFSET :offset) AS p CROSS JOIN customer AS c ON c.id = p.id
       ORDER BY ${by} ${order}, c.id ${order}`,
    );
    const bound = { limit: size, offset: skip, ...(after && { afterValue: BigInt(after.value), afterId: after.id }) };
    const rows = statement.all({ ...valuesOf(conditions), ...bound, ...more }) as { id: number; place: string }[];
    return rows.map((row) => ({ row: toCustomerRow(row), place: { value: row.place, id: row.id } }));
  }

  const beyond = ({ after, order }: Range, by: string, id: string) =>
    after === undefined ? "TRUE" : `(${by}, ${id}) ${order === "asc" ? ">" : "<"} (:afterValue, :afterId)`;

  /** Of those who were found and kept. */
  function readKept(range: Range): Listed["customers"] {
    const { order } = range;
    const select = `SELECT f.id FROM temp.found AS f WHERE f.place IS NOT NULL AND ${beyond(range, "f.place", "f.id")} ORDER BY f.place ${order}, f.id ${order}`;
    return read(select, { ...range, conditions: [] });
  }

  /** All who meet the conditions are found and sorted. */
  function readSorted(range: Range): Listed["customers"] {
    const { by } = range.sort;
    const { from } = rowOf(range.conditions);
    const condition = `${where(range.conditions)} AND ${beyond(range, by, "c.id")}`;
    return read(`SELECT c.id FROM ${from} WHERE ${condition} ORDER BY ${by} ${range.order}, c.id ${range.order}`, range);
  }

  /** All customers are gone through in order until the page is full; undefined: it was not after `most` of them. */
  function readInOrder(range: Range, most: number): Listed["customers"] | undefined {
    const { conditions, sort, order, size } = range;
    const walk = `FROM customer AS c INDEXED BY ${sort.index} WHERE ${LISTED} AND ${beyond(range, sort.by, "c.id")}`;
    const sorted = `ORDER BY ${sort.by} ${order}, c.id ${order}`;
    const values = range.after && { afterValue: BigInt(range.after.value), afterId: range.after.id };
    const end = Number.isFinite(most)
      ? (prepare(`SELECT cast(${sort.by} AS TEXT) AS value, c.id ${walk} ${sorted} LIMIT 1 OFFSET :most`).get({ ...values, most }) as
          | Place
          | undefined)
      : undefined;
    const until = end ? `AND (${sort.by}, c.id) ${order === "asc" ? "<" : ">"} (:endValue, :endId)` : "";
    const select = `SELECT c.id ${walk} ${until} AND ${where(conditions, "TRUE")} ${sorted}`;
    const customers = read(select, range, end && { endValue: BigInt(end.value), endId: end.id });
    return end && customers.length < size ? undefined : customers;
  }

  function readRange(range: Range, total: number): Listed["customers"] {
    const { conditions, sort, size, skip } = range;
    if (conditions.length === 0) return readInOrder(range, Number.POSITIVE_INFINITY) ?? [];
    const everybody = finding.countAll();
    const passed = ((skip + size) * everybody) / Math.max(total, 1);
    const hasText = conditions.some(({ search }) => search);
    const isCovered = !hasText && (sort === SORTS.createdAt || conditions.every(({ isInEverySort }) => isInEverySort));
    const inRow = finding.countInRow(conditions);
    const sorted = inRow * COST.read + (skip + size > LEAST_PASSED ? total * COST.sort : 0);
    // Wherever they are in it: to go through an index that has all columns takes no longer than to read everybody in a row.
    const isWalked = sort === SORTS.firstTouchAt ? !hasText : isCovered && sorted >= everybody * COST.read;
    if (isWalked) return readInOrder(range, Number.POSITIVE_INFINITY) ?? [];
    // Who was first touched at the same time lies together in most orders, and so maybe far from where the walk begins.
    const lookUps = (sort === SORTS.createdAt ? COST.lookUpNear : COST.lookUpFar) * (inRow < everybody ? PATIENCE : 1);
    if (passed * lookUps > sorted) return readSorted(range);
    return readInOrder(range, Math.ceil(PATIENCE * passed) + LEAST_PASSED) ?? readSorted(range);
  }

  function list({ conditions, sortBy, sortOrder, limit, offset, after }: Question): Listed {
    const sort = SORTS[sortBy];
    const { total, isKept } = finding.find(conditions, sort.by);
    // A page nearer to the end is read from the end, so that the last costs no more than the first.
    const isFromEnd = after === undefined && offset > total / 2;
    const size = isFromEnd ? Math.max(0, Math.min(limit, total - offset)) : limit;
    const skip = isFromEnd ? Math.max(0, total - offset - size) : offset;
    if (size === 0) return { total, customers: [] };
    const order = (sortOrder === "asc") !== isFromEnd ? "asc" : "desc";
    const range: Range = { conditions, after, sort, order, size, skip };
    const customers = isKept ? readKept(range) : readRange(range, total);
    return { total, customers: isFromEnd ? customers.reverse() : customers };
  }

  return {
    list: (question) => sqlite.transaction(() => list(question))(),
    count: (conditions) => sqlite.transaction(() => finding.count(conditions))(),
    countAll: finding.countAll,
  };
}

// How are the customers of a page read, once their number and the quickest way are known?
import { CUSTOMER_COLUMNS, type CustomerRow, type StoredCustomerRow, toCustomerRow } from "../customer-row.ts";
import { allOf, type Condition, type Values, valuesOf } from "./condition.ts";
import type { Holes, Prepare } from "./prepared.ts";
import { chooseScan } from "./scan.ts";
import { bindPosition, type CursorPosition, type Direction, isBeyond, isUpTo, opposite, orderBy, type Sort, sortValue } from "./sort.ts";
import pageBySortingSql from "./sql/page-by-sorting.sql" with { type: "text" };
import pageInOrderSql from "./sql/page-in-order.sql" with { type: "text" };
import pageOfCandidatesSql from "./sql/page-of-candidates.sql" with { type: "text" };
import walkEndSql from "./sql/walk-end.sql" with { type: "text" };

/** A customer of a page, with the position for a cursor after them. */
export interface PageRow {
  row: CustomerRow;
  position: CursorPosition;
}

/** Which part of the order is read. */
export interface PageRange {
  readonly conditions: readonly Condition[];
  readonly sort: Sort;
  readonly direction: Direction;
  /** The number of customers on the page, and of matches before it. */
  readonly size: number;
  readonly skip: number;
  /** Only customers after this position are read. */
  readonly after?: CursorPosition | undefined;
}

/** Those of a stretch of the order who meet the conditions, and where it ends; undefined: at the end of the order. */
export interface Stretch {
  readonly customers: PageRow[];
  readonly end: CursorPosition | undefined;
}

export interface PageReader {
  /** Reads the page from the checked candidates. */
  readCandidates(range: PageRange): PageRow[];
  /** Finds all customers who meet the conditions, and sorts them. */
  readBySorting(range: PageRange): PageRow[];
  /** Walks through all customers in the order of the sort; undefined if the page is not full after `most` of them. */
  readInOrder(range: PageRange, most: number): PageRow[] | undefined;
  /** Walks past the next `size` customers in the order of the sort, whether they meet the conditions or not. */
  readStretch(range: Omit<PageRange, "skip">): Stretch;
}

export function openPageReader(prepare: Prepare): PageReader {
  function read(template: string, holes: Holes, values: Values, range: PageRange, end?: CursorPosition): PageRow[] {
    const statement = prepare<StoredCustomerRow & { sortValue: string }>(template, { columns: CUSTOMER_COLUMNS, ...holes });
    const positions = { ...bindPosition("after", range.after), ...bindPosition("end", end) };
    const rows = statement.all({ ...values, ...positions, limit: range.size, offset: range.skip });
    return rows.map((row) => ({ row: toCustomerRow(row), position: { value: row.sortValue, id: row.id } }));
  }

  const orderOf = ({ direction, after }: PageRange): Holes => ({
    order: orderBy(direction),
    after: after ? isBeyond("after", direction) : "TRUE",
  });

  return {
    readCandidates: (range) => read(pageOfCandidatesSql, orderOf(range), {}, range),
    readBySorting(range) {
      const { conditions, sort } = range;
      const holes = { ...orderOf(range), sort: sortValue(sort), index: chooseScan(conditions).index, conditions: allOf(conditions) };
      return read(pageBySortingSql, holes, valuesOf(conditions), range);
    },
    readInOrder(range, most) {
      const { conditions, sort, direction, size, after } = range;
      const walk = { ...orderOf(range), sort: sortValue(sort), index: `INDEXED BY ${sort.index}` };
      const end = Number.isFinite(most)
        ? prepare<CursorPosition>(walkEndSql, walk).get({ ...bindPosition("after", after), most })
        : undefined;
      const until = end ? isBeyond("end", opposite(direction)) : "TRUE";
      const rows = read(pageInOrderSql, { ...walk, until, conditions: allOf(conditions) }, valuesOf(conditions), range, end);
      return end && rows.length < size ? undefined : rows;
    },
    readStretch(range) {
      const { conditions, sort, direction, size, after } = range;
      const walk = { ...orderOf({ ...range, skip: 0 }), sort: sortValue(sort), index: `INDEXED BY ${sort.index}` };
      const end = prepare<CursorPosition>(walkEndSql, walk).get({ ...bindPosition("after", after), most: size - 1 });
      const holes = { ...walk, until: end ? isUpTo("end", direction) : "TRUE", conditions: allOf(conditions) };
      return { customers: read(pageInOrderSql, holes, valuesOf(conditions), { ...range, skip: 0 }, end), end };
    },
  };
}

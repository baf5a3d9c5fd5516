// Which customers are there, a page at a time, and how many?
import type { Context } from "../context.ts";
import { fold } from "../ledger/profile.ts";
import { CUSTOMER_COLUMNS, type CustomerRow, toCustomerRow } from "./find-customer.ts";

export interface Page {
  page: number; // from 1
  limit: number;
  sortOrder: "asc" | "desc"; // by createdAt, then id
  search?: string | undefined;
}

export interface CustomerList {
  /** The customers of a page; past the end, none. */
  page(page: Page): CustomerRow[];
  /** How many customers there are, or match `search`. */
  count(search?: string): number;
}

/** To be read when the ledger is fresh: only who has a first touch and is not erased is a customer. */
export function openCustomerList({ database: { sqlite } }: Pick<Context, "database">): CustomerList {
  const listed = `c.deleted_at IS NULL AND c.first_touch_at IS NOT NULL`;
  const found = `instr(c.search_text, :search) > 0`;
  const ordered = (direction: string) => `ORDER BY c.created_at ${direction}, c.id ${direction} LIMIT :limit OFFSET :offset`;
  const all = {
    asc: sqlite.prepare(`SELECT ${CUSTOMER_COLUMNS} FROM customer AS c WHERE ${listed} ${ordered("ASC")}`),
    desc: sqlite.prepare(`SELECT ${CUSTOMER_COLUMNS} FROM customer AS c WHERE ${listed} ${ordered("DESC")}`),
  };
  const matching = {
    asc: sqlite.prepare(`SELECT ${CUSTOMER_COLUMNS} FROM customer AS c WHERE ${listed} AND ${found} ${ordered("ASC")}`),
    desc: sqlite.prepare(`SELECT ${CUSTOMER_COLUMNS} FROM customer AS c WHERE ${listed} AND ${found} ${ordered("DESC")}`),
  };
  const countAll = sqlite
    .prepare(
      `SELECT coalesce(sum(customers), 0) - (SELECT count(*) FROM customer WHERE deleted_at IS NOT NULL AND first_touch_at IS NOT NULL) FROM cohort_day`,
    )
    .pluck();
  const countMatching = sqlite.prepare(`SELECT count(*) FROM customer AS c WHERE ${listed} AND ${found}`).pluck();

  return {
    page({ page, limit, sortOrder, search }) {
      const bounds = { limit, offset: (page - 1) * limit };
      const rows = search === undefined ? all[sortOrder].all(bounds) : matching[sortOrder].all({ ...bounds, search: fold(search) });
      return rows.map(toCustomerRow);
    },
    count: (search) => (search === undefined ? countAll.get() : countMatching.get({ search: fold(search) })) as number,
  };
}

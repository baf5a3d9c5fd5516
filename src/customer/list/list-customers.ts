// How is a page of customers read, and how are they counted? A list request becomes SQL in these steps:
//
//   request      the query parameters                                           routes, lists.ts (on which thread)
//   conditions   SQL on `customer AS c` with bound values                       filter.ts
//   matches      how many, and who if they are few                              find-matches.ts
//                  totals of the reports → search index → text scan → filter scan
//   strategy     walk an index in order, or sort those who meet the conditions  choose-strategy.ts
//   page         candidates | walk | sort                                       read-page.ts, sql/page-….sql
//
// Each step fills the holes of a template, a whole statement in sql/ (prepared.ts).
import type { Sqlite } from "../../../db/connection.ts";
import { openCandidates } from "./candidates.ts";
import { chooseStrategy, WALK_TO_THE_END } from "./choose-strategy.ts";
import type { Condition } from "./condition.ts";
import { openMatchFinder } from "./find-matches.ts";
import { openPrepared } from "./prepared.ts";
import { openPageReader, type PageRange, type PageRow } from "./read-page.ts";
import { type CursorPosition, type Direction, opposite, SORTS, type SortBy } from "./sort.ts";

export interface ListRequest {
  conditions: readonly Condition[];
  sortBy: SortBy;
  sortOrder: Direction;
  limit: number;
  offset: number;
  /** The page begins after this position. */
  after?: CursorPosition | undefined;
}

export interface ListPage {
  /** The number of customers who meet the conditions. */
  total: number;
  /** The customers of the page; none after the last page. */
  customers: PageRow[];
}

export interface CustomerList {
  list(request: ListRequest): ListPage;
  /** The number of customers who meet the conditions. */
  count(conditions: readonly Condition[]): number;
  /** The number of all customers. */
  countAll(): number;
}

/** The ledger must be fresh when these are called. */
export function openCustomerList(sqlite: Sqlite): CustomerList {
  const prepare = openPrepared(sqlite);
  const finder = openMatchFinder(prepare, openCandidates(sqlite, prepare));
  const reader = openPageReader(prepare);

  function readRange(range: PageRange, total: number): PageRow[] {
    const { conditions, sort, size, skip } = range;
    const strategy =
      conditions.length === 0
        ? WALK_TO_THE_END
        : chooseStrategy({
            conditions,
            sort,
            reach: skip + size,
            total,
            everybody: finder.countAll(),
            scanned: finder.countScanned(conditions),
          });
    return (strategy.by === "walk" ? reader.readInOrder(range, strategy.most) : undefined) ?? reader.readBySorting(range);
  }

  function list({ conditions, sortBy, sortOrder, limit, offset, after }: ListRequest): ListPage {
    const sort = SORTS[sortBy];
    const { total, areCandidates } = finder.find(conditions, sort);
    // A page in the second half is read from the end, so that the last page costs no more than the first.
    const isFromEnd = after === undefined && offset > total / 2;
    const size = isFromEnd ? Math.max(0, Math.min(limit, total - offset)) : limit;
    const skip = isFromEnd ? Math.max(0, total - offset - size) : offset;
    if (size === 0) return { total, customers: [] };
    const direction = isFromEnd ? opposite(sortOrder) : sortOrder;
    const range: PageRange = { conditions, after, sort, direction, size, skip };
    const customers = areCandidates ? reader.readCandidates(range) : readRange(range, total);
    return { total, customers: isFromEnd ? customers.reverse() : customers };
  }

  return {
    list: (request) => sqlite.transaction(() => list(request))(),
    count: (conditions) => sqlite.transaction(() => finder.count(conditions))(),
    countAll: finder.countAll,
  };
}

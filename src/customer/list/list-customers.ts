// How is a page of customers read, and how are they counted? A list request becomes SQL in these steps:
//
//   request      the query parameters                                      routes.ts, lists.ts (on which thread: list-thread.ts runs this too)
//   conditions   SQL on `customer AS c` with bound values                  filter.ts, first-touch-, sale-period-, search-condition.ts
//   known        a number that was counted before, if nobody has written since (known-totals.ts)
//   matches      how many, and who if they are few, by the first that can tell (find-matches.ts):
//                  the totals of the reports                               count-by-totals.ts, count-by-totals.sql, count-by-curves.sql
//                  or the search index                                     find-by-text.ts, phrase-share.sql, collect-by-search-index.sql
//                  or reading every text, or every customer in a range     find-by-text.ts, scan.ts, collect-by-text.sql, collect-by-filters.sql
//   candidates   few matches are collected, checked and counted            candidates.ts, check-candidates.sql, count-candidates.sql
//   strategy     of many: walk an index in order, or sort them             choose-strategy.ts
//   page         of candidates, of a walk, or of a sort                    read-page.ts, page-….sql
//   file         CSV has the whole list, which is read stretch by stretch    csv.ts, read-page.ts, walk-end.sql, page-in-order.sql
//
// For `search=ann`, if few match: phrase-share, collect-by-search-index, check-candidates, count-candidates, page-of-candidates.
// The .sql files are templates, whole statements whose holes are filled by the steps that run them (prepared.ts).
import type { Sqlite } from "../../../db/connection.ts";
import { type Matches, openCandidates } from "./candidates.ts";
import { chooseStrategy, WALK_TO_THE_END } from "./choose-strategy.ts";
import type { Condition } from "./condition.ts";
import { openMatchFinder } from "./find-matches.ts";
import { openKnownTotals } from "./known-totals.ts";
import { openPrepared } from "./prepared.ts";
import { openPageReader, type PageRange, type PageRow, type Stretch } from "./read-page.ts";
import { type CursorPosition, type Direction, opposite, SORTS, type Sort, type SortBy } from "./sort.ts";

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

/** Asks for those who meet the conditions among the next `size` customers after a position. */
export type StretchRequest = Pick<ListRequest, "conditions" | "sortBy" | "sortOrder" | "after"> & { size: number };

export interface CustomerList {
  list(request: ListRequest): ListPage;
  /** A stretch of a list that is read whole. It takes the same time however few meet the conditions. */
  stretch(request: StretchRequest): Stretch;
  /** The number of customers who meet the conditions. */
  count(conditions: readonly Condition[]): number;
  /** The number of all customers. */
  countAll(): number;
}

/** The ledger must be fresh when these are called. `version` changes with every write, if it is known. */
export function openCustomerList(sqlite: Sqlite, version: () => number | undefined = () => undefined): CustomerList {
  const prepare = openPrepared(sqlite);
  const finder = openMatchFinder(prepare, openCandidates(sqlite, prepare));
  const reader = openPageReader(prepare);
  const known = openKnownTotals(version);

  /** The matches. If they were many before and nobody has written since, they are not counted again. */
  function findMatches(conditions: readonly Condition[], sort: Sort): Matches {
    const total = known.find(conditions);
    if (total !== undefined) return { total, areCandidates: false };
    const matches = finder.find(conditions, sort);
    if (!matches.areCandidates) known.keep(conditions, matches.total);
    return matches;
  }

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
    const { total, areCandidates } = findMatches(conditions, sort);
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
    stretch: ({ sortBy, sortOrder, ...request }) =>
      sqlite.transaction(() => reader.readStretch({ ...request, sort: SORTS[sortBy], direction: sortOrder }))(),
    count: (conditions) => sqlite.transaction(() => known.find(conditions) ?? finder.count(conditions))(),
    countAll: finder.countAll,
  };
}

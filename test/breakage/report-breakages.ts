// Which rules of revenue over time and of CSV might a careless change break? Each is an edit that a test must notice.
import type { Breakage } from "./breakage.ts";

export const REPORT_BREAKAGES: readonly Breakage[] = [
  {
    section: 3,
    what: "attribution lists a sale without a rate by the days of its refunds",
    file: "src/report/attribution/totals-unconverted.sql",
    find: "WHERE sale_day BETWEEN",
    replace: "WHERE entry_day BETWEEN",
    tests: ["test/report/attribution/totals.test.ts", "-t", "without a rate"],
  },
  {
    section: undefined,
    what: "all keys of an attribution are ranked in one turn",
    file: "src/report/attribution/ranked.ts",
    find: "if (seen % KEYS_A_TURN === 0) await",
    replace: "if (seen < 0) await",
    tests: ["test/report/attribution/ranked.test.ts", "-t", "meanwhile"],
  },
  {
    section: 7,
    what: "a first sale goes by arrival, not by log order",
    file: "src/ledger/recompute-cells.sql",
    find: "PARTITION BY e.customer_id, e.type ORDER BY e.at, e.key) = 1 AS is_first_sale",
    replace: "PARTITION BY e.customer_id, e.type ORDER BY e.id) = 1 AS is_first_sale",
    tests: ["test/report/revenue"],
  },
  {
    section: 7,
    what: "a range of revenue takes the whole of the day within which it begins",
    file: "src/report/revenue/revenue-by-day.sql",
    find: "CROSS JOIN entry INDEXED BY entry_money ON at >= from_at AND at < to_at",
    replace: "CROSS JOIN entry INDEXED BY entry_money ON at >= from_at - 43200000 AND at < to_at",
    tests: ["test/report/revenue"],
  },
  {
    section: undefined,
    what: "a URL that was answered in JSON is answered so again, whatever is accepted",
    file: "src/http/snapshots.ts",
    find: ' || isCsvWanted(undefined, asked.header("accept"))',
    replace: "",
    tests: ["test/http/csv.test.ts"],
  },
];

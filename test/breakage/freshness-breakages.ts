// Which rules of freshness and of lists might a careless change break? Each is an edit that a test must notice.
import type { Breakage } from "./breakage.ts";

export const FRESHNESS_BREAKAGES: readonly Breakage[] = [
  {
    section: undefined,
    what: "a kept report is used although something has changed",
    file: "src/http/snapshots.ts",
    find: "customerId !== undefined || since.changes === changes ||",
    replace: "true ||",
    tests: ["test/http/freshness.test.ts"],
  },
  {
    section: undefined,
    what: "a report that lacks entries is kept",
    file: "src/http/snapshots.ts",
    find: "if (behind === undefined && isCurrent(created)) keep(created);",
    replace: "if (isCurrent(created)) keep(created);",
    tests: ["test/http/freshness.test.ts"],
  },
  {
    section: undefined,
    what: "an answer says that it is newer than it is",
    file: "src/ledger/stale.ts",
    find: "marked_at = CASE WHEN s.due_at = 0 THEN s.marked_at ELSE excluded.marked_at END",
    replace: "marked_at = excluded.marked_at",
    tests: ["test/http/freshness.test.ts"],
  },
  {
    section: undefined,
    what: "arrays are taken however much is left to derive",
    file: "src/ledger/ledger.ts",
    find: "while (await retryWhileBusy(makeRoom)) await pause();",
    replace: "await pause();",
    tests: ["test/http/freshness.test.ts"],
  },
  {
    section: undefined,
    what: "a number of matches is remembered although somebody has written",
    file: "src/customer/list/known-totals.ts",
    find: "if (next !== current) known.clear();",
    replace: "",
    tests: ["test/customer/known-totals.test.ts"],
  },
  {
    section: undefined,
    what: "who never bought counts as one who has not bought for long",
    file: "src/customer/list/filter.ts",
    find: "} >= 0 AND $",
    replace: "} >= -2 AND $",
    tests: ["test/customer/list.test.ts", "-t", "combined filters"],
  },
];

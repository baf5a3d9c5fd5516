// Which rules keep what one caller does from delaying the others? Each is an edit that a test must notice.
import type { Breakage } from "./breakage.ts";

export const LOAD_BREAKAGES: readonly Breakage[] = [
  {
    section: undefined,
    what: "a backup makes erasures wait until it is done",
    file: "src/ops/backup/back-up-elsewhere.ts",
    find: "if (begun <= MOST_BEGUN_ANEW && database.isSweepHeldUp())",
    replace: "if (begun > 99)",
    tests: ["test/ops/backup/backup.test.ts", "-t", "gives way"],
  },
  {
    section: undefined,
    what: "a body of 440,000 fields is parsed",
    file: "src/http/json-cost.ts",
    find: "if (parts > most.parts)",
    replace: "if (parts > 1e9)",
    tests: ["test/http/json-cost.test.ts"],
  },
  {
    section: undefined,
    what: "an array that was interrupted is stored again from its beginning",
    file: "src/http/idempotency.ts",
    find: "store(attempt, work(results))",
    replace: "store(attempt, work([]))",
    tests: ["test/intake/batch.test.ts"],
  },
  {
    section: undefined,
    what: "a conversion key tells whether a conversion is known",
    file: "src/intake/conversion-routes.ts",
    find: "if (!key?.isForConversions) return",
    replace: "if (key !== undefined) return",
    tests: ["test/http/key.test.ts"],
  },
  {
    section: 5,
    what: "of very many conversions of a click, only the first ones follow it",
    file: "src/ledger/pending-follow.ts",
    find: "if (rest !== undefined) note.run(kind, value, fromId ?? 0, rest);",
    replace: "",
    tests: ["test/ledger/bounded.test.ts"],
  },
  {
    section: 3,
    what: "the rest of a sale's refunds is not revalued",
    file: "src/ledger/sale.ts",
    find: "if (rest) pending.note(saleKey, rest);",
    replace: "if (rest) pending.end(saleKey);",
    tests: ["test/ledger/bounded.test.ts"],
  },
  {
    section: 3,
    what: "a customer is shown without a rate that is acknowledged",
    file: "src/ledger/ledger.ts",
    find: "if (revaluations.isPending() && !database.sqlite.inTransaction) revalueOf(id);",
    replace: "",
    tests: ["test/ledger/bounded.test.ts"],
  },
  {
    section: undefined,
    what: "a write waits for revaluations that are undone with it",
    file: "src/ledger/ledger.ts",
    find: "if (revaluations.isPending() && !database.sqlite.inTransaction) revalueOf(id);",
    replace: "if (revaluations.isPending()) revalueOf(id);",
    tests: ["test/ledger/bounded.test.ts"],
  },
];

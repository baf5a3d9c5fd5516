// Which rules keep what one customer or name has very many of from delaying the others? Each is an edit that a test must notice.
import type { Breakage } from "./breakage.ts";

const section = undefined;
const ERASURE = ["test/customer/large-erasure.test.ts", "-t", "very many names"] as const;
const BOUNDED = ["test/ledger/bounded.test.ts"] as const;

export const BOUND_BREAKAGES: readonly Breakage[] = [
  {
    section,
    what: "all names of an erased customer are released within one write",
    file: "src/customer/finish-erasure.ts",
    find: "forgetSome(item.customerId, atOnce)",
    replace: "forgetSome(item.customerId, 1e9)",
    tests: ERASURE,
  },
  {
    section: 10,
    what: "a name of somebody who is being erased leads to them",
    file: "src/ledger/claim.ts",
    find: "if (row === undefined || row.forgottenBy === null) return row;",
    replace: "return row;",
    tests: ERASURE,
  },
  {
    section: 10,
    what: "a name that is taken over while its owner is being erased is forgotten about",
    file: "src/ledger/claim.ts",
    find: "    noteReleased.run({ kind, value, erasedId });\n",
    replace: "",
    tests: ["test/customer/large-erasure.test.ts"],
  },
  {
    section: 10,
    what: "the profile updates of an erased customer stay as they were told",
    file: "src/customer/finish-erasure.ts",
    find: "          stripTold.run(ids);\n",
    replace: "",
    tests: ["test/customer/large-erasure.test.ts"],
  },
  {
    section,
    what: "all profile updates that say a name are gone through within one write",
    file: "src/ledger/named-rows.ts",
    find: "const nextUpdates = openNextUpdates(sqlite, atOnce);",
    replace: "const nextUpdates = openNextUpdates(sqlite, 100_000);",
    tests: BOUNDED,
  },
  {
    section,
    what: "a trial goes through every row of an alias within one write",
    file: "src/customer/update-profile.ts",
    find: "const MOST_ROWS = 250;",
    replace: "const MOST_ROWS = 1_000_000;",
    tests: BOUNDED,
  },
  {
    section,
    what: "whoever looks for a creation reads all profile updates of the customer",
    file: "db/migrations/0030_short_erasure.sql",
    find: "CREATE INDEX profile_update_creation ON profile_update (customer_id, at) WHERE is_creation;",
    replace: "CREATE INDEX profile_update_creation ON profile_update (at) WHERE is_creation;",
    tests: BOUNDED,
  },
  {
    section,
    what: "somebody who was told very many times is recomputed while requests wait",
    file: "src/ledger/large-customers.ts",
    find: "SELECT 1 FROM profile_update WHERE customer_id = :customerId",
    replace: "SELECT 1 FROM profile_update WHERE false AND customer_id = :customerId",
    tests: ["test/ledger/large-customers.test.ts"],
  },
  {
    section,
    what: "a piece of an activity ends after a sale whose touches are in the next one",
    file: "src/credit/activity.ts",
    find: "(sales[last - 1]?.touchesUpTo ?? 0) > touches) last--;",
    replace: "last < 0) last--;",
    tests: ["test/credit/activity.test.ts"],
  },
  {
    section,
    what: "the history of a customer with 500 entries is read for reports while requests wait",
    file: "src/report/embedded-engine.ts",
    find: "const MANY_ENTRIES = 500;",
    replace: "const MANY_ENTRIES = 5000;",
    tests: ["test/report/beside.test.ts"],
  },
  {
    section,
    what: "the attribution of very many keys is read while requests wait",
    file: "src/report/embedded-engine.ts",
    find: "const MANY_KEYS = 1000;",
    replace: "const MANY_KEYS = 100_000;",
    tests: ["test/report/beside.test.ts"],
  },
  {
    section,
    what: "a start leaves what an earlier run had no time for until somebody asks",
    file: "src/ledger/ledger.ts",
    find: 'if (derives === "soon") background.schedule();',
    replace: 'if (derives === "soon" && hasSteps()) background.schedule();',
    tests: ["test/ledger/background.test.ts"],
  },
];

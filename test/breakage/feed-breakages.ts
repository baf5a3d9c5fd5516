// Which rules of the feed of changes might a careless change break?
import type { Breakage } from "./breakage.ts";

const CHANGES = ["test/feed/changes.test.ts"] as const;
const FOLLOWERS = ["test/feed/followers.test.ts"] as const;
const MIGRATION = "db/migrations/0017_changes.sql";

export const FEED_BREAKAGES: readonly Breakage[] = [
  {
    section: undefined,
    what: "an entry that gets another owner is not told",
    file: MIGRATION,
    find: "WHEN old.customer_id IS NOT new.customer_id OR old.status",
    replace: "WHEN old.status",
    tests: CHANGES,
  },
  {
    section: undefined,
    what: "an erasure is not told",
    file: MIGRATION,
    find: "INSERT INTO change (type, id) VALUES (5, new.id);",
    replace: "SELECT 1;",
    tests: CHANGES,
  },
  {
    section: undefined,
    what: "a customer without anything is told as updated, not as merged",
    file: "src/ledger/tell-customers.sql",
    find: "THEN 4",
    replace: "THEN 3",
    tests: CHANGES,
  },
  {
    section: undefined,
    what: "names are given to whoever reads changes",
    file: "src/feed/routes.ts",
    find: 'key?.scopes.has("links:read") === true',
    replace: "key !== undefined",
    tests: CHANGES,
  },
  {
    section: undefined,
    what: "a customer to whom nothing belongs is given",
    file: "src/feed/told.ts",
    find: "if (row === undefined || row.firstTouchAt === null) return null;",
    replace: "if (row === undefined) return null;",
    tests: CHANGES,
  },
  {
    section: undefined,
    what: "an erased customer is given",
    file: "src/feed/told.ts",
    find: "FROM customer AS c WHERE c.id = ? AND c.deleted_at IS NULL`",
    replace: "FROM customer AS c WHERE c.id = ?`",
    tests: CHANGES,
  },
  {
    section: undefined,
    what: "changes that a follower lacks are dropped",
    file: "src/feed/prune.ts",
    find: "...followers.list().map(({ seq }) => seq)",
    replace: "...followers.list().map(() => Number.MAX_SAFE_INTEGER)",
    tests: FOLLOWERS,
  },
  {
    section: undefined,
    what: "the newest change is dropped, so that its number is given again",
    file: "db/change.ts",
    find: " AND seq < (SELECT max(seq) FROM change) ORDER",
    replace: " ORDER",
    tests: FOLLOWERS,
  },
  {
    section: undefined,
    what: "an answer goes on silently after changes that were dropped",
    file: "src/feed/routes.ts",
    find: "if (after >= oldest - 1 && after <= newest) return;",
    replace: "if (after <= newest) return;",
    tests: FOLLOWERS,
  },
  {
    section: undefined,
    what: "a restored backup gives the numbers of lost changes again",
    file: "src/ops/backup/adopt-copy.ts",
    find: "    leapAhead(database.sqlite);\n",
    replace: "",
    tests: FOLLOWERS,
  },
  {
    section: undefined,
    what: "wide amounts are rounded for followers",
    file: "src/feed/stored-row.ts",
    find: "Number.isSafeInteger(Number(value)) ? Number(value) : String(value)",
    replace: "Number(value)",
    tests: FOLLOWERS,
  },
];

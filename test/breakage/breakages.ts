// Which rules of the definitions might a careless change break? Each is an edit that a test must notice.

export interface Breakage {
  /** The section of the definitions; undefined: a rule of the code. */
  readonly section: number | undefined;
  readonly what: string;
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** The tests that must fail: arguments of `bun test`. */
  readonly tests: readonly string[];
}

const SMALL_WORLD = ["test/golden.test.ts", "-t", "small world"] as const;

export const BREAKAGES: readonly Breakage[] = [
  {
    section: 1,
    what: "a replay of other content is taken for the same",
    file: "src/intake/record.ts",
    find: "if (details.length > 0)",
    replace: "if (details.length > 99)",
    tests: SMALL_WORLD,
  },
  {
    section: 2,
    what: "a plain date as end means its beginning",
    file: "src/report/range.ts",
    find: "calendar.startOfDay(lastDay + 1)",
    replace: "calendar.startOfDay(lastDay)",
    tests: SMALL_WORLD,
  },
  {
    section: 3,
    what: "money is cut off, not rounded half away from zero",
    file: "src/value/money.ts",
    find: "(2n * top + bottom) / (2n * bottom)",
    replace: "top / bottom",
    tests: SMALL_WORLD,
  },
  {
    section: 4,
    what: "a pending sale counts",
    file: "src/ledger/sale.ts",
    find: `setStatus === "approved" || setStatus === "refunded"`,
    replace: `setStatus !== "rejected" && setStatus !== "fraud"`,
    tests: SMALL_WORLD,
  },
  {
    section: 5,
    what: "emails are compared with case",
    file: "src/intake/parse-entry.ts",
    find: "input.email?.trim().toLowerCase()",
    replace: "input.email?.trim()",
    tests: SMALL_WORLD,
  },
  {
    section: 6,
    what: "utm_source comes before the source that was sent",
    file: "src/intake/origin.ts",
    find: `source: source ?? utm("utm_source")`,
    replace: `source: utm("utm_source") ?? source`,
    tests: SMALL_WORLD,
  },
  {
    section: 7,
    what: "a repeat customer is one with three sales",
    file: "src/ledger/working-tables.sql",
    find: "sales > 1         AS repeat_customers",
    replace: "sales > 2         AS repeat_customers",
    tests: SMALL_WORLD,
  },
  {
    section: 8,
    what: "an anniversary that a short month lacks runs over into the next",
    file: "src/value/calendar.ts",
    find: "Math.min(day - firstDayOf(month), lengthOf(month + k) - 1)",
    replace: "day - firstDayOf(month)",
    tests: SMALL_WORLD,
  },
  {
    section: 9,
    what: "the window does not take in its oldest instant",
    file: "src/report/attribution/credit.ts",
    find: "(clickedAt[from] as number) < at - windowDays * DAY",
    replace: "(clickedAt[from] as number) <= at - windowDays * DAY",
    tests: SMALL_WORLD,
  },
  {
    section: 10,
    what: "an erased externalId still leads to somebody",
    file: "src/customer/erase-customer.ts",
    find: "    deleteExternalIds.run(id);\n",
    replace: "",
    tests: SMALL_WORLD,
  },
  {
    section: 1,
    what: "what comes in the same instant goes by arrival",
    file: "src/ledger/recompute-customer.sql",
    find: "ORDER BY at, type, key LIMIT 1)\n",
    replace: "ORDER BY at LIMIT 1)\n",
    tests: SMALL_WORLD,
  },
  {
    section: 4,
    what: "refunds take more than is left",
    file: "src/ledger/sale.ts",
    find: "applied = applied + requested < value ? applied + requested : value;",
    replace: "applied = applied + requested;",
    tests: SMALL_WORLD,
  },
  {
    section: 5,
    what: "a visitor is known by names only, not by the clicks of named entries",
    file: "src/ledger/identity.ts",
    find: "const known = byNameOrClick(entry);",
    replace: "const known = byName(entry);",
    tests: SMALL_WORLD,
  },
  {
    section: 10,
    what: "the clickIds of the erased can be taken over",
    file: "src/ledger/claim.ts",
    find: "      keepPinned.run(customerId);\n      putPinned.run(customerId);\n",
    replace: "",
    tests: ["test/ledger/erasure.test.ts"],
  },
  {
    section: undefined,
    what: "a journey outlives the write that changed it",
    file: "src/app/workspace.ts",
    find: "onTouched: (ids) => snapshots.forgetCustomer(ids),",
    replace: "",
    tests: ["test/http/snapshots.test.ts", "test/story.test.ts"],
  },
  {
    section: undefined,
    what: "later entries are added to a month as if it had been empty",
    file: "src/ledger/increment-cells.sql",
    find: "AND m.active_month)",
    replace: "AND m.active_month AND 0)",
    tests: ["test/ledger/append.test.ts"],
  },
  {
    section: undefined,
    what: "a trigger that somebody added runs",
    file: "db/database.ts",
    find: "  if (options.alone) refuseForeignObjects(sqlite, path, functions, done);\n",
    replace: "",
    tests: ["test/db/start.test.ts"],
  },
  {
    section: undefined,
    what: "a trigger is known by its name, whatever it does",
    file: "db/foreign-objects.ts",
    find: 'type === "trigger" || type === "view" ? (sql ?? "").replaceAll(/\\s+/g, " ") : ""',
    replace: '""',
    tests: ["test/db/start.test.ts"],
  },
  {
    section: undefined,
    what: "a backup with another's trigger is restored",
    file: "src/app/restore.ts",
    find: "refuseForeignObjects(backup, file, sqlFunctions(openCalendar(timezone)), done);",
    replace: "",
    tests: ["test/ops/backup/restore.test.ts"],
  },
  {
    section: undefined,
    what: "expired Idempotency-Keys stay until somebody deletes them",
    file: "src/http/idempotency.ts",
    find: "  waitFor(everyMs);\n",
    replace: "",
    tests: ["test/http/idempotency.test.ts"],
  },
  {
    section: undefined,
    what: "Idempotency-Keys are hashed without the secret",
    file: "src/http/idempotency.ts",
    find: "keyHash: secret.hash(",
    replace: "keyHash: String(",
    tests: ["test/http/idempotency.test.ts"],
  },
  {
    section: undefined,
    what: "the key of an entry without one is a plain hash of its content",
    file: "src/intake/key.ts",
    find: "return secret.hash(digested).slice(0, DIGEST_LENGTH);",
    replace: "return digested;",
    tests: ["test/drill/quick.test.ts", "-t", "guessing"],
  },
  {
    section: undefined,
    what: "the database grows as large as the disk, whatever MAX_DATABASE_BYTES says",
    file: "src/http/route.ts",
    find: "    options.ceiling?.(endpoint, context.key);\n",
    replace: "",
    tests: ["test/http/ceiling.test.ts"],
  },
  {
    section: undefined,
    what: "the thread of the lists could write",
    file: "db/connection.ts",
    find: "connect(path, { readonly: true, mustExist: true, busyMs })",
    replace: "connect(path, { mustExist: true, busyMs })",
    tests: ["test/db/reader.test.ts"],
  },
];

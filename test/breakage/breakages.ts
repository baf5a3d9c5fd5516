// Which rules of the definitions would a careless change break? Each as an edit that a test must notice.

export interface Breakage {
  /** Of the definitions; undefined: a rule of the house. */
  readonly section: number | undefined;
  readonly what: string;
  readonly file: string;
  /** Stands once in the file. */
  readonly find: string;
  readonly replace: string;
  /** What must fail: arguments of `bun test`. */
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
    file: "src/intake/understand.ts",
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
    find: "    dropNames.run(id);\n",
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
    find: "taken = taken + asked < value ? taken + asked : value;",
    replace: "taken = taken + asked;",
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
    find: "refuseForeignObjects(backup, file, sqlFunctions(openCalendar(timezone)), findPending(backup, file).done)",
    replace: "findPending(backup, file)",
    tests: ["test/ops/backup/restore.test.ts"],
  },
  {
    section: undefined,
    what: "a semicolon begins a new CSV cell",
    file: "src/cli/export/csv.ts",
    find: '/[",;\\r\\n]/',
    replace: '/[",\\r\\n]/',
    tests: ["test/cli/csv.test.ts"],
  },
  {
    section: 10,
    what: "a refund of another's sale is left out of the export of whom it names",
    file: "src/customer/person-entries.sql",
    find: "entry.type = 4 AND entry.declared_customer_id IS NULL",
    replace: "entry.type = 4 AND 0",
    tests: ["test/customer/person-export.test.ts"],
  },
  {
    section: undefined,
    what: "files are made through links",
    file: "db/private-file.ts",
    find: 'openSync(path, "wx", MODE)',
    replace: 'openSync(path, "w", MODE)',
    tests: ["test/db/private-file.test.ts"],
  },
  {
    section: undefined,
    what: "a link at the name of a file of the workspace is followed",
    file: "db/private-file.ts",
    find: "lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()",
    replace: "false",
    tests: ["test/db/private-file.test.ts"],
  },
  {
    section: undefined,
    what: "a backup deletes what is in the way of its copy",
    file: "db/backup.ts",
    find: "if (taken !== undefined)",
    replace: "if (taken === null)",
    tests: ["test/db/private-file.test.ts"],
  },
];

// Which rules make an import in bulk the same as one line by line? Each is an edit that a test must notice.
import type { Breakage } from "./breakage.ts";

const tests = ["test/cli/bulk-import.test.ts"];
const stopTests = ["test/cli/bulk-stop.test.ts"];

export const BULK_BREAKAGES: readonly Breakage[] = [
  {
    section: 5,
    what: "in bulk, a refund does not go with its sale",
    file: "src/ledger/load/owners-by-click.sql",
    find: "WHERE entry.type = 4 AND s.type = 2",
    replace: "WHERE entry.type = 9 AND s.type = 2",
    tests,
  },
  {
    section: 4,
    what: "in bulk, refunds are not taken off their sales",
    file: "src/ledger/load/derive.ts",
    find: "        sales.revalue(key);\n",
    replace: "",
    tests,
  },
  {
    section: 1,
    what: "in bulk, an entry with the key of another is stored instead of it",
    file: "src/intake/record.ts",
    find: "ON CONFLICT DO NOTHING`",
    replace: "ON CONFLICT DO UPDATE SET value = excluded.value`",
    tests,
  },
  {
    section: 5,
    what: "entries with aliases are imported in bulk",
    file: "src/cli/import/bulk.ts",
    find: "(aliases != null && !(Array.isArray(aliases) && aliases.length === 0))",
    replace: "(aliases != null && !Array.isArray(aliases))",
    tests,
  },
  {
    section: undefined,
    what: "a bulk import leaves indexes out",
    file: "src/ledger/load/indexes.ts",
    find: "for (const { sql } of dropped) restored.exec(sql);",
    replace: "for (const { sql } of dropped.slice(1)) restored.exec(sql);",
    tests,
  },
  {
    section: undefined,
    what: "others can write to the empty database while a bulk import replaces it",
    file: "src/app/load.ts",
    find: `sqlite.pragma("locking_mode = EXCLUSIVE");`,
    replace: "",
    tests: stopTests,
  },
  {
    section: undefined,
    what: "a command that waited for a bulk import writes to the database that was replaced",
    file: "src/app/load.ts",
    find: `sqlite.exec("DROP TABLE migration");`,
    replace: "",
    tests: stopTests,
  },
  {
    section: undefined,
    what: "a bulk import replaces a database that has entries",
    file: "src/app/load.ts",
    find: "    .every((table) => sqlite.prepare",
    replace: "    .slice(0, 0).every((table) => sqlite.prepare",
    tests: stopTests,
  },
  {
    section: undefined,
    what: "the copy that a killed bulk import left stays",
    file: "src/cli/import/bulk.ts",
    find: "  removeLeftOfLoad(config.databasePath);\n",
    replace: "",
    tests: stopTests,
  },
  {
    section: undefined,
    what: "a server that starts leaves the copy of a killed bulk import",
    file: "src/app/workspace.ts",
    find: "if (options.alone) removeDatabaseFiles(loadingCopyOf(config.databasePath));",
    replace: "",
    tests: stopTests,
  },
  {
    section: undefined,
    what: "the customers of a bulk import are not of the import",
    file: "src/cli/import/bulk.ts",
    find: `if (typeof last === "number") openWays(sqlite)`,
    replace: `if (typeof last === "string") openWays(sqlite)`,
    tests: ["test/cli/bulk-import.test.ts", "-t", "an email alone"],
  },
  {
    section: undefined,
    what: "a journal of the empty database stays beside the one that takes its place",
    file: "src/app/load.ts",
    find: "-journal`, { force: true });",
    replace: "-none`, { force: true });",
    tests: stopTests,
  },
];

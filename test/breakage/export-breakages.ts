// Which rules of an exported workspace might a careless change break?
import type { Breakage } from "./breakage.ts";

export const EXPORT_BREAKAGES: readonly Breakage[] = [
  {
    section: undefined,
    what: "an exported workspace loses the keys that were made",
    file: "src/cli/export/workspace.ts",
    find: "key: hasOwnKey(row) ? null : row.key,",
    replace: "key: null,",
    tests: ["test/cli/workspace-export.test.ts"],
  },
  {
    section: undefined,
    what: "an exported workspace forgets whom an externalId meant",
    file: "src/cli/export/workspace.ts",
    find: "customer: customer ?? null,",
    replace: "customer: null,",
    tests: ["test/cli/workspace-export.test.ts"],
  },
  {
    section: undefined,
    what: "an exported workspace loses the statuses that were set later",
    file: "src/cli/export/workspace.ts",
    find: "  yield* statusPages(context);\n",
    replace: "",
    tests: ["test/cli/workspace-export.test.ts"],
  },
  {
    section: undefined,
    what: "an imported profile update counts from the time of the import",
    file: "src/customer/update-profile.ts",
    find: "const telling = { calledAt, at, email, isSaid, creation",
    replace: "const telling = { calledAt: now(), at: now(), email, isSaid, creation",
    tests: ["test/cli/workspace-export.test.ts"],
  },
];

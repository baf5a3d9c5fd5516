// Which rules of an exported workspace might a careless change break?
import type { Breakage } from "./breakage.ts";

export const EXPORT_BREAKAGES: readonly Breakage[] = [
  {
    section: undefined,
    what: "a refund that is wider than a double is not exported as it was sent",
    file: "src/cli/export/entries.ts",
    find: "} AS TEXT)`",
    replace: "} AS REAL)`",
    tests: ["test/intake/pending-refund.test.ts"],
  },
  {
    section: undefined,
    what: "a refund that is wider than a double is not listed as it was sent",
    file: "src/intake/pending-refunds.sql",
    find: "cast(refund.value AS TEXT)",
    replace: "cast(cast(refund.value AS REAL) AS INTEGER)",
    tests: ["test/intake/pending-refund.test.ts"],
  },
  {
    section: undefined,
    what: "an action of a workflow is named by a tag, which can be moved",
    file: ".github/workflows/release.yml",
    find: "actions/attest-build-provenance@e8998f949152b193b063cb0ec769d69d929409be",
    replace: "actions/attest-build-provenance@v2",
    tests: ["test/release/release.test.ts"],
  },
  {
    section: undefined,
    what: "the job that builds a release may write",
    file: ".github/workflows/release.yml",
    find: "    permissions:\n      contents: read\n",
    replace: "    permissions:\n      contents: write\n",
    tests: ["test/release/release.test.ts"],
  },
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

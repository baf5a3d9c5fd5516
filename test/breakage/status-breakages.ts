// Which rules of statuses and of refunds with a status might a careless change break?
import type { Breakage } from "./breakage.ts";

const STATUSES = ["test/intake/status.test.ts"] as const;

export const STATUS_BREAKAGES: readonly Breakage[] = [
  {
    section: 4,
    what: "at one instant pending goes before approved",
    file: "src/ledger/status.ts",
    find: "WHEN 'approved' THEN 2 ELSE 3 END",
    replace: "WHEN 'approved' THEN 3 ELSE 2 END",
    tests: ["test/intake/status.test.ts"],
  },
  {
    section: 4,
    what: "a status that is older than the entry counts",
    file: "src/ledger/status.ts",
    find: "type = ? AND key = ? AND at >= ? ORDER BY",
    replace: "type = ? AND key = ? AND at >= min(0, ?) ORDER BY",
    tests: ["test/law.test.ts", "-t", "the server answers as the oracle does$"],
  },
  {
    section: 4,
    what: "a PATCH without an instant does not count after what was said for later",
    file: "src/intake/status.ts",
    find: "Math.max(now(), ledger.statuses.newestAt(row) + 1)",
    replace: "now()",
    tests: STATUSES,
  },
  {
    section: 4,
    what: "a rejected refund takes its value",
    file: "src/ledger/sale.ts",
    find: `  if (setStatus === "rejected") return undefined;\n`,
    replace: "",
    tests: STATUSES,
  },
  {
    section: 4,
    what: "what is refused is judged over rejected refunds too",
    file: "src/intake/record.ts",
    find: " AND set_status <> 'rejected'",
    replace: "",
    tests: ["test/ledger/refund-total.test.ts"],
  },
  {
    section: 4,
    what: "a status does not wait for its entry",
    file: "src/intake/record.ts",
    find: "ledger.statuses.statusOf({ type, key, at, sentStatus: draft.status })",
    replace: "draft.status",
    tests: STATUSES,
  },
  {
    section: undefined,
    what: "a rebuild keeps statuses as they are stored",
    file: "src/ledger/rebuild.ts",
    find: "        if (type !== CLICK) setStatus.run({ id, status: statuses.statusOf(row) });\n",
    replace: "",
    tests: STATUSES,
  },
  {
    section: undefined,
    what: "the key of a refund without one changes, because refunds have a status now",
    file: "src/intake/key.ts",
    find: `draft.type === REFUND && status === "approved" ? null : status`,
    replace: "status",
    tests: ["test/intake/key.test.ts"],
  },
];

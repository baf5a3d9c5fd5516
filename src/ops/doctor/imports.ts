// Did the imports end well? One that was cut, or whose undo was, should be finished.

import type { Sqlite } from "../../../db/connection.ts";
import type { importTable } from "../../../db/import-schema.ts";
import { toIso } from "../../value/instant.ts";
import { type Finding, fine, warning } from "./finding.ts";

type Row = Pick<typeof importTable.$inferSelect, "id" | "name" | "state" | "isSpooled" | "problem" | "createdAt">;

/** How long a failed import is worth a warning, and how long one may take. */
const RECENT_MS = 7 * 86_400_000;
const LONG_MS = 86_400_000;

/** Checks the newest imports. `now`: milliseconds since 1970 UTC. */
export function lookAtImports(sqlite: Sqlite, now: number): Finding {
  const rows = sqlite
    .prepare<[], Row>(
      "SELECT id, name, state, is_spooled AS isSpooled, problem, created_at AS createdAt FROM import ORDER BY id DESC LIMIT 100",
    )
    .all();
  const isOld = ({ createdAt }: Row) => createdAt <= now - LONG_MS;
  const undoing = rows.find((row) => row.state === "undoing" && isOld(row));
  if (undoing) return warning("imports", `import ${undoing.id} is only partly undone`, `run \`regulars imports undo ${undoing.id}\``);
  const cut = rows.find((row) => row.state === "writing" && isOld(row));
  if (cut)
    return warning(
      "imports",
      `import ${cut.id} (${cut.name}) was cut before the end of its file`,
      `import the same file again, or run \`regulars imports undo ${cut.id}\``,
    );
  const failed = rows.find(({ state, createdAt }) => state === "failed" && createdAt > now - RECENT_MS);
  if (failed)
    return warning(
      "imports",
      `import ${failed.id} (${failed.name}) has failed: ${failed.problem ?? ""}`,
      "correct the file, and import it again",
    );
  const [last] = rows;
  return fine("imports", last ? `the last one is of ${toIso(last.createdAt)} (${last.state})` : "there were none");
}

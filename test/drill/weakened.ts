// Would a drill notice if a guard were missing? The server without some guards, for negative controls: `weakened.ts NORMAL no-sweep …`.
import { createHash } from "node:crypto";
import type { Database } from "../../db/database.ts";
import { serve } from "../../src/app/server.ts";
import { openWorkspace } from "../../src/app/workspace.ts";
import { readConfig } from "../../src/host/config.ts";

/** The guards that can be removed. */
const WEAKENING: Readonly<Record<string, (database: Database) => void>> = {
  /** Commits are not synced. */
  NORMAL: ({ sqlite }) => void sqlite.pragma("synchronous = NORMAL"),
  /** Deleted data stays in the free space of the file. */
  "keep-deleted": ({ sqlite }) => void sqlite.pragma("secure_delete = OFF"),
  /** The journal is not emptied, nor the file swept. */
  "no-sweep": (database) => void Object.assign(database, { sweep: () => Promise.resolve(true) }),
  /** Whoever knows what was hashed can hash it again. */
  "plain-hash": ({ secret }) =>
    void Object.assign(secret, { hash: (text: string) => createHash("sha256").update(text).digest("base64url") }),
};

/** The whole log of a customer with very many entries is read at once, while requests wait. */
const LARGE_AT_ONCE = "large-at-once";

const names = process.argv.slice(2);
const context = await openWorkspace(readConfig(process.env), {
  derives: "soon",
  ...(names.includes(LARGE_AT_ONCE) && { largeFrom: Number.MAX_SAFE_INTEGER }),
});
for (const name of names) {
  if (name === LARGE_AT_ONCE) continue;
  const weaken = WEAKENING[name];
  if (!weaken) throw new Error(`There is no such weakening: ${name}`);
  weaken(context.database);
}
const server = serve(context);
console.log(`  Docs  ${server.url}/docs`);
process.on("SIGTERM", () => void server.stop().then(() => process.exit(0)));

// Is the database intact, of this version, up to date, and safe to write to? It is checked without being changed.
import { statSync } from "node:fs";
import { connectReader, type Sqlite, setUp } from "../../../db/connection.ts";
import { findForeignObjects } from "../../../db/foreign-objects.ts";
import { inspectFile } from "../../../db/inspect.ts";
import { findPending } from "../../../db/migrate.ts";
import { openSecret, secretOf } from "../../../db/secret.ts";
import { journalBytes } from "../../../db/size.ts";
import { RESTORE, toUnusable } from "../../../db/unusable.ts";
import type { Config } from "../../host/config.ts";
import { sqlFunctions } from "../../ledger/sql-functions.ts";
import { openStale } from "../../ledger/stale.ts";
import { openCalendar } from "../../value/calendar.ts";
import { toIso } from "../../value/instant.ts";
import { lookAtEndpoints } from "./endpoints.ts";
import { lookAtFeed } from "./feed.ts";
import { type Finding, failure, fine, toSize, warning } from "./finding.ts";
import { lookAtImports } from "./imports.ts";
import { lookAtWebhooks } from "./webhooks.ts";

/** Larger databases are not checked completely, because it takes long. */
const MOST_CHECKED_BYTES = 2e9;
/** The share of MAX_DATABASE_BYTES from which on the doctor warns. */
const NEARLY_FULL = 0.8;
const LARGE_JOURNAL_BYTES = 256e6;

/**
 * Checks the database of the settings, without changing it. An error in a check becomes a finding. `now` is in milliseconds since 1970 UTC.
 */
export function lookAtDatabase(config: Config, now: number): Finding[] {
  const { databasePath: path } = config;
  if (path === ":memory:") return [warning("database", "the database is in memory", "set DATABASE_PATH to a file to keep the data")];
  try {
    if (!inspectFile(path)) return [warning("database", `${path} does not exist yet`, "start the server, which creates it")];
  } catch (error) {
    return [toFinding("database", error, path)];
  }
  let sqlite: Sqlite | undefined;
  try {
    sqlite = connectReader(path);
    const open = sqlite;
    const looks: readonly [subject: string, look: () => Finding][] = [
      ["migrations", () => lookAtMigrations(open, path)],
      ["schema", () => lookAtSchema(open, config)],
      ["database", () => lookAtContent(open, path)],
      ["pragmas", () => lookAtPragmas(open)],
      ["journal", () => lookAtJournal(path)],
      ["size", () => lookAtSize(config)],
      ["derived", () => lookAtDerived(open, config, now)],
      ["secret", () => lookAtSecret(open, path)],
      ["keys", () => lookAtKeys(open, config, now)],
      ["feed", () => lookAtFeed(open)],
      ["endpoints", () => lookAtEndpoints(open, config, now)],
      ["webhooks", () => lookAtWebhooks(open, config, now)],
      ["imports", () => lookAtImports(open, now)],
    ];
    return looks.map(([subject, look]) => attempt(subject, look, path));
  } catch (error) {
    return [toFinding("database", error, path)];
  } finally {
    sqlite?.close();
  }
}

function attempt(subject: string, look: () => Finding, path: string): Finding {
  try {
    return look();
  } catch (error) {
    return toFinding(subject, error, path);
  }
}

function toFinding(subject: string, error: unknown, path: string): Finding {
  const known = toUnusable(error, path);
  return { level: "fail", subject, text: known instanceof Error ? known.message : "unknown" };
}

function lookAtMigrations(sqlite: Sqlite, path: string): Finding {
  const { last, pending } = findPending(sqlite, path);
  if (pending.length === 0) return fine("migrations", `up to date (${last})`);
  const names = pending.map(({ name }) => name).join(", ");
  return warning("migrations", `not yet run: ${names}`, "restart the server, which copies the database and then runs them");
}

function lookAtSchema(sqlite: Sqlite, { databasePath, timezone }: Config): Finding {
  const foreign = findForeignObjects(sqlite, sqlFunctions(openCalendar(timezone)), findPending(sqlite, databasePath).done);
  if (foreign.length === 0) return fine("schema", "it has exactly the tables, indexes and triggers of its migrations");
  return failure(
    "schema",
    `it contains objects that regulars did not create: ${foreign.join(", ")}`,
    "drop them, or restore an earlier backup",
  );
}

function lookAtSecret(sqlite: Sqlite, path: string): Finding {
  const file = secretOf(path);
  const state = openSecret(sqlite, path).state();
  if (state !== "lost") return fine("secret", state === "kept" ? `${file} belongs to this database` : "it is not in use yet");
  return warning(
    "secret",
    `${file} is missing, or does not belong to this database`,
    "put the original file back: without it, entries that were sent without a key, and requests with an Idempotency-Key, are not recognized when they are sent again",
  );
}

function lookAtContent(sqlite: Sqlite, path: string): Finding {
  const { size } = statSync(path);
  if (size > MOST_CHECKED_BYTES)
    return fine("database", `${path}, ${toSize(size)}: too large to check here; \`regulars verify\` checks it`);
  const problem = sqlite.pragma("quick_check(1)", { simple: true });
  if (problem !== "ok") return failure("database", `${path} is damaged (${String(problem)})`, RESTORE);
  return fine("database", `${path}, ${toSize(size)}, is intact`);
}

function lookAtPragmas(sqlite: Sqlite): Finding {
  const mode = sqlite.pragma("journal_mode", { simple: true });
  if (mode !== "wal") return warning("pragmas", `journal_mode is ${String(mode)}`, "restart the server, which sets WAL");
  setUp(sqlite, {});
  const names = ["journal_mode", "synchronous", "secure_delete", "foreign_keys"];
  return fine("pragmas", names.map((name) => `${name} ${String(sqlite.pragma(name, { simple: true }))}`).join(", "));
}

function lookAtJournal(path: string): Finding {
  const size = journalBytes(path);
  if (size > LARGE_JOURNAL_BYTES)
    return warning(
      "journal",
      `the journal takes ${toSize(size)}`,
      "end programs that read the database for a long time, then restart the server",
    );
  return fine("journal", toSize(size));
}

function lookAtSize({ databasePath: path, maxDatabaseBytes: most }: Config): Finding {
  const size = statSync(path).size + journalBytes(path);
  if (most === 0) return fine("size", `${toSize(size)}; without MAX_DATABASE_BYTES it may fill the disk`);
  const said = `${toSize(size)}, which is ${Math.floor((size / most) * 100)} % of MAX_DATABASE_BYTES`;
  const remedy = "raise it, or find out who sends so much with `GET /metrics` and revoke their key";
  if (size > most) return failure("size", `${said}, so entries of publishable keys are refused`, remedy);
  return size > NEARLY_FULL * most ? warning("size", said, remedy) : fine("size", said);
}

function lookAtDerived(sqlite: Sqlite, { timezone, currency, databasePath }: Config, now: number): Finding {
  const isMigrated = findPending(sqlite, databasePath).pending.length === 0;
  const read = sqlite.prepare("SELECT value FROM setting WHERE name = ?").pluck();
  const changed = Object.entries({ timezone, currency }).filter(([name, wanted]) => {
    const kept = read.get(name);
    return kept !== undefined && kept !== wanted;
  });
  if (changed.length > 0) {
    const said = changed
      .map(([name, wanted]) => `${name.toUpperCase()} is ${wanted}, but the database was computed with ${String(read.get(name))}`)
      .join("; ");
    return warning(
      "derived",
      said,
      "set the former value, or the next start recomputes everything (a new CURRENCY is refused if there are sales)",
    );
  }
  const waiting = Number(sqlite.prepare("SELECT count(*) FROM stale WHERE due_at <= ?").pluck().get(now));
  const customers = Number(sqlite.prepare("SELECT count(*) FROM customer").pluck().get());
  const said = `${waiting} of ${customers} customers are waiting to be recomputed${isMigrated ? sinceWhen(sqlite, now) : ""}`;
  if (waiting > Math.max(1000, customers / 10)) return warning("derived", said, "start the server, or run `regulars rebuild`");
  return fine("derived", `${said}; \`regulars verify\` compares every number`);
}

/** How far the reports are behind. */
function sinceWhen(sqlite: Sqlite, now: number): string {
  const behind = openStale({ sqlite }).behind(now);
  return behind === undefined ? "" : `: the reports lack ${behind.entries} changes, the oldest since ${toIso(behind.asOfAt)}`;
}

function lookAtKeys(sqlite: Sqlite, { adminKey }: Config, now: number): Finding {
  const live = Number(
    sqlite.prepare("SELECT count(*) FROM api_key WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)").pluck().get(now),
  );
  const all = Number(sqlite.prepare("SELECT count(*) FROM api_key").pluck().get());
  if (live === 0 && adminKey === undefined && all > 0)
    return failure("keys", "no key is valid", "create one with `regulars keys create --scope …`");
  if (all === 0 && adminKey === undefined)
    return fine("keys", "there are none yet; the first start of the server creates one and prints it");
  return fine("keys", `${live} of ${all} are valid${adminKey === undefined ? "" : ", and ADMIN_KEY"}`);
}

// How is something recognized that a copy of the database must not reveal? By a hash with a secret, which is in a file beside the database
// and in no backup. Without the secret, nobody who guesses a value can check the guess against a copy.
import { createHmac, randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, linkSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import type { Sqlite } from "./connection.ts";
import { openNewFile } from "./private-file.ts";
import { syncFolderOf } from "./sync.ts";
import { Unusable } from "./unusable.ts";

const BYTES = 32;
/** The "secret" of databases in memory. They leave no copies, and the same text gets the same hash in each of them. */
const IN_MEMORY = "in-memory";
const TEXT = /^[\w-]{43}$/;
/** The setting that shows whether the secret is still the one that the stored hashes were made with. */
const CHECK = "secret_check";

export interface Secret {
  /** HMAC-SHA-256 of a text with the secret, as base64url. The first call creates the secret if there is none. Throws Unusable. */
  hash(text: string): string;
  /**
   * `kept`: the secret is the one that the stored hashes were made with. `lost`: it is missing or another one, so the next hash uses a new
   * one, and what was hashed before is not recognized. `unused`: nothing was hashed yet. Throws Unusable.
   */
  state(): "unused" | "kept" | "lost";
}

/** The path of the secret of the database at `path`. */
export const secretOf = (path: string) => `${path}.secret`;

/** Opens the secret beside the database at `path`; undefined: a database in memory. */
export function openSecret(sqlite: Sqlite, path: string | undefined): Secret {
  let secret: string | undefined;
  const hashWith = (key: string, text: string) => createHmac("sha256", key).update(text).digest("base64url");
  const storedCheck = () => sqlite.prepare<[string], string>("SELECT value FROM setting WHERE name = ?").pluck().get(CHECK);

  function ensure(): string {
    if (secret !== undefined) return secret;
    const found = path === undefined ? IN_MEMORY : (readSecret(path) ?? createSecret(path));
    const check = hashWith(found, CHECK);
    if (storedCheck() !== check) sqlite.prepare("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)").run(CHECK, check);
    secret = found;
    return found;
  }

  return {
    hash: (text) => hashWith(ensure(), text),
    state() {
      const check = storedCheck();
      if (check === undefined) return "unused";
      const found = path === undefined ? IN_MEMORY : readSecret(path);
      return found !== undefined && hashWith(found, CHECK) === check ? "kept" : "lost";
    },
  };
}

/** The secret of the database at `path`; undefined if there is none yet. Throws Unusable. */
export function readSecret(path: string): string | undefined {
  const file = secretOf(path);
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, "utf8").trim();
  if (!TEXT.test(text))
    throw new Unusable(
      `${file} does not hold the secret of this database`,
      "put back the file that was there, or delete it to make a new one",
    );
  return text;
}

/** Makes this the secret of the database at `path`, which is a copy of another. Throws Unusable if it is no secret. */
export function replaceSecret(path: string, secret: string): void {
  if (!TEXT.test(secret)) throw new Unusable("The primary's secret is not one", "update regulars on both machines");
  const temporary = `${secretOf(path)}.${randomBytes(6).toString("hex")}`;
  writeSecret(temporary, secret);
  renameSync(temporary, secretOf(path));
  syncFolderOf(path);
}

function writeSecret(file: string, secret: string): void {
  const descriptor = openNewFile(file);
  try {
    writeSync(descriptor, `${secret}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Writes a new secret, whole and synced before anything is hashed with it. If two processes create one, the first wins. */
function createSecret(path: string): string {
  const temporary = `${secretOf(path)}.${randomBytes(6).toString("hex")}`;
  writeSecret(temporary, randomBytes(BYTES).toString("base64url"));
  try {
    linkSync(temporary, secretOf(path));
  } catch (error) {
    if (!existsSync(secretOf(path))) throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  syncFolderOf(path);
  const secret = readSecret(path);
  if (secret === undefined) throw new Unusable(`${secretOf(path)} cannot be made`, "check the permissions of its folder");
  return secret;
}

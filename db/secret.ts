// How is something recognised that a copy of the database must not tell? By a hash with a secret, which is in a file beside the database
// and in no backup. Without it, nobody can find out from a copy whether a guess at a person is right.
import { createHmac, randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, linkSync, readFileSync, rmSync, writeSync } from "node:fs";
import type { Sqlite } from "./connection.ts";
import { openNewFile } from "./private-file.ts";
import { syncFolderOf } from "./sync.ts";
import { Unusable } from "./unusable.ts";

const BYTES = 32;
/** A database in memory leaves no copy behind, so its secret need not be one; the same content gets the same key in each. */
const IN_MEMORY = "in-memory";
const TEXT = /^[\w-]{43}$/;
/** The setting that tells whether the secret is still the one that hashes were made with. */
const CHECK = "secret_check";

export interface Secret {
  /** HMAC-SHA-256 of a text with the secret, as base64url. The first call makes the secret, if there is none. Throws Unusable. */
  hash(text: string): string;
  /**
   * Is the secret the one that the stored hashes were made with? `lost`: it is not there any more, or another one; from the next hash on
   * it is a new one, and what was hashed before is not recognised.
   */
  state(): "unused" | "kept" | "lost";
}

export const secretOf = (path: string) => `${path}.secret`;

/** The secret beside the database at `path`; undefined: in memory, for a database in memory. */
export function openSecret(sqlite: Sqlite, path: string | undefined): Secret {
  let secret: string | undefined;
  const hashWith = (key: string, text: string) => createHmac("sha256", key).update(text).digest("base64url");
  const storedCheck = () => sqlite.prepare("SELECT value FROM setting WHERE name = ?").pluck().get(CHECK) as string | undefined;

  function ensure(): string {
    if (secret !== undefined) return secret;
    const found = path === undefined ? IN_MEMORY : (readSecret(path) ?? makeSecret(path));
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

function readSecret(path: string): string | undefined {
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

/** Whole or not at all, and on the disk before anything is hashed with it; of two processes that make one, the first wins. */
function makeSecret(path: string): string {
  const temporary = `${secretOf(path)}.${randomBytes(6).toString("hex")}`;
  const file = openNewFile(temporary);
  try {
    writeSync(file, `${randomBytes(BYTES).toString("base64url")}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    linkSync(temporary, secretOf(path));
  } catch (error) {
    if (!existsSync(secretOf(path))) throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  syncFolderOf(path);
  const made = readSecret(path);
  if (made === undefined) throw new Unusable(`${secretOf(path)} cannot be made`, "check the permissions of its folder");
  return made;
}

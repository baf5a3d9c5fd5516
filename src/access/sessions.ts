// Who is signed in to the dashboard? A session is a random token in a browser. Only its SHA-256 is kept, with the id of the key that opened it.
import { hash } from "node:crypto";
import type { Database } from "../../db/database.ts";
import type { session } from "../../db/schema.ts";
import { randomText } from "./key-format.ts";
import type { Key, Keyring } from "./keyring.ts";

/** How long a session lasts. */
export const SESSION_SECONDS = 12 * 3600;
/** 43 letters and digits are more than 256 bits of randomness. */
const TOKEN_LENGTH = 43;

type Session = typeof session.$inferSelect;

/** Where sessions are kept. */
interface SessionStore {
  find(hash: string): Session | undefined;
  add(session: Session): void;
  /** Both give how many there were. */
  remove(hash: string): number;
  removeOf(keyId: string): number;
  removeExpired(now: number): void;
}

export interface Sessions {
  /** Opens a session with a key. Gives its token, which is not kept, and when it ends, in milliseconds since 1970 UTC. */
  open(key: Key): { readonly token: string; readonly expiresAt: number };
  /** Finds the key of a session. Undefined for an unknown, ended or expired one, and once its key is revoked or expired. */
  findKey(token: string): Key | undefined;
  /** Ends the caller's session, or all sessions of a key that is no session. Gives how many were ended. */
  end(key: Key): number;
}

/** Keeps sessions until the process ends. */
function keepInMemory(): SessionStore {
  const sessions = new Map<string, Session>();
  return {
    find: (sum) => sessions.get(sum),
    add: (added) => void sessions.set(added.hash, added),
    remove: (sum) => Number(sessions.delete(sum)),
    removeOf: (keyId) => [...sessions.values()].filter((each) => each.keyId === keyId && sessions.delete(each.hash)).length,
    removeExpired(now) {
      for (const [sum, { expiresAt }] of sessions) if (expiresAt <= now) sessions.delete(sum);
    },
  };
}

function keepInDatabase({ sqlite, write }: Database): SessionStore {
  const find = sqlite.prepare<[hash: string], Session>("SELECT hash, key_id AS keyId, expires_at AS expiresAt FROM session WHERE hash = ?");
  const add = sqlite.prepare("INSERT INTO session (hash, key_id, expires_at) VALUES (?, ?, ?)");
  const remove = sqlite.prepare("DELETE FROM session WHERE hash = ?");
  const removeOf = sqlite.prepare("DELETE FROM session WHERE key_id = ?");
  const removeExpired = sqlite.prepare("DELETE FROM session WHERE hash IN (SELECT hash FROM session WHERE expires_at <= ? LIMIT 500)");
  return {
    find: (sum) => find.get(sum),
    add: (added) => void write(() => add.run(added.hash, added.keyId, added.expiresAt)),
    remove: (sum) => write(() => remove.run(sum).changes),
    removeOf: (keyId) => write(() => removeOf.run(keyId).changes),
    removeExpired: (now) => void write(() => removeExpired.run(now)),
  };
}

export interface SessionOptions {
  readonly database: Database;
  readonly keyring: Keyring;
  /** The clock, in milliseconds. */
  readonly now: () => number;
  readonly keptIn: "database" | "memory";
  /** The text of the key with the id `admin`. Changing it ends the sessions that it opened. */
  readonly adminKey?: string | undefined;
}

/** Opens the sessions of a workspace. */
export function openSessions({ database, keyring, now, keptIn, adminKey = "" }: SessionOptions): Sessions {
  const store = keptIn === "memory" ? keepInMemory() : keepInDatabase(database);
  const hashOf = (token: string, keyId: string) => hash("sha256", keyId === "admin" ? `${token}\n${adminKey}` : token, "hex");

  return {
    open(key) {
      const token = randomText(TOKEN_LENGTH);
      const expiresAt = now() + SESSION_SECONDS * 1000;
      store.removeExpired(now());
      store.add({ hash: hashOf(token, key.id), keyId: key.id, expiresAt });
      return { token, expiresAt };
    },
    findKey(token) {
      const found = store.find(hashOf(token, "")) ?? store.find(hashOf(token, "admin"));
      const key = found && found.expiresAt > now() ? keyring.findKeyById(found.keyId) : undefined;
      return found && key && { ...key, session: found.hash };
    },
    end: ({ id, session }) => (session === undefined ? store.removeOf(id) : store.remove(session)),
  };
}

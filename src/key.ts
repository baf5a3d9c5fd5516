// How is a key made, listed and revoked? Only its SHA-256 is stored.
import { hash } from "node:crypto";
import type { Database } from "../db/open.ts";
import { SCOPES, type Scope } from "./auth.ts";
import { newKeyText, randomText } from "./key-text.ts";

/** What is kept of a key. */
export interface KeyRow {
  id: string;
  name: string | null;
  start: string; // the first characters, to tell keys apart in a list
  scopes: string; // comma separated
  createdAt: number;
  lastUsedAt: number | null;
  revokedAt: number | null;
}

/** Where keys are, and what time it is. A `Context` is one. */
export interface KeyStore {
  readonly database: Database;
  readonly now: () => number;
}

/** Makes a key and answers it: it cannot be had again. */
export function createKey(store: KeyStore, options: { scopes: readonly Scope[]; name?: string }): string {
  const key = newKeyText();
  const insert = store.database.sqlite.prepare("INSERT INTO api_key (id, name, start, hash, scopes, created_at) VALUES (?, ?, ?, ?, ?, ?)");
  store.database.write(() =>
    insert.run(
      `key_${randomText(12)}`,
      options.name ?? null,
      key.slice(0, 7),
      hash("sha256", key, "hex"),
      options.scopes.join(","),
      store.now(),
    ),
  );
  return key;
}

/** All keys, oldest first. */
export function listKeys(store: KeyStore): KeyRow[] {
  return store.database.sqlite
    .prepare(
      `SELECT id, name, start, scopes, created_at AS createdAt, last_used_at AS lastUsedAt, revoked_at AS revokedAt
       FROM api_key ORDER BY created_at, id`,
    )
    .all() as KeyRow[];
}

/** Revokes a key; false when there is none of that id which is not revoked yet. */
export function revokeKey(store: KeyStore, id: string): boolean {
  const update = store.database.sqlite.prepare("UPDATE api_key SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL");
  return store.database.write(() => update.run(store.now(), id).changes === 1);
}

/** Without any key and without `ADMIN_KEY`, makes one with every scope and answers it; else undefined. */
export function ensureKey(store: KeyStore, adminKey: string | undefined): string | undefined {
  if (adminKey !== undefined || store.database.sqlite.prepare("SELECT 1 FROM api_key LIMIT 1").get()) return undefined;
  return createKey(store, { scopes: SCOPES, name: "first" });
}

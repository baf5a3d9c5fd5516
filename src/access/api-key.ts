// How is a key made, listed and revoked? Only its SHA-256 is stored.
import { hash } from "node:crypto";
import type { Database } from "../../db/database.ts";
import { type KeyPrefix, newKeyText, randomText } from "./key-format.ts";
import { SCOPES, type Scope } from "./keyring.ts";

/** What is kept of a key. */
export interface KeyRow {
  id: string;
  name: string | null;
  start: string; // the first characters, to tell keys apart in a list
  scopes: string; // comma separated; empty: a publishable key or a conversion key
  origins: string | null; // of a publishable key, comma separated
  createdAt: number;
  expiresAt: number | null;
  lastUsedAt: number | null;
  revokedAt: number | null;
}

/** Where keys are, and what time it is. A `Context` is one. */
export interface KeyStore {
  readonly database: Database;
  readonly now: () => number;
}

export interface NewKey {
  /** What it opens. */
  readonly scopes?: readonly Scope[];
  /** Makes it publishable: it records clicks and leads from pages of these origins, and no more. */
  readonly origins?: readonly string[];
  /** Makes it a conversion key: it may stand in URLs, and records conversions by GET, and no more. */
  readonly isForConversions?: boolean;
  readonly name?: string | undefined;
  /** From when on it opens nothing. */
  readonly expiresAt?: number | undefined;
}

/** Makes a key and answers it: it cannot be had again. */
export function createKey(store: KeyStore, { scopes = [], origins, isForConversions = false, name, expiresAt }: NewKey): string {
  const prefix: KeyPrefix = origins ? "rgp_" : isForConversions ? "rgc_" : "rg_";
  const key = newKeyText(prefix);
  const insert = store.database.sqlite.prepare(
    "INSERT INTO api_key (id, name, start, hash, scopes, origins, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const row = [
    `key_${randomText(12)}`,
    name ?? null,
    key.slice(0, prefix.length + 4),
    hash("sha256", key, "hex"),
    prefix === "rg_" ? scopes.join(",") : "",
    origins?.join(",") ?? null,
    store.now(),
    expiresAt ?? null,
  ];
  store.database.write(() => insert.run(...row));
  return key;
}

/** All keys, oldest first. */
export function listKeys(store: KeyStore): KeyRow[] {
  return store.database.sqlite
    .prepare(
      `SELECT id, name, start, scopes, origins, created_at AS createdAt, expires_at AS expiresAt, last_used_at AS lastUsedAt, revoked_at AS revokedAt
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

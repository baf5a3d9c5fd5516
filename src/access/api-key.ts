// How is a key created, listed and revoked? Only its SHA-256 is stored.
import { hash } from "node:crypto";
import { and, eq, isNull } from "drizzle-orm";
import type { Database } from "../../db/database.ts";
import { apiKey } from "../../db/schema.ts";
import { type KeyPrefix, newKeyText, randomText } from "./key-format.ts";
import { SCOPES, type Scope } from "./keyring.ts";

/** What is stored of a key, except for its hash. */
export interface KeyRow {
  id: string;
  name: string | null;
  start: string; // the first characters, to tell keys apart in a list
  scopes: string; // comma separated; empty: a publishable key or a conversion key
  origins: string | null; // of a key for pages, comma separated
  createdAt: number;
  expiresAt: number | null;
  lastUsedAt: number | null;
  revokedAt: number | null;
}

/** The database of the keys, and the clock in milliseconds. A `Context` is one. */
export interface KeyStore {
  readonly database: Database;
  readonly now: () => number;
}

export interface NewKey {
  /** What it may do. */
  readonly scopes?: readonly Scope[];
  /** Makes it a key for pages of these origins. Without scopes it is publishable: it records clicks and leads, and no more. */
  readonly origins?: readonly string[];
  /** Makes it a conversion key: it may be in URLs, and only records conversions by GET. */
  readonly isForConversions?: boolean;
  readonly name?: string | undefined;
  /** When it stops working, in milliseconds since 1970 UTC. */
  readonly expiresAt?: number | undefined;
}

/** Creates a key and returns its text, which is not stored and cannot be shown again. */
export function createKey(store: KeyStore, { scopes = [], origins, isForConversions = false, name, expiresAt }: NewKey): string {
  const prefix: KeyPrefix = origins && scopes.length === 0 ? "rgp_" : isForConversions ? "rgc_" : "rg_";
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
  const { id, name, start, scopes, origins, createdAt, expiresAt, lastUsedAt, revokedAt } = apiKey;
  return store.database.orm
    .select({ id, name, start, scopes, origins, createdAt, expiresAt, lastUsedAt, revokedAt })
    .from(apiKey)
    .orderBy(createdAt, id)
    .all();
}

/** Revokes a key. Returns false if there is no key with this id, or if it is already revoked. */
export function revokeKey({ database, now }: KeyStore, id: string): boolean {
  return database.write(() => {
    const { changes } = database.orm
      .update(apiKey)
      .set({ revokedAt: now() })
      .where(and(eq(apiKey.id, id), isNull(apiKey.revokedAt)))
      .run();
    return changes === 1;
  });
}

/** Creates the first key, with every scope, and returns its text. Undefined if there is a key already or `ADMIN_KEY` is set. */
export function ensureKey(store: KeyStore, adminKey: string | undefined): string | undefined {
  if (adminKey !== undefined || store.database.orm.select({ id: apiKey.id }).from(apiKey).limit(1).get()) return undefined;
  return createKey(store, { scopes: SCOPES, name: "first" });
}

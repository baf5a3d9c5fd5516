// Whose key is this, and what may it do?
import { hash } from "node:crypto";
import type { Database } from "../../db/database.ts";
import { isConversionKey, isKeyShaped } from "./key-format.ts";

export const SCOPES = [
  "links:read",
  "analytics:read",
  "links:create",
  "links:update",
  "links:delete",
  "conversions:write",
  "metrics:read",
] as const;
export type Scope = (typeof SCOPES)[number];

/** A key that was recognised: never the key itself. */
export interface Key {
  readonly id: string; // `admin` for `ADMIN_KEY`
  readonly scopes: ReadonlySet<string>;
  /** Of a publishable key, which is in every visitor's hands: the origins that it is good from. Its scopes are empty. */
  readonly origins?: ReadonlySet<string>;
  /** Of a conversion key, which may stand in URLs, and so in other people's logs: it records conversions by GET. Its scopes are empty. */
  readonly isForConversions?: boolean;
}

export interface Keyring {
  /** The key that a caller sent, or undefined for an unknown, revoked or expired one. A revocation by another process is noticed within a second. */
  findKey(text: string): Key | undefined;
  /** Is a publishable key good from this origin? What a browser asks before it sends one. */
  isOrigin(origin: string): boolean;
  /** Writes down which keys were used since, if it can; also done by itself now and then. */
  flush(): void;
}

interface StoredKey {
  id: string;
  scopes: string;
  origins: string | null;
  expiresAt: number | null;
}

/** How long what the table said of a key is believed. */
const BELIEVED_MS = 1000;
/** How long a use may wait before it is written down. */
const NOTED_MS = 30_000;

/** Opens the keys of a workspace; `adminKey` is one with every scope, `elapsed` counts milliseconds and never goes back. */
export function openKeyring(
  database: Database,
  now: () => number,
  adminKey?: string,
  elapsed: () => number = () => performance.now(),
): Keyring {
  const isLive = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)";
  const select = database.sqlite.prepare(`SELECT id, scopes, origins, expires_at AS expiresAt FROM api_key WHERE hash = ? AND ${isLive}`);
  const selectOrigin = database.sqlite.prepare(`SELECT 1 FROM api_key WHERE instr(',' || origins || ',', ?) > 0 AND ${isLive}`);
  const touch = database.sqlite.prepare("UPDATE api_key SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?");
  const known = new Map<string, Key & { believedUntil: number; expiresAt: number | null }>();
  const admin: Key = { id: "admin", scopes: new Set<string>(SCOPES) };
  const adminSum = adminKey === undefined ? undefined : digest(adminKey);
  const used = new Map<string, number>();
  let timer: Timer | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const uses = [...used];
    used.clear();
    try {
      if (uses.length > 0) database.write(() => uses.forEach(([id, at]) => void touch.run(at, id)));
    } catch {
      // When a key was last used is not worth a failure: it is noted with the next uses.
      for (const [id, at] of uses) if (!used.has(id)) used.set(id, at);
      timer = setTimeout(flush, NOTED_MS).unref();
    }
  }

  function note(id: string): void {
    used.set(id, now());
    timer ??= setTimeout(flush, NOTED_MS).unref();
  }

  /** What the table says of a key now. */
  function lookUp(text: string, sum: string): Key | undefined {
    const row = isKeyShaped(text) ? (select.get(sum, now()) as StoredKey | undefined) : undefined;
    if (!row) {
      known.delete(sum);
      return undefined;
    }
    const { id, scopes, origins, expiresAt } = row;
    const key = {
      id,
      scopes: new Set(scopes === "" ? [] : scopes.split(",")),
      ...(origins !== null && { origins: new Set(origins.split(",")) }),
      ...(isConversionKey(text) && { isForConversions: true }),
      expiresAt,
      believedUntil: elapsed() + BELIEVED_MS,
    };
    known.set(sum, key);
    return key;
  }

  return {
    findKey(text) {
      // Only digests are kept and compared: what a comparison's time tells of a digest leads to no key.
      const sum = digest(text);
      if (sum === adminSum) return admin;
      const held = known.get(sum);
      const isHeld = held !== undefined && elapsed() < held.believedUntil && (held.expiresAt === null || held.expiresAt > now());
      const key = isHeld ? held : lookUp(text, sum);
      if (key) note(key.id);
      return key;
    },
    isOrigin: (origin) => !origin.includes(",") && selectOrigin.get(`,${origin},`, now()) !== undefined,
    flush,
  };
}

function digest(text: string): string {
  return hash("sha256", text, "hex");
}

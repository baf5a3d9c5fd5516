// Whose key is this, and what may it do?
import { hash } from "node:crypto";
import type { Database } from "../../db/database.ts";
import type { apiKey } from "../../db/schema.ts";
import { isConversionKey, isKeyShaped } from "./key-format.ts";

export const SCOPES = [
  "links:read",
  "analytics:read",
  "links:create",
  "links:update",
  "links:delete",
  "conversions:write",
  "metrics:read",
  "changes:read",
  "webhooks:write",
  "backup:read",
] as const;
export type Scope = (typeof SCOPES)[number];

/** What a recognized key may do. It does not contain the text of the key. */
export interface Key {
  readonly id: string; // `admin` for `ADMIN_KEY`
  readonly scopes: ReadonlySet<string>;
  /** Every visitor of a page can read it. It only records clicks and leads, from pages of its origins. Its scopes are empty. */
  readonly isPublishable?: boolean;
  /** The origins of the pages that may use it. Of a key with scopes, which is secret, programs that are no pages may use it too. */
  readonly origins?: ReadonlySet<string>;
  /** The caller is signed in to the dashboard with this key: the hash of their session. They only read. */
  readonly session?: string;
  /** It is a conversion key, which may be in URLs, and so in other people's logs. It only records conversions by GET. Its scopes are empty. */
  readonly isForConversions?: boolean;
}

export interface Keyring {
  /** Finds a key by its text. Undefined for an unknown, revoked or expired one. A revocation by another process takes effect within a second. */
  findKey(text: string): Key | undefined;
  /** Finds a key by its id, without the second of delay. Undefined for an unknown, revoked or expired one. */
  findKeyById(id: string): Key | undefined;
  /** May any publishable key, or any key that reads, be used from this origin? A browser's preflight asks this before it sends one. */
  isOrigin(origin: string, use: "publishable" | "reading"): boolean;
  /** Stores when keys were last used, if the database lets it. This also happens by itself within 30 seconds. */
  flush(): void;
}

type StoredKey = Pick<typeof apiKey.$inferSelect, "id" | "scopes" | "origins" | "expiresAt">;

/** How long a key is cached after it was read from the table. */
const CACHED_MS = 1000;
/** How long the last use of a key may wait before it is stored. */
const FLUSH_MS = 30_000;

/**
 * Opens the keys of a workspace. `now` is the clock, in milliseconds. `adminKey` is the text of a key with every scope.
 * `elapsed` is a clock in milliseconds that never goes back.
 */
export function openKeyring(
  database: Database,
  now: () => number,
  adminKey?: string,
  elapsed: () => number = () => performance.now(),
): Keyring {
  const isLive = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)";
  const select = database.sqlite.prepare<[hash: string, now: number], StoredKey>(
    `SELECT id, scopes, origins, expires_at AS expiresAt FROM api_key WHERE hash = ? AND ${isLive}`,
  );
  const selectById = database.sqlite.prepare<[id: string, now: number], StoredKey>(
    `SELECT id, scopes, origins, expires_at AS expiresAt FROM api_key WHERE id = ? AND ${isLive}`,
  );
  const selectOrigin = database.sqlite.prepare(
    `SELECT 1 FROM api_key WHERE instr(',' || origins || ',', ?) > 0 AND (scopes = '') = ? AND ${isLive}`,
  );
  const touch = database.sqlite.prepare("UPDATE api_key SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?");
  const cache = new Map<string, Key & { cachedUntil: number; expiresAt: number | null }>();
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
      // The last use of a key is not worth a failure. It is stored with the next ones.
      for (const [id, at] of uses) if (!used.has(id)) used.set(id, at);
      timer = setTimeout(flush, FLUSH_MS).unref();
    }
  }

  function noteUse(id: string): void {
    used.set(id, now());
    timer ??= setTimeout(flush, FLUSH_MS).unref();
  }

  /** Reads a key from the table, and caches it. */
  function lookUp(text: string, sum: string): Key | undefined {
    const row = isKeyShaped(text) ? select.get(sum, now()) : undefined;
    if (!row) {
      cache.delete(sum);
      return undefined;
    }
    const { id, expiresAt } = row;
    const key = {
      id,
      ...toMay(row),
      ...(isConversionKey(text) && { isForConversions: true }),
      expiresAt,
      cachedUntil: elapsed() + CACHED_MS,
    };
    cache.set(sum, key);
    return key;
  }

  return {
    findKey(text) {
      // Only digests are kept and compared. The time that a comparison takes can reveal a digest at most, which leads to no key.
      const sum = digest(text);
      if (sum === adminSum) return admin;
      const cached = cache.get(sum);
      const isFresh = cached !== undefined && elapsed() < cached.cachedUntil && (cached.expiresAt === null || cached.expiresAt > now());
      const key = isFresh ? cached : lookUp(text, sum);
      if (key) noteUse(key.id);
      return key;
    },
    findKeyById(id) {
      if (id === admin.id) return adminSum === undefined ? undefined : admin;
      const row = selectById.get(id, now());
      if (!row) return undefined;
      noteUse(id);
      return { id, ...toMay(row) };
    },
    isOrigin: (origin, use) => !origin.includes(",") && selectOrigin.get(`,${origin},`, use === "publishable" ? 1 : 0, now()) !== undefined,
    flush,
  };
}

/** What a stored key may do, and from where. */
function toMay({ scopes, origins }: StoredKey): Pick<Key, "scopes" | "origins" | "isPublishable"> {
  return {
    scopes: new Set(scopes === "" ? [] : scopes.split(",")),
    ...(origins !== null && { origins: new Set(origins.split(",")), isPublishable: scopes === "" }),
  };
}

function digest(text: string): string {
  return hash("sha256", text, "hex");
}

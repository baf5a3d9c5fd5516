// Was this request carried out before? What requests with an Idempotency-Key came to, stored in one transaction with what they did.
import { createHmac, randomBytes } from "node:crypto";
import type { Database } from "../../db/database.ts";
import type { idempotency, setting } from "../../db/schema.ts";
import { ApiError } from "../value/error.ts";

/** How long what a request came to is known. */
const KEPT_MS = 24 * 3_600_000;
const SECRET = "idempotency_secret";

/** What a key may be: visible ASCII. */
export const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** The header of an answer that was given before. */
export const REPLAYED: Readonly<Record<string, string>> = { "Idempotent-Replayed": "true" };

/** A request with an Idempotency-Key, by hashes: neither the key nor the body is stored. */
export interface Attempt {
  readonly keyHash: string;
  readonly requestHash: string;
}

/** What a request came to: ids and flags, from which its answer is made; never a text of a caller's. */
export interface Outcome<Result> {
  readonly status: number;
  readonly result: Result;
  /** It was carried out before. */
  readonly replayed: boolean;
}

export interface Idempotency {
  /** Names an attempt: `caller` is the id of the API key, `request` all that makes the request what it is. */
  identify(caller: string, key: string, request: string): Attempt;
  /**
   * Carries `work` out within a write, unless the same attempt was within 24 hours. Without an attempt, always.
   * Throws CONFLICT when the key was used for another request. What fails is not kept: it can be tried again.
   */
  once<Result>(attempt: Attempt | undefined, work: () => { status: number; result: Result }): Outcome<Result>;
}

type SettingValue = (typeof setting.$inferSelect)["value"];
type OutcomeRow = Pick<typeof idempotency.$inferSelect, "requestHash" | "status" | "outcome">;

interface Store {
  readonly database: Database;
  readonly now: () => number;
}

/** The server's own secret for hashes of what callers send, made once: without it, a guessed body cannot be recognised in a stolen file. */
function ensureSecret({ database }: Pick<Store, "database">): string {
  const { sqlite } = database;
  const read = sqlite.prepare<[string], SettingValue>("SELECT value FROM setting WHERE name = ?").pluck();
  const known = read.get(SECRET);
  if (known !== undefined) return known;
  return database.write(() => {
    const created = randomBytes(32).toString("base64url");
    sqlite.prepare("INSERT OR IGNORE INTO setting (name, value) VALUES (?, ?)").run(SECRET, created);
    return read.get(SECRET) ?? created; // another process may have been first
  });
}

export function openIdempotency(context: Store): Idempotency {
  const { database, now } = context;
  const { sqlite } = database;
  const find = sqlite.prepare<[keyHash: string, since: number, until: number], OutcomeRow>(
    "SELECT request_hash AS requestHash, status, outcome FROM idempotency WHERE key_hash = ? AND made_at > ? AND made_at <= ?",
  );
  const keep = sqlite.prepare(
    "INSERT OR REPLACE INTO idempotency (key_hash, request_hash, status, outcome, made_at) VALUES (?, ?, ?, ?, ?)",
  );
  const forget = sqlite.prepare("DELETE FROM idempotency WHERE made_at <= ?");
  let secret: string | undefined;
  const hash = (text: string) => {
    secret ??= ensureSecret(context);
    return createHmac("sha256", secret).update(text).digest("base64url");
  };

  return {
    identify: (caller, key, request) => ({ keyHash: hash(`${caller}\n${key}`), requestHash: hash(request) }),
    once(attempt, work) {
      if (!attempt) return { ...work(), replayed: false };
      const at = now();
      const before = find.get(attempt.keyHash, at - KEPT_MS, at);
      if (before && before.requestHash !== attempt.requestHash)
        throw new ApiError("CONFLICT", "This Idempotency-Key was already used for a different request.", {
          details: [{ path: "Idempotency-Key", message: "was already used for a different request; send a new key" }],
        });
      if (before) return { status: before.status, result: JSON.parse(before.outcome), replayed: true };
      const { status, result } = work();
      forget.run(at - KEPT_MS);
      keep.run(attempt.keyHash, attempt.requestHash, status, JSON.stringify(result), at);
      return { status, result, replayed: false };
    },
  };
}

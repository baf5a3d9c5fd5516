// Was this request carried out before? The outcome of a request with an Idempotency-Key is stored in the same transaction as its effect.
import { createHmac, randomBytes } from "node:crypto";
import type { Database } from "../../db/database.ts";
import type { idempotency, setting } from "../../db/schema.ts";
import { ApiError } from "../value/error.ts";

/** How long an outcome is kept. */
const KEPT_MS = 24 * 3_600_000;
const SECRET = "idempotency_secret";

/** A valid key: visible ASCII. */
export const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** The header of a repeated answer. */
export const REPLAYED: Readonly<Record<string, string>> = { "Idempotent-Replayed": "true" };

/** A request with an Idempotency-Key, as hashes, because neither the key nor the body is stored. */
export interface Attempt {
  readonly keyHash: string;
  readonly requestHash: string;
}

/** The outcome of a request: ids and flags from which its answer is built, never text of a caller. */
export interface Outcome<Result> {
  readonly status: number;
  readonly result: Result;
  /** The request was carried out before. */
  readonly replayed: boolean;
}

export interface Idempotency {
  /** The attempt of a request. `caller`: the id of the API key; `request`: path, query and body as text. */
  identify(caller: string, key: string, request: string): Attempt;
  /**
   * Calls `work` within a write, unless the same attempt succeeded within 24 hours. Without an attempt, it always does.
   * Throws CONFLICT if the key was used for a different request. Failures are not stored, so they can be retried.
   */
  once<Result>(attempt: Attempt | undefined, work: () => { status: number; result: Result }): Outcome<Result>;
}

type SettingValue = (typeof setting.$inferSelect)["value"];
type OutcomeRow = Pick<typeof idempotency.$inferSelect, "requestHash" | "status" | "outcome">;

interface Store {
  readonly database: Database;
  readonly now: () => number;
}

/** The secret of the hashes, created once. It keeps short or guessable bodies from being recognized by their plain hash. */
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

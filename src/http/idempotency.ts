// Was this request carried out before? The outcome of a request with an Idempotency-Key is stored in the same transaction as its effect.
import type { Database } from "../../db/database.ts";
import type { idempotency } from "../../db/schema.ts";
import { ApiError } from "../value/error.ts";

/** How long an outcome is kept. */
const KEPT_MS = 24 * 3_600_000;
/** How often expired outcomes are deleted. */
const DELETED_EVERY_MS = 30_000;
/** Rows deleted within one write: about a millisecond. */
const DELETED_AT_ONCE = 500;

/** A valid key: visible ASCII. */
export const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** The header of a repeated answer. */
export const REPLAYED: Readonly<Record<string, string>> = { "Idempotent-Replayed": "true" };

/**
 * A request with an Idempotency-Key, by hashes: neither the key nor the body is stored. The hashes are made with the secret beside the
 * database, so that a copy of the database confirms no guess at a body.
 */
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
  /**
   * The same for work in several writes. `work` takes the results so far, does a part, and gives all results with the status UNFINISHED, or
   * another one at the end. The next call, even after a kill or by the same request sent again, goes on from there.
   */
  step<Result>(attempt: Attempt, work: (before: readonly Result[]) => { status: number; result: Result[] }): Outcome<readonly Result[]>;
}

/** The status of an attempt of which a part is done. */
export const UNFINISHED = 0;

type OutcomeRow = Pick<typeof idempotency.$inferSelect, "requestHash" | "status" | "outcome">;

interface Store {
  readonly database: Database;
  readonly now: () => number;
}

export function openIdempotency({ database, now }: Store): Idempotency {
  const { sqlite, secret } = database;
  const find = sqlite.prepare<[keyHash: string, since: number, until: number], OutcomeRow>(
    "SELECT request_hash AS requestHash, status, outcome FROM idempotency WHERE key_hash = ? AND made_at > ? AND made_at <= ?",
  );
  const keep = sqlite.prepare(
    "INSERT OR REPLACE INTO idempotency (key_hash, request_hash, status, outcome, made_at) VALUES (?, ?, ?, ?, ?)",
  );

  function findBefore({ keyHash, requestHash }: Attempt): OutcomeRow | undefined {
    const at = now();
    const before = find.get(keyHash, at - KEPT_MS, at);
    if (before && before.requestHash !== requestHash)
      throw new ApiError("CONFLICT", "This Idempotency-Key was already used for a different request.", {
        details: [{ path: "Idempotency-Key", message: "was already used for a different request; send a new key" }],
      });
    return before;
  }

  function store<Result>({ keyHash, requestHash }: Attempt, done: { status: number; result: Result }): Outcome<Result> {
    keep.run(keyHash, requestHash, done.status, JSON.stringify(done.result), now());
    return { ...done, replayed: false };
  }

  return {
    identify: (caller, key, request) => ({ keyHash: secret.hash(`${caller}\n${key}`), requestHash: secret.hash(request) }),
    once(attempt, work) {
      if (!attempt) return { ...work(), replayed: false };
      const before = findBefore(attempt);
      if (before) return { status: before.status, result: JSON.parse(before.outcome), replayed: true };
      return store(attempt, work());
    },
    step(attempt, work) {
      const before = findBefore(attempt);
      const results = before === undefined ? [] : JSON.parse(before.outcome);
      return before === undefined || before.status === UNFINISHED
        ? store(attempt, work(results))
        : { status: before.status, result: results, replayed: true };
    },
  };
}

/** Deletes expired outcomes, until it is closed. */
export interface Expiry {
  close(): void;
}

interface ExpiryOptions extends Store {
  readonly everyMs?: number;
  /** Told why a deletion failed. The next one tries again. */
  readonly onError: (error: unknown) => void;
}

/** Begins to delete outcomes within a minute after their 24 hours, whether requests come or not, in writes of a bounded size. */
export function openExpiry({ database, now, everyMs = DELETED_EVERY_MS, onError }: ExpiryOptions): Expiry {
  const remove = database.sqlite.prepare(
    "DELETE FROM idempotency WHERE key_hash IN (SELECT key_hash FROM idempotency WHERE made_at <= ? LIMIT ?)",
  );
  let timer: Timer;

  function removeSome(): void {
    let removed = 0;
    try {
      removed = database.write(() => remove.run(now() - KEPT_MS, DELETED_AT_ONCE).changes);
    } catch (error) {
      onError(error);
    }
    waitFor(removed === DELETED_AT_ONCE ? 0 : everyMs);
  }
  function waitFor(milliseconds: number): void {
    timer = setTimeout(removeSome, milliseconds);
    timer.unref();
  }

  waitFor(everyMs);
  return { close: () => clearTimeout(timer) };
}

// What is derived from the log, and when? The ledger keeps owners, values, customers and totals up to date with it, by one mechanism.

import type { SqlFunctions } from "../../db/connection.ts";
import type { Database } from "../../db/database.ts";
import type { entry } from "../../db/schema.ts";
import { isBusy } from "../../db/unavailable.ts";
import type { Calendar } from "../value/calendar.ts";
import { CatchingUp } from "../value/error.ts";
import { type GroupCommit, openGroupCommit } from "./group-commit.ts";
import { type Identity, openIdentity } from "./identity.ts";
import { openPipeline } from "./pipeline.ts";
import { fold } from "./profile.ts";
import { openRates, type Rates } from "./rate.ts";
import { rebuild } from "./rebuild.ts";
import { openRefresh } from "./refresh.ts";
import { openSales, type Sales } from "./sale.ts";
import { openStale } from "./stale.ts";

/** About how long one step of refreshing takes. Requests come in between. The number of customers in a step adapts to it. */
const STEP_MS = 10;
const FIRST_CHUNK = 250;
const LEAST_CHUNK = 25;
const MOST_CHUNK = 1000;
const PROFILE = ["email", "name", "avatar", "country"] as const;
/** How long a read waits for derived data before it answers 503. */
const PATIENCE_MS = 2000;
/** How long after a write the background refresh begins. By then, a burst of writes can be refreshed together. */
const BACKGROUND_DELAY_MS = 200;
/** How long it pauses after a full step, so that requests come in between. */
const PAUSE_MS = 2;

/** An entry that was just stored, with its profile fields. */
export type ArrivedEntry = Readonly<Pick<typeof entry.$inferSelect, "id" | "at" | (typeof PROFILE)[number]>>;

export interface Ledger {
  readonly identity: Identity;
  readonly sales: Sales;
  readonly rates: Rates;
  /** Marks everything derived for a customer as stale. Call it within a write. */
  markStale(customerId: number): void;
  /** Marks a customer as stale because of one new entry, which changes nothing else of theirs. Call it within a write. */
  arrived(customerId: number, entry: ArrivedEntry): void;
  /** Runs a write in one transaction, which also marks the customers that it changes as stale. Then reports them to `onChanged`. */
  write<T>(work: () => T): T;
  /** Runs a write in one commit with others that arrive at the same time. Resolves when it is on disk. */
  readonly groupCommit: GroupCommit;
  /** Brings everything derived up to date, or throws CatchingUp after 2 seconds. On a full disk it leaves the rest stale and does not throw. */
  ensureFresh(): Promise<void>;
  /** Brings one customer up to date, or throws CatchingUp while very many entries are being reassigned to or from them. */
  ensureCustomerFresh(id: number): void;
  /** Resolves when no reassignment is pending, for writes that must know the owners. */
  allReassigned(): Promise<void>;
  /** Recomputes one customer from the whole log, stale or not. */
  recomputeCustomer(id: number): void;
  /**
   * Refreshes stale customers until none is left, in short steps. Others can write between them.
   * `progress` is called after each step with the number done so far.
   */
  catchUp(progress?: (done: number) => void, pauseMs?: number): Promise<void>;
  /** Recomputes everything derived from the log, in place and in short writes. `progress` is called with the rows done so far and their total. */
  rebuild(progress?: (done: number, total: number) => void): Promise<void>;
  /** Stops the background refresh. */
  close(): void;
}

/** The functions that SQL may call: the arithmetic of `calendar`, and case folding. */
export function sqlFunctions(calendar: Calendar): SqlFunctions {
  return {
    local_day: (at: number | null) => (at === null ? null : calendar.dayOf(at)),
    local_month: (at: number | null) => (at === null ? null : calendar.monthOf(at)),
    month_of_day: (day: number | null) => (day === null ? null : calendar.monthOfDay(day)),
    elapsed_period: (firstAt: number, at: number) => calendar.elapsedPeriod(firstAt, at),
    fold,
  };
}

/** When a write's customers are refreshed. `asked`: before the next read. `soon`: also in the background, shortly after the write. */
export type Derives = "asked" | "soon";

export interface LedgerOptions {
  database: Database;
  /** The reporting currency. */
  currency: string;
  calendar: Calendar;
  now: () => number;
  /** Called after each stored write with the customers that it changed. */
  onChanged?: (customerIds: readonly number[]) => void;
  derives?: Derives | undefined;
  onBackgroundError?: (error: unknown) => void;
  /** The most entries that are reassigned within one write; the rest follow soon after. The default is 500. The results are the same. */
  reassignAtOnce?: number | undefined;
}

const isDiskFull = (error: unknown) => error instanceof Error && "code" in error && error.code === "SQLITE_FULL";

const catchingUp = () => new CatchingUp("The figures are catching up with many new entries: try again soon.");

const pause = (milliseconds = 0) => new Promise<void>((resume) => setTimeout(resume, milliseconds));

export function openLedger(options: LedgerOptions): Ledger {
  const { database, currency, calendar, now, onChanged, derives = "asked", onBackgroundError } = options;
  // The customers that a write changes. null: everything of theirs is stale. Else: only entries were appended, from this id on.
  const changed = new Map<number, number | null>();
  const markStale = (customerId: number) => void changed.set(customerId, null);
  const rates = openRates(database);
  const identity = openIdentity(database, markStale, options.reassignAtOnce);
  const sales = openSales(database, currency, rates, markStale);
  const stale = openStale(database);
  const pipeline = openPipeline(database);
  const refresh = openRefresh(database, pipeline);
  const appendedTo = database.sqlite.prepare<{ customerId: number; at: number; id: number }, Omit<ArrivedEntry, "id" | "at">>(
    `SELECT email, name, avatar, country FROM customer AS c WHERE id = :customerId AND first_touch_at IS NOT NULL AND entries > 0
       AND NOT EXISTS (SELECT 1 FROM entry WHERE customer_id = c.id AND at >= :at AND id <> :id)
       AND NOT EXISTS (SELECT 1 FROM profile_update WHERE customer_id = c.id AND is_creation AND at >= :at)`,
  );
  let chunk = FIRST_CHUNK;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  function write<T>(work: () => T): T {
    if (database.sqlite.inTransaction) return work(); // the outer write marks what this one changes
    changed.clear();
    const result = database.write(() => {
      const done = work();
      for (const [customerId, appendedFrom] of changed) stale.mark(customerId, appendedFrom);
      return done;
    });
    if (changed.size > 0) {
      onChanged?.([...changed.keys()]);
      if (derives === "soon") schedule();
    }
    return result;
  }

  /** Is the entry later than all others of its customer, and does it leave their profile as it is? Then a refresh adds it without reading the rest. */
  function isAppended(customerId: number, entry: ArrivedEntry): boolean {
    if (entry.at > now()) return false;
    const row = appendedTo.get({ customerId, at: entry.at, id: entry.id });
    return row !== undefined && PROFILE.every((field) => entry[field] === null || entry[field] === row[field]);
  }

  function arrived(customerId: number, entry: ArrivedEntry): void {
    if (changed.get(customerId) === null) return;
    if (!isAppended(customerId, entry)) markStale(customerId);
    else if (!changed.has(customerId)) changed.set(customerId, entry.id);
  }

  function schedule(delay: number = BACKGROUND_DELAY_MS): void {
    if (closed || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      if (closed) return;
      try {
        const full = identity.hasPendingReassignments() ? 1 : chunk;
        const done = catchUpSome();
        if (done === 0) return;
        clearTimeout(timer); // a write may have set it meanwhile
        timer = undefined;
        schedule(done < full ? BACKGROUND_DELAY_MS : PAUSE_MS);
      } catch (error) {
        if (isBusy(error)) schedule();
        else onBackgroundError?.(error); // the next read tries again, and fails if it has to
      }
    }, delay);
  }

  /** One short step of catching up: pending reassignments first, then stale customers. Returns how many it handled; 0: nothing is left. */
  function catchUpSome(): number {
    if (identity.hasPendingReassignments()) return write(() => identity.reassignSome() + 1);
    if (!stale.isDue(now())) return 0;
    const startedAt = performance.now();
    const done = refresh.some(chunk, now());
    const fitting = Math.round((done * STEP_MS) / Math.max(performance.now() - startedAt, 0.1));
    if (done >= LEAST_CHUNK) chunk = Math.min(Math.max(fitting, LEAST_CHUNK), MOST_CHUNK);
    return done;
  }

  async function catchUp(progress?: (done: number) => void, pauseMs = 0, patienceMs = Number.POSITIVE_INFINITY): Promise<void> {
    const until = performance.now() + patienceMs;
    for (let done = 0; ; ) {
      const last = catchUpSome();
      done += last;
      progress?.(done);
      if (last === 0) return;
      if (performance.now() > until) throw catchingUp();
      await pause(pauseMs);
    }
  }

  function ensureCustomerFresh(id: number): void {
    for (const until = performance.now() + STEP_MS; identity.isBeingReassigned(id); )
      if (performance.now() < until) catchUpSome();
      else throw catchingUp();
    if (stale.isCustomerDue(id, now())) refresh.one(id, now());
  }

  /** Finishes all pending reassignments in short steps. While another process writes, it tries again. */
  async function allReassigned(): Promise<void> {
    for (; identity.hasPendingReassignments(); await pause())
      try {
        catchUpSome();
      } catch (error) {
        if (!isBusy(error)) throw error;
      }
  }

  return {
    identity,
    sales,
    rates,
    markStale,
    arrived,
    write,
    groupCommit: openGroupCommit(database, write),
    ensureFresh: async () => {
      if (!stale.isDue(now()) && !identity.hasPendingReassignments()) return;
      try {
        await catchUp(undefined, 0, PATIENCE_MS);
      } catch (error) {
        if (!isDiskFull(error)) throw error; // reads go on, and lack what could not be derived
      }
    },
    ensureCustomerFresh,
    allReassigned,
    recomputeCustomer: (id) => refresh.whole(id, now()),
    catchUp: (progress, pauseMs) => catchUp(progress, pauseMs),
    rebuild: (progress) => rebuild({ database, calendar, identity, sales, pipeline, refresh, now, write }, progress),
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

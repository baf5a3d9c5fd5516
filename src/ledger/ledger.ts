// What is derived from the log, and when? The ledger keeps owners, values, customers and totals up to date with it, by one mechanism.

import type { Database } from "../../db/database.ts";
import { isBusy } from "../../db/unavailable.ts";
import type { Behind } from "../value/behind.ts";
import type { Calendar } from "../value/calendar.ts";
import { CatchingUp } from "../value/error.ts";
import { type ArrivedEntry, openAppended } from "./appended.ts";
import { type GroupCommit, openGroupCommit } from "./group-commit.ts";
import { type Identity, openIdentity } from "./identity.ts";
import { openRevaluations } from "./pending-revaluation.ts";
import { openPendingSales } from "./pending-sale.ts";
import { openPipeline } from "./pipeline.ts";
import { openRates, type Rates } from "./rate.ts";
import { rebuild } from "./rebuild.ts";
import { openRefresh } from "./refresh.ts";
import { openSales, type Sales } from "./sale.ts";
import { type Change, openStale } from "./stale.ts";
import { openSaidStatuses, type SaidStatuses } from "./status.ts";
import { openTryOut } from "./try-out.ts";

/** About how long one step of refreshing takes. Requests come in between. The number of customers in a step adapts to it. */
const STEP_MS = 10;
const FIRST_CHUNK = 250;
const LEAST_CHUNK = 25;
const MOST_CHUNK = 1000;
/** Up to how much work a read waits for, and how much may be left before intake waits (performance.md, "Freshness" 1 and 3). */
const READ_WAITS_MS = 200;
const INTAKE_WAITS_MS = 1500;
/** How often longer than its share of work a read waits, because requests come in between and another process may write. */
const READ_PATIENCE = 2;
/** How long after a write the background refresh begins. By then, a burst of writes can be refreshed together. */
const BACKGROUND_DELAY_MS = 200;
/** How long it pauses after a full step, so that requests come in between. */
const PAUSE_MS = 2;

export interface Ledger {
  readonly identity: Identity;
  readonly sales: Sales;
  readonly statuses: SaidStatuses;
  readonly rates: Rates;
  /** Stores a rate that applies from the local day `day` on, and revalues its sales: the first ones at once, the rest soon after. Call it within a write. */
  setRate(currency: string, day: number, exact: string): void;
  /** Marks everything derived for a customer as stale. Call it within a write. */
  markStale(customerId: number): void;
  /** Marks a customer as stale because of one new entry, which changes nothing else of theirs. Call it within a write. */
  arrived(customerId: number, entry: ArrivedEntry): void;
  /** Runs a write in one transaction, which also marks the customers that it changes as stale. Then reports them to `onChanged`. */
  write<T>(work: () => T): T;
  /** Within a write: gives the result of the work, and undoes all that it stored. */
  readonly tryOut: <T>(work: () => T) => T;
  /** Runs a write in one commit with others that arrive at the same time. Resolves when it is on disk. */
  readonly groupCommit: GroupCommit;
  /**
   * Brings everything derived up to date if that takes no longer than about 200 ms. Else, or if it cannot be stored, gives at once what is
   * not derived, and goes on in the background.
   */
  ensureFresh(): Promise<Behind | undefined>;
  /** What is not derived now; undefined: everything is. */
  behind(): Behind | undefined;
  /** Brings one customer up to date, or throws CatchingUp while very many entries are being reassigned to or from them. */
  ensureCustomerFresh(id: number): void;
  /**
   * Runs a write of many entries when its turn has come: one after the other, and once what is left to derive takes less than about 1.5
   * seconds. It does a part of that work itself.
   */
  inTurn<T>(work: () => T | Promise<T>): Promise<T>;
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

/** When a write's customers are refreshed. `asked`: before the next read. `soon`: also in the background, shortly after the write. */
export type Derives = "asked" | "soon";

export interface LedgerOptions {
  database: Database;
  /** The reporting currency. */
  currency: string;
  calendar: Calendar;
  now: () => number;
  /** Called after each stored write that changed something, with the customers that it changed. */
  onChanged?: (customerIds: readonly number[]) => void;
  derives?: Derives | undefined;
  onBackgroundError?: (error: unknown) => void;
  /** The most entries that are reassigned or revalued within one write; the rest follow soon after. The default is 500. The results are the same. */
  reassignAtOnce?: number | undefined;
  /** For up to how many milliseconds of work a read waits, and how many may be left before intake waits; for tests. */
  readWaitsMs?: number | undefined;
  intakeWaitsMs?: number | undefined;
}

const isDiskFull = (error: unknown) => error instanceof Error && "code" in error && error.code === "SQLITE_FULL";
const catchingUp = () => new CatchingUp("The figures are catching up with many new entries: try again soon.");
const pause = (milliseconds = 0) => new Promise<void>((resume) => setTimeout(resume, milliseconds));

export function openLedger(options: LedgerOptions): Ledger {
  const { database, currency, calendar, now, onChanged, derives = "asked", onBackgroundError } = options;
  const { readWaitsMs = READ_WAITS_MS, intakeWaitsMs = INTAKE_WAITS_MS } = options;
  const changed = new Map<number, Change>(); // the customers that a write changes
  const markStale = (customerId: number) =>
    void changed.set(customerId, { appendedFrom: null, entries: changed.get(customerId)?.entries ?? 0 });
  const rates = openRates(database);
  const identity = openIdentity(database, { markStale, now, reassignAtOnce: options.reassignAtOnce });
  const pendingSales = openPendingSales(database);
  const sales = openSales(database, { currency, rates, markStale, pending: pendingSales, atOnce: options.reassignAtOnce });
  const revaluations = openRevaluations(database, sales, pendingSales, options.reassignAtOnce === undefined ? undefined : 0);
  const statuses = openSaidStatuses(database);
  const stale = openStale(database);
  const pipeline = openPipeline(database);
  const refresh = openRefresh(database, pipeline);
  const isAppended = openAppended(database, now);
  let chunk = FIRST_CHUNK;
  let hasNewRate = false; // in this write
  let timer: ReturnType<typeof setTimeout> | undefined;
  let catchingUpForReads: Promise<void> | undefined;
  let lastTurn: Promise<unknown> = Promise.resolve();
  let closed = false;

  function write<T>(work: () => T): T {
    if (database.sqlite.inTransaction) return work(); // the outer write marks what this one changes
    changed.clear();
    hasNewRate = false;
    const result = database.write(() => {
      const done = work();
      if (hasNewRate) revaluations.some();
      for (const [customerId, change] of changed) stale.mark(customerId, change, now());
      return done;
    });
    if (changed.size > 0) onChanged?.([...changed.keys()]);
    if (derives === "soon" && (changed.size > 0 || isPending())) schedule();
    return result;
  }

  function arrived(customerId: number, entry: ArrivedEntry): void {
    const known = changed.get(customerId);
    const isWhole = known?.appendedFrom === null || !isAppended(customerId, entry);
    changed.set(customerId, { appendedFrom: isWhole ? null : (known?.appendedFrom ?? entry.id), entries: (known?.entries ?? 0) + 1 });
  }

  function schedule(delay: number = BACKGROUND_DELAY_MS): void {
    if (closed || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      if (closed) return;
      try {
        const full = isPending() ? 1 : chunk;
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

  const isPending = () => identity.hasPendingReassignments() || revaluations.isPending();

  /** One short step of catching up: pending reassignments and revaluations first, then stale customers. Returns how many it handled; 0: nothing is left. */
  function catchUpSome(): number {
    if (identity.hasPendingReassignments()) return write(() => identity.reassignSome() + 1);
    if (revaluations.isPending()) return write(() => revaluations.some() + 1);
    if (!stale.isDue(now())) return 0;
    const startedAt = performance.now();
    const done = refresh.some(chunk, now());
    const fitting = Math.round((done * STEP_MS) / Math.max(performance.now() - startedAt, 0.1));
    if (done >= LEAST_CHUNK) chunk = Math.min(Math.max(fitting, LEAST_CHUNK), MOST_CHUNK);
    return done;
  }

  async function catchUp(progress?: (done: number) => void, pauseMs = 0): Promise<void> {
    for (let done = 0; ; ) {
      const last = catchUpSome();
      done += last;
      progress?.(done);
      if (last === 0) return;
      await pause(pauseMs);
    }
  }

  /** Is more left than can be derived in about so many milliseconds? */
  const isLeftFor = (milliseconds: number) => stale.isMoreThan(Math.floor((chunk * milliseconds) / STEP_MS), now());

  /** Catches up for a limited time. Stops early when nothing is left, or when the disk is full. */
  async function catchUpForReads(): Promise<void> {
    try {
      for (const until = performance.now() + READ_PATIENCE * readWaitsMs; performance.now() < until; await pause())
        try {
          if (catchUpSome() === 0) return;
        } catch (error) {
          if (isDiskFull(error)) return;
          if (!isBusy(error)) throw error;
        }
    } finally {
      catchingUpForReads = undefined; // in the same turn as the last step, so that nobody joins who has written since
    }
  }

  async function ensureFresh(): Promise<Behind | undefined> {
    if (!stale.isDue(now()) && !isPending()) return undefined;
    if (!isLeftFor(readWaitsMs)) {
      catchingUpForReads ??= catchUpForReads();
      await catchingUpForReads;
    }
    const behind = stale.behind(now());
    if (behind) schedule(PAUSE_MS);
    return behind;
  }

  /** Derives a little if too much is left. Gives whether it did, so that a write should wait. */
  const makeRoom = (): boolean => isLeftFor(intakeWaitsMs) && catchUpSome() > 0;

  function inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const done = lastTurn.then(async () => {
      while (makeRoom()) await pause();
      return work();
    });
    lastTurn = done.catch(() => undefined);
    return done;
  }

  function ensureCustomerFresh(id: number): void {
    if (!stale.mayLack(id, now())) return;
    for (const until = performance.now() + STEP_MS; identity.isBeingReassigned(id); )
      if (performance.now() < until) catchUpSome();
      else throw catchingUp();
    // A write that throws is undone, and with it the revaluations that it did. Writes do not look at figures; who answers them asks again.
    if (revaluations.isPending() && !database.sqlite.inTransaction) revalueOf(id);
    if (stale.isCustomerDue(id, now())) refresh.one(id, now());
  }

  /** Revalues a customer's own sales before those of others. Throws CatchingUp if they have too many. */
  function revalueOf(id: number): void {
    const keys = revaluations.ofCustomer(id);
    if (keys === undefined) {
      catchUpSome();
      throw catchingUp();
    }
    if (keys.length > 0) write(() => keys.forEach((key) => void sales.revalue(key)));
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
    statuses,
    rates,
    setRate(ofCurrency, day, exact) {
      revaluations.note(ofCurrency, day, rates.put(ofCurrency, day, exact));
      hasNewRate = true;
    },
    markStale,
    arrived,
    write,
    tryOut: openTryOut(database, changed),
    groupCommit: openGroupCommit(database, write, makeRoom),
    ensureFresh,
    behind: () => stale.behind(now()),
    ensureCustomerFresh,
    inTurn,
    allReassigned,
    recomputeCustomer: (id) => refresh.whole(id, now()),
    catchUp,
    rebuild: (progress) =>
      rebuild({ database, calendar, identity, sales, revaluations, statuses, pipeline, refresh, now, write }, progress),
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

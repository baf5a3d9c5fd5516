// What is derived from the log, and when? The ledger keeps owners, values, customers and totals up to date with it, by one mechanism.

import { isBusy } from "../../db/unavailable.ts";
import { retryWhileBusy } from "../host/retry.ts";
import type { Behind } from "../value/behind.ts";
import { CatchingUp } from "../value/error.ts";
import { type ArrivedEntry, openAppended } from "./appended.ts";
import { openBackground, PAUSE_MS } from "./background.ts";
import type { Credit } from "./credit.ts";
import { type GroupCommit, openGroupCommit } from "./group-commit.ts";
import { openIdentity } from "./identity.ts";
import type { Identity } from "./identity-interface.ts";
import { openLargeCustomers } from "./large-customers.ts";
import type { LedgerOptions } from "./ledger-options.ts";
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
import { openWays, type Ways } from "./way.ts";

/** About how long one step of refreshing takes. Requests come in between. The number of customers in a step adapts to it. */
const STEP_MS = 10;
const FIRST_CHUNK = 250;
const LEAST_CHUNK = 25;
const MOST_CHUNK = 1000;
/** In how far the last step counts for the time that a customer is expected to take. */
const LAST_COUNTS = 0.2;
/** Up to how much work a read waits for (performance.md, "Freshness" 1). */
const READ_WAITS_MS = 200;
/** How much work may be left before intake waits. With an array of 1,000 and the pauses between steps it takes less than 2 s ("Freshness" 3). */
const INTAKE_WAITS_MS = 1000;
/** How often longer than its share of work a read waits, because requests come in between and another process may write. */
const READ_PATIENCE = 2;
const LEAST_STEPS = 3; // of a read that waits, however busy the machine is

export interface Ledger {
  readonly identity: Identity;
  readonly sales: Sales;
  readonly statuses: SaidStatuses;
  readonly rates: Rates;
  /** Which import brought a row. */
  readonly ways: Ways;
  /** Stores a rate that applies from the local day `day` on (null: removes it), and revalues its sales: the first at once, the rest soon after. Call it within a write. */
  setRate(currency: string, day: number, exact: string | null): void;
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
   * seconds. It does a part of that work itself. Nobody else waits for the writes of pages.
   */
  inTurn<T>(work: () => T | Promise<T>, from?: "server" | "page"): Promise<T>;
  /** Resolves when no reassignment is pending, for writes that must know the owners. */
  allReassigned(): Promise<void>;
  /** Recomputes one customer from the whole log, stale or not. Only marks those with very many entries as stale. */
  recomputeCustomer(id: number): void;
  /** Has the customer so many entries that they are recomputed beside the requests? */
  isLarge(id: number): boolean;
  /** Recomputes such a customer. False: something else has changed them meanwhile. */
  recomputeLarge(id: number): Promise<boolean>;
  /** Derives until nothing is left, in short steps between which others can write. `progress` is called after each with the number done so far. */
  catchUp(progress?: (done: number) => void, pauseMs?: number): Promise<void>;
  /** Recomputes everything derived from the log, in place and in short writes. `progress` is called with the rows done so far and their total. */
  rebuild(progress?: (done: number, total: number) => void): Promise<void>;
  /** The totals of attribution. */
  readonly credit: Credit;
  /** Stops the background refresh. */
  close(): void;
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
  const ways = openWays(database.sqlite);
  const statuses = openSaidStatuses(database, ways);
  const stale = openStale(database);
  const pipeline = openPipeline(database, { calendar, windowDays: options.attributionWindowDays }, options.isStandby);
  const { recomputeBeside: beside, largeFrom: from } = options;
  const large = openLargeCustomers({ database, pipeline, beside, from, onError: onBackgroundError });
  const refresh = openRefresh(database, pipeline, large, options.isStandby);
  const isAppended = openAppended(database, now);
  let chunk = FIRST_CHUNK;
  let msPerCustomer = STEP_MS / FIRST_CHUNK;
  let hasNewRate = false; // in this write
  let catchingUpForReads: Promise<void> | undefined;
  const lastTurns: Record<"server" | "page", Promise<unknown>> = { server: Promise.resolve(), page: Promise.resolve() };

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
    if (derives === "soon" && (changed.size > 0 || hasSteps())) background.schedule();
    return result;
  }

  function arrived(customerId: number, entry: ArrivedEntry): void {
    const known = changed.get(customerId);
    const isWhole = known?.appendedFrom === null || !isAppended(customerId, entry);
    changed.set(customerId, { appendedFrom: isWhole ? null : (known?.appendedFrom ?? entry.id), entries: (known?.entries ?? 0) + 1 });
  }

  const background = openBackground(() => {
    const done = catchUpSome();
    if (done === 0) return large.asked() === 0 ? "none" : "some";
    return isBehind() || hasSteps() ? "full" : "some";
  }, onBackgroundError);

  const isPending = () => identity.hasPendingReassignments() || revaluations.isPending() || pipeline.credit.isPending();
  const hasSteps = () => isPending() || pipeline.credit.isAddingUp(); // no read waits for the latter

  /** One short step of catching up: pending reassignments and revaluations first, then stale customers. Returns how many it handled; 0: nothing is left. */
  function catchUpSome(): number {
    if (identity.hasPendingReassignments()) return write(() => identity.reassignSome() + 1);
    if (revaluations.isPending()) return write(() => revaluations.some() + 1);
    if (large.isReady()) return large.store(now());
    if (pipeline.credit.isFull() || !stale.isDue(now())) return pipeline.credit.some() ? 1 : 0;
    const startedAt = performance.now();
    const done = refresh.some(chunk, now());
    if (done >= LEAST_CHUNK) {
      const measured = Math.max(performance.now() - startedAt, 0.1) / done;
      msPerCustomer += LAST_COUNTS * (measured - msPerCustomer);
      chunk = Math.min(Math.max(Math.round(STEP_MS / measured), LEAST_CHUNK), MOST_CHUNK);
    }
    return done;
  }

  async function catchUp(progress?: (done: number) => void, pauseMs = 0): Promise<void> {
    for (let done = 0; ; ) {
      const last = catchUpSome();
      done += last;
      progress?.(done);
      if (last === 0 && large.asked() === 0) return;
      await pause(last === 0 ? PAUSE_MS : pauseMs);
    }
  }

  const isBehind = () => stale.isDue(now()) || isPending();
  /** Is more left than can be derived in about so many milliseconds? */
  const isLeftFor = (milliseconds: number) => stale.isMoreThan(Math.floor(milliseconds / msPerCustomer), now());

  /** Catches up for a limited time. Stops early when nothing is left, or when the disk is full. */
  async function catchUpForReads(): Promise<void> {
    await undefined; // even if one step is enough, it is noted as in progress before it ends
    try {
      const until = performance.now() + READ_PATIENCE * readWaitsMs;
      for (let step = 0; step < LEAST_STEPS || performance.now() < until; step++, await pause())
        try {
          if (catchUpSome() === 0 || !isBehind()) return;
        } catch (error) {
          if (isDiskFull(error)) return;
          if (!isBusy(error)) throw error;
        }
    } finally {
      catchingUpForReads = undefined; // in the same turn as the last step, so that nobody joins who has written since
    }
  }

  async function ensureFresh(): Promise<Behind | undefined> {
    if (!isBehind()) return undefined;
    if (!isLeftFor(readWaitsMs)) {
      catchingUpForReads ??= catchUpForReads();
      await catchingUpForReads;
    }
    const behind = stale.behind(now());
    if (behind) background.schedule(PAUSE_MS);
    return behind;
  }

  /** Derives a little if too much is left. Gives whether it did, so that a write should wait. */
  const makeRoom = (): boolean => isLeftFor(intakeWaitsMs) && catchUpSome() > 0;

  function inTurn<T>(work: () => T | Promise<T>, from: "server" | "page" = "server"): Promise<T> {
    const done = lastTurns[from].then(async () => {
      while (await retryWhileBusy(makeRoom)) await pause(); // each step has its own patience, however long the turn takes to come
      return work();
    });
    lastTurns[from] = done.catch(() => undefined);
    return done;
  }

  function ensureCustomerFresh(id: number): void {
    if (!stale.mayLack(id, now())) return;
    for (const until = performance.now() + STEP_MS; identity.isBeingReassigned(id); )
      if (performance.now() < until) catchUpSome();
      else throw catchingUp();
    // A write that throws is undone, and with it the revaluations that it did. Writes do not look at figures; who answers them asks again.
    if (revaluations.isPending() && !database.sqlite.inTransaction) revalueOf(id);
    if (large.isReady() && !database.sqlite.inTransaction) large.store(now());
    if (stale.isCustomerDue(id, now()) && !refresh.one(id, now())) throw catchingUp();
  }

  async function recomputeLarge(id: number): Promise<boolean> {
    write(() => markStale(id));
    const mark = large.markOf(id);
    const found = await large.ask(id, now(), null);
    await retryWhileBusy(() => large.store(now()), Number.POSITIVE_INFINITY);
    return found === mark;
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

  /** Finishes all pending reassignments in short steps, however often another process writes. */
  async function allReassigned(): Promise<void> {
    for (; identity.hasPendingReassignments(); await pause())
      try {
        catchUpSome();
      } catch (error) {
        if (!isBusy(error)) throw error;
      }
  }

  if (derives === "soon") background.schedule(); // an earlier run may have left something, as it does when it is killed
  return {
    ...{ identity, sales, statuses, rates, ways },
    setRate(ofCurrency, day, exact) {
      revaluations.note(ofCurrency, day, exact === null ? rates.remove(ofCurrency, day) : rates.put(ofCurrency, day, exact));
      hasNewRate = true;
    },
    markStale,
    arrived,
    write,
    tryOut: openTryOut(database, changed),
    groupCommit: openGroupCommit(database, write, makeRoom),
    ...{ ensureFresh, ensureCustomerFresh, inTurn, allReassigned },
    behind: () => stale.behind(now()),
    recomputeCustomer: (id) => (large.isLarge(id) ? write(() => markStale(id)) : refresh.whole(id, now())),
    isLarge: (id) => large.isLarge(id),
    recomputeLarge,
    catchUp,
    rebuild: (progress) =>
      rebuild({ database, calendar, identity, sales, revaluations, statuses, pipeline, refresh, recomputeLarge, now, write }, progress),
    credit: pipeline.credit,
    close: () => background.close(),
  };
}

// What does the log come to? Whose each entry is, what each sale is worth, and the totals that reports read, kept right by one mechanism.

import type { SqlFunctions } from "../../db/connection.ts";
import type { Database } from "../../db/database.ts";
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

/** So long, about, customers are refreshed between two other requests; how many that are is learned. */
const STEP_MS = 10;
const FIRST_CHUNK = 250;
const LEAST_CHUNK = 25;
const MOST_CHUNK = 1000;
const PROFILE = ["email", "name", "avatar", "country"] as const;
/** How long a read waits for derived data before it answers 503. */
const PATIENCE_MS = 2000;
/** How soon after a write the background refresh begins: late enough to take a burst of writes in one set. */
const BACKGROUND_DELAY_MS = 200;
/** … and how soon it goes on after a full step: requests come in between. */
const PAUSE_MS = 2;

/** An entry just stored, with what it says of its customer's profile. */
export interface ArrivedEntry {
  readonly id: number;
  readonly at: number;
  readonly email: string | null;
  readonly name: string | null;
  readonly avatar: string | null;
  readonly country: string | null;
}

export interface Ledger {
  readonly identity: Identity;
  readonly sales: Sales;
  readonly rates: Rates;
  /** Says, within a write, that what is derived for a customer may have changed. */
  touch(customerId: number): void;
  /** Says, within a write, that an entry was stored for a customer, and nothing else of theirs changed by it. */
  arrived(customerId: number, entry: ArrivedEntry): void;
  /** Runs a write in one transaction; customers that it touches are stale when it is stored, and their answers forgotten. */
  write<T>(work: () => T): T;
  /** Runs a write together with others that come at the same time, in one commit; resolves when it is on disk. */
  readonly groupCommit: GroupCommit;
  /** Has everything derived up to date, as far as a full disk lets it, or throws SERVICE_UNAVAILABLE after 2 seconds of catching up. */
  fresh(): Promise<void>;
  /** Has what is derived for one customer up to date, or throws CatchingUp while very many entries of theirs change hands. */
  freshCustomer(id: number): void;
  /** Waits until no entries change hands any more: for writes that must know whose is what. */
  allReassigned(): Promise<void>;
  /** Computes what is derived for one customer anew from the log, stale or not. */
  refreshCustomer(id: number): void;
  /** Refreshes stale customers until none is left, in short steps; `progress` is told how many were done, others can write in the pauses. */
  catchUp(progress?: (done: number) => void, pauseMs?: number): Promise<void>;
  /** Computes everything derived anew from the log, in place and in short writes; `progress` is told how many rows of how many are done. */
  rebuild(progress?: (done: number, total: number) => void): Promise<void>;
  /** Stops the background refresh. */
  close(): void;
}

/** What SQL may call: the calendar's arithmetic and case folding. */
export function sqlFunctions(calendar: Calendar): SqlFunctions {
  return {
    local_day: (at: number | null) => (at === null ? null : calendar.dayOf(at)),
    local_month: (at: number | null) => (at === null ? null : calendar.monthOf(at)),
    month_of_day: (day: number | null) => (day === null ? null : calendar.monthOfDay(day)),
    elapsed_period: (firstAt: number, at: number) => calendar.elapsedPeriod(firstAt, at),
    fold,
  };
}

/** When what is derived follows a write: `asked`, when somebody wants to read it; `soon`, by itself, or when somebody wants to read it before. */
export type Derives = "asked" | "soon";

export interface LedgerOptions {
  database: Database;
  /** The reporting currency. */
  currency: string;
  calendar: Calendar;
  now: () => number;
  /** Told, after each stored write, which customers it touched. */
  onTouched?: (customerIds: readonly number[]) => void;
  derives?: Derives | undefined;
  onBackgroundError?: (error: unknown) => void;
  /** So many entries change hands within one write (500), the others soon after it; the results are the same. */
  reassignAtOnce?: number | undefined;
}

const isDiskFull = (error: unknown) => error instanceof Error && "code" in error && error.code === "SQLITE_FULL";

const catchingUp = () => new CatchingUp("The figures are catching up with many new entries: try again soon.");

const pause = (milliseconds = 0) => new Promise<void>((resume) => setTimeout(resume, milliseconds));

export function openLedger(options: LedgerOptions): Ledger {
  const { database, currency, calendar, now, onTouched, derives = "asked", onBackgroundError } = options;
  // Whom a write touches: in whole (null), or only by entries appended from one on.
  const touched = new Map<number, number | null>();
  const touch = (customerId: number) => void touched.set(customerId, null);
  const rates = openRates(database);
  const identity = openIdentity(database, touch, options.reassignAtOnce);
  const sales = openSales(database, currency, rates, touch);
  const stale = openStale(database);
  const pipeline = openPipeline(database);
  const refresh = openRefresh(database, pipeline);
  const appendedTo = database.sqlite.prepare(
    `SELECT email, name, avatar, country FROM customer AS c WHERE id = :customerId AND first_touch_at IS NOT NULL AND entries > 0
       AND NOT EXISTS (SELECT 1 FROM entry WHERE customer_id = c.id AND at >= :at AND id <> :id)
       AND NOT EXISTS (SELECT 1 FROM profile_update WHERE customer_id = c.id AND is_creation AND at >= :at)`,
  );
  let chunk = FIRST_CHUNK;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  function write<T>(work: () => T): T {
    if (database.sqlite.inTransaction) return work(); // the outer write marks what this one touches
    touched.clear();
    const result = database.write(() => {
      const done = work();
      for (const [customerId, appendedFrom] of touched) stale.mark(customerId, appendedFrom);
      return done;
    });
    if (touched.size > 0) {
      onTouched?.([...touched.keys()]);
      if (derives === "soon") schedule();
    }
    return result;
  }

  /** Does the entry come after all of its customer's, and leave their profile as it is? Then it is added to what is derived, without reading the rest. */
  function isAppended(customerId: number, entry: ArrivedEntry): boolean {
    if (entry.at > now()) return false;
    const row = appendedTo.get({ customerId, at: entry.at, id: entry.id }) as Omit<ArrivedEntry, "id" | "at"> | undefined;
    return row !== undefined && PROFILE.every((field) => entry[field] === null || entry[field] === row[field]);
  }

  function arrived(customerId: number, entry: ArrivedEntry): void {
    if (touched.get(customerId) === null) return;
    if (!isAppended(customerId, entry)) touch(customerId);
    else if (!touched.has(customerId)) touched.set(customerId, entry.id);
  }

  function schedule(delay: number = BACKGROUND_DELAY_MS): void {
    if (closed || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      if (closed) return;
      try {
        const full = identity.hasPendingReassignments() ? 1 : chunk;
        const done = someMore();
        if (done === 0) return;
        clearTimeout(timer); // what was written meanwhile wanted another time
        timer = undefined;
        schedule(done < full ? BACKGROUND_DELAY_MS : PAUSE_MS);
      } catch (error) {
        if (isBusy(error)) schedule();
        else onBackgroundError?.(error); // a reader tries again, and says so if it fails
      }
    }, delay);
  }

  /** One short step of catching up: entries that change hands, then customers; gives how many, 0: nothing is left. */
  function someMore(): number {
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
      const last = someMore();
      done += last;
      progress?.(done);
      if (last === 0) return;
      if (performance.now() > until) throw catchingUp();
      await pause(pauseMs);
    }
  }

  function freshCustomer(id: number): void {
    for (const until = performance.now() + STEP_MS; identity.isBeingReassigned(id); )
      if (performance.now() < until) someMore();
      else throw catchingUp();
    if (stale.isCustomerDue(id, now())) refresh.one(id, now());
  }

  /** Gives all entries that change hands to their new owners, others in between; another process that writes is waited for. */
  async function allReassigned(): Promise<void> {
    for (; identity.hasPendingReassignments(); await pause())
      try {
        someMore();
      } catch (error) {
        if (!isBusy(error)) throw error;
      }
  }

  return {
    identity,
    sales,
    rates,
    touch,
    arrived,
    write,
    groupCommit: openGroupCommit(database, write),
    fresh: async () => {
      if (!stale.isDue(now()) && !identity.hasPendingReassignments()) return;
      try {
        await catchUp(undefined, 0, PATIENCE_MS);
      } catch (error) {
        if (!isDiskFull(error)) throw error; // reads go on, without what could not be derived
      }
    },
    freshCustomer,
    allReassigned,
    refreshCustomer: (id) => refresh.whole(id, now()),
    catchUp: (progress, pauseMs) => catchUp(progress, pauseMs),
    rebuild: (progress) => rebuild({ database, calendar, identity, sales, pipeline, refresh, now, write }, progress),
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

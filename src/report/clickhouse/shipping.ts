// How does ClickHouse follow what has changed? A loop goes through the feed, and sends the rows of the customers that have other figures.
import { openChanges } from "../../../db/change.ts";
import type { ChangeType } from "../../../db/feed-schema.ts";
import { readFollowing } from "../../../db/standby.ts";
import type { Context } from "../../context.ts";
import type { AnalyticsTarget } from "../../host/analytics-url.ts";
import type { Behind } from "../../value/behind.ts";
import { type ClickHouse, Unreachable } from "./connection.ts";
import { basisOf, type Cursor, epochOf, openCursor, toRev } from "./cursor.ts";
import { openReadCustomers } from "./read-customers.ts";
import { MARK, toEmptyRow } from "./row.ts";
import { ensureSchema, readExtent, TABLE } from "./schema.ts";
import { openTurns } from "./turns.ts";

/** How many changes are looked at, and how many customers are sent, at once. */
const CHANGES_AT_ONCE = 1000;
const CUSTOMERS_AT_ONCE = 500;
/** How long changes are gathered if nobody waits for them, since each insert is work for ClickHouse. */
const GATHER_MS = 500;
const SOON_MS = 5;
/** How often it is looked for what other processes have written. */
const LOOK_MS = 1000;
/** The pauses after failures; the last one repeats. */
const PAUSES_MS = [250, 1000, 3000, 10_000];
/** How long a report waits for what is not sent yet. */
const WAIT_MS = 2000;
/** How often it is stored how far it has come. After a kill, so much is sent again. */
const STORED_EVERY_MS = 5000;
/** How long the end waits for what is being sent. */
const GRACE_MS = 1000;

/** The changes after which a customer may have other figures. */
const TELLING: ReadonlySet<ChangeType> = new Set([
  "customer.created",
  "customer.updated",
  "customer.recomputed",
  "customer.merged",
  "customer.erased",
]);

/** `standby`: nothing is sent, and SQLite answers. `away`: ClickHouse cannot be reached, or refuses. */
export type Phase = "standby" | "away" | "filling" | "following";

export interface ShippingState {
  readonly phase: Phase;
  /** How many changes are not sent yet. */
  readonly behind: number;
  /** Everything that was acknowledged before this instant is there, in milliseconds since 1970 UTC; 0: unknown. */
  readonly asOfAt: number;
  /** Rows that ClickHouse has confirmed, and failed attempts, since the start. */
  readonly rows: number;
  readonly failures: number;
}

export interface Shipping {
  /** Begins to send, and goes on until it is closed. */
  start(): void;
  /** Ends, and stores how far it has come. Calling it again does nothing. */
  close(): Promise<void>;
  /** Waits up to two seconds until what is derived by now is sent. Gives what is not. */
  ensureShipped(): Promise<Behind | undefined>;
  /** May reports be read there? */
  isUsable(): boolean;
  /** Runs a report there, while nothing is inserted. `base`: the lowest rev of the filling. Throws Unreachable if that is not possible now. */
  read<T>(work: (clickhouse: ClickHouse, base: bigint) => Promise<T>): Promise<T>;
  /** Says that a report could not reach ClickHouse. */
  lost(): void;
  state(): ShippingState;
}

export interface ShippingOptions {
  readonly target: AnalyticsTarget;
  readonly clickhouse: ClickHouse;
  /** SQLite answers while ClickHouse cannot; then reports are read there only once it has caught up. */
  readonly hasFallback: boolean;
  /** How long a report waits for what is not sent, and how many customers are sent at once; for tests. */
  readonly waitMs?: number;
  readonly atOnce?: number;
}

export function openShipping(context: Context, options: ShippingOptions): Shipping {
  const { target, clickhouse, hasFallback, waitMs = WAIT_MS, atOnce = CUSTOMERS_AT_ONCE } = options;
  const { database, config, ledger, log, now } = context;
  const { sqlite } = database;
  const changes = openChanges(sqlite);
  const stored = openCursor(sqlite);
  const readCustomers = openReadCustomers(context);
  const turns = openTurns();
  const nextCustomers = sqlite
    .prepare<[after: number, most: number], number>(
      "SELECT id FROM customer WHERE id > ? AND first_touch_at IS NOT NULL ORDER BY id LIMIT ?",
    )
    .pluck();
  let cursor: Cursor | undefined; // undefined: not connected
  let isCaughtUp = false; // since it was connected
  let [rows, failures, failedInRow] = [0, 0, 0];
  let storedAt = Number.NEGATIVE_INFINITY;
  let isClosed = false;
  let running: Promise<void> | undefined;
  const waiting = new Set<() => void>(); // reports that wait
  let wake: () => void = () => undefined;

  function move(to: Cursor, mustStore = false): void {
    cursor = to;
    for (const look of waiting) look();
    if (mustStore || performance.now() >= storedAt + STORED_EVERY_MS) note(to);
  }

  /** Stores how far it has come. If that is not possible, as on a full disk, it is done later, or what was sent is sent again. */
  function note(at: Cursor): void {
    try {
      database.write(() => stored.store(at));
      storedAt = performance.now();
    } catch (error) {
      log.warn({
        message: "how far the analytics engine is could not be stored",
        error: error instanceof Error ? error.message : "unknown",
      });
    }
  }

  async function send(ids: readonly number[], { epoch }: Cursor): Promise<void> {
    for (let from = 0; from < ids.length && !isClosed; from += atOnce) {
      const tuples = await readCustomers(ids.slice(from, from + atOnce), (seq) => toRev(epoch, seq));
      await turns.insert(() => clickhouse.insert(TABLE, tuples));
      rows += tuples.length;
    }
  }

  /** Begins a new filling, whose revs are higher than all that the table has. */
  async function beginFilling(newest: bigint): Promise<void> {
    const epoch = epochOf(newest) + 1;
    const asOfAt = ledger.behind() === undefined ? now() : 0;
    const next = { epoch, basis: basisOf(sqlite, config), filledTo: 0, seq: changes.newest(), asOfAt };
    await clickhouse.insert(TABLE, [toEmptyRow(toRev(epoch, 0), MARK, false)]);
    if (!isClosed) move(next, true);
  }

  /** Creates what is missing, and goes on where the table is, if it is the one that was filled from this database. */
  async function reach(): Promise<void> {
    await ensureSchema(clickhouse, target);
    const { newest, mark } = await readExtent(clickhouse);
    if (isClosed) return;
    const before = stored.read();
    const isOurs = before?.epoch === epochOf(mark) && before.epoch === epochOf(newest) && before.basis === basisOf(sqlite, config);
    if (before !== undefined && isOurs && before.seq <= changes.newest()) move(before);
    else await beginFilling(newest);
    log.info({ message: "the analytics engine is connected", filling: cursor?.filledTo !== null });
  }

  /** Sends a part of what is not sent yet. False: there is nothing. */
  async function step(at: Cursor): Promise<boolean> {
    if (at.filledTo !== null) {
      const ids = nextCustomers.all(at.filledTo, atOnce);
      await send(ids, at);
      if (!isClosed) move({ ...at, filledTo: ids.at(-1) ?? null }, ids.length === 0);
      return true;
    }
    const asOfAt = now();
    const page = changes.after(at.seq, CHANGES_AT_ONCE);
    if (page.length === 0) {
      isCaughtUp = true;
      if (ledger.behind() === undefined && asOfAt !== at.asOfAt) cursor = { ...at, asOfAt };
      return false;
    }
    if ((page[0]?.seq ?? 0) > at.seq + 1) {
      cursor = undefined; // some were dropped meanwhile
      await beginFilling((await readExtent(clickhouse)).newest);
      return true;
    }
    const ids = new Set(page.flatMap(({ type, id }) => (TELLING.has(type) && typeof id === "number" ? [id] : [])));
    await send(
      [...ids].sort((a, b) => a - b),
      at,
    );
    if (isClosed) return false;
    const seq = page.at(-1)?.seq ?? at.seq;
    isCaughtUp ||= seq === changes.newest();
    move({ ...at, seq });
    return true;
  }

  /** Sleeps until there may be something to do. */
  async function sleep(milliseconds: number, wakes: boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      wake = () => {
        if (!wakes && !isClosed) return;
        clearTimeout(timer);
        resolve();
      };
    });
    wake = () => undefined;
  }

  async function run(): Promise<void> {
    const unlisten = database.afterWrites(() => waiting.size > 0 && wake());
    while (!isClosed)
      try {
        if (readFollowing(sqlite) !== undefined) {
          cursor = undefined;
          await sleep(LOOK_MS, false);
          continue;
        }
        if (cursor === undefined) await reach();
        const startedAt = performance.now();
        const isFilling = cursor?.filledTo !== null;
        const moved = cursor !== undefined && (await step(cursor));
        failedInRow = 0;
        if (!moved) await sleep(waiting.size > 0 ? SOON_MS : GATHER_MS, true);
        else if (isFilling) await sleep(performance.now() - startedAt, true); // half of the time is for requests
      } catch (error) {
        if (isClosed) break;
        fail(error);
        await sleep(PAUSES_MS[Math.min(failedInRow, PAUSES_MS.length) - 1] ?? 0, false);
      }
    unlisten();
  }

  function fail(error: unknown): void {
    failures += 1;
    failedInRow += 1;
    cursor = undefined;
    isCaughtUp = false;
    for (const look of waiting) look();
    if (failedInRow > 1) return;
    log.warn({
      message: "the analytics engine cannot be told what has changed",
      error: error instanceof Error ? error.message : "unknown",
    });
  }

  const isUsable = () => cursor !== undefined && cursor.filledTo === null && (!hasFallback || isCaughtUp);

  /** What is not sent; undefined: SQLite answers. */
  function lack(): Behind | undefined {
    if (hasFallback && !isUsable()) return undefined;
    const { seq, asOfAt } = cursor ?? stored.read() ?? { seq: 0, asOfAt: 0 };
    return { entries: Math.max(1, changes.newest() - seq), asOfAt };
  }

  return {
    start() {
      running ??= run();
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      wake();
      for (const look of waiting) look();
      await Promise.race([running, new Promise((resolve) => setTimeout(resolve, GRACE_MS))]);
      if (cursor !== undefined) note(cursor);
      await clickhouse.close();
    },
    async ensureShipped() {
      if (!isUsable()) return lack(); // whoever reads now gets 503 or SQLite's answer, unless it is usable by then
      const goal = changes.newest();
      const isThere = () => cursor !== undefined && cursor.seq >= goal;
      if (!isThere())
        await new Promise<void>((resolve) => {
          const end = () => {
            clearTimeout(timer);
            waiting.delete(look);
            resolve();
          };
          const look = () => {
            if (isThere() || cursor === undefined || isClosed) end();
          };
          const timer = setTimeout(end, waitMs);
          waiting.add(look);
          wake();
        });
      return isThere() ? undefined : lack();
    },
    isUsable,
    async read(work) {
      const epoch = isUsable() ? cursor?.epoch : undefined;
      if (epoch === undefined) throw new Unreachable("ClickHouse is not ready");
      return turns.read(() => work(clickhouse, toRev(epoch, 0)));
    },
    lost() {
      if (cursor !== undefined) fail(new Unreachable("a report got no answer"));
    },
    state: () => ({
      phase: phaseOf(),
      behind: cursor === undefined ? 0 : Math.max(0, changes.newest() - cursor.seq),
      asOfAt: cursor?.asOfAt ?? stored.read()?.asOfAt ?? 0,
      rows,
      failures,
    }),
  };

  function phaseOf(): Phase {
    if (readFollowing(sqlite) !== undefined) return "standby";
    if (cursor === undefined) return "away";
    return cursor.filledTo === null ? "following" : "filling";
  }
}

// How is an import undone? What it added leaves the log row by row, the newest first, in short writes; each of them leaves everything as if the
// import had brought only what is left. What came by another way too stays, and is that way's from then on.
import type { importRate, importSpan, importStatus } from "../../../db/import-schema.ts";
import { type entry, type profileUpdate, REFUND, SALE } from "../../../db/schema.ts";
import type { Context } from "../../context.ts";
import { openChangeOfCalls } from "../../customer/change-call.ts";
import { openCustomers } from "../../customer/ensure-customer.ts";
import { openTakeBack } from "../../customer/take-back.ts";
import { retryWhileBusy } from "../../host/retry.ts";
import { nextTurn, openTurn } from "../../host/turn.ts";
import { OTHER_WAYS, type RowKind } from "../../ledger/way.ts";
import { ApiError } from "../../value/error.ts";
import { LAST_UNDONE } from "../record.ts";
import { openStatuses } from "../status.ts";
import { openDecisions } from "./decide-again.ts";
import { openNeighbours } from "./neighbours.ts";
import { type Import, type ImportStore, openImportStore } from "./store.ts";

type Span = Pick<typeof importSpan.$inferSelect, "firstId" | "lastId">;
type Status = Omit<typeof importStatus.$inferSelect, "importId" | "isAdded">;
type Rate = Pick<typeof importRate.$inferSelect, "currency" | "day" | "rate">;

/** How long a step is retried while another process holds the database. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 2;
/** How long a write lasts while nobody else waits. */
const ALONE_MS = 200;
/** Beside a server, derived figures follow after so many rows. */
const ROUND_ROWS = 1000;
/** How many waiting refunds of a sale that is taken back get the customer whom they name. */
const MOST_REFUNDS = 1000;

export interface Undoing {
  /** Called after each write with the rows taken back so far. */
  readonly onProgress?: (rows: number) => void;
  /** Requests are answered beside it, in this process or another. The default is whether a server holds the database. */
  readonly isBesideServer?: boolean;
  /** Stop after the current write. */
  readonly isStopped?: () => boolean;
}

export interface Undo {
  /** Begins to undo an import, within a write. Throws CONFLICT for one that is being read, or is undone already. */
  begin(imported: Import): void;
  /** Takes back what is left of it, and derives what that changes. If it is stopped, another call goes on. */
  finish(id: number, undoing?: Undoing): Promise<void>;
}

/** `turnMs`: how long one write takes; for tests. */
export function openUndo(
  context: Context,
  store: ImportStore = openImportStore(context.database.sqlite, context.now),
  turnMs?: number,
): Undo {
  const { database, ledger } = context;
  const { sqlite } = database;
  const { ways, identity } = ledger;
  const customers = openCustomers(context);
  const statuses = openStatuses(context);
  const takeBack = openTakeBack(context);
  const neighbours = openNeighbours(context);
  const change = openChangeOfCalls(context);
  const lastSpan = sqlite.prepare<[kind: RowKind, importId: number], Span>(
    "SELECT first_id AS firstId, last_id AS lastId FROM import_span WHERE kind = ? AND import_id = ? AND is_added = 1 ORDER BY first_id DESC LIMIT 1",
  );
  const shorten = sqlite.prepare("UPDATE import_span SET last_id = ? WHERE kind = ? AND import_id = ? AND is_added = 1 AND first_id = ?");
  const dropSpan = sqlite.prepare("DELETE FROM import_span WHERE kind = ? AND import_id = ? AND is_added = 1 AND first_id = ?");
  const dropSpans = sqlite.prepare("DELETE FROM import_span WHERE import_id = ?");
  const dropRestored = sqlite.prepare("DELETE FROM import_span WHERE kind = 'restored' AND import_id = ?");
  const findEntry = sqlite.prepare<
    [lastId: number, firstId: number],
    Pick<typeof entry.$inferSelect, "id" | "type" | "key" | "saleKey" | "customerId" | "declaredCustomerId">
  >(
    `SELECT id, type, key, sale_key AS saleKey, customer_id AS customerId, declared_customer_id AS declaredCustomerId FROM entry WHERE id <= ? AND id >= ? ORDER BY id DESC LIMIT 1`,
  );
  const findUpdate = sqlite.prepare<[lastId: number, firstId: number], Pick<typeof profileUpdate.$inferSelect, "id" | "customerId">>(
    "SELECT id, customer_id AS customerId FROM profile_update WHERE id <= ? AND id >= ? ORDER BY id DESC LIMIT 1",
  );
  const unnamedRefunds = sqlite.prepare<[saleKey: string], { id: number; externalId: string }>(
    `SELECT id, external_id AS externalId FROM entry WHERE type = ${REFUND} AND sale_key = ? AND external_id IS NOT NULL AND declared_customer_id IS NULL LIMIT ${MOST_REFUNDS}`,
  );
  const declare = sqlite.prepare("UPDATE entry SET declared_customer_id = ? WHERE id = ?");
  const keepFloor = sqlite.prepare(
    `INSERT INTO setting (name, value) SELECT '${LAST_UNDONE}', max(last_id) FROM import_span WHERE kind = 'entry' AND import_id = ? AND is_added HAVING max(last_id) IS NOT NULL
     ON CONFLICT DO UPDATE SET value = max(cast(value AS INTEGER), excluded.value + 0)`,
  );
  const nextStatus = sqlite.prepare<[importId: number], Status>(
    "SELECT type, key, at, status FROM import_status WHERE import_id = ? AND is_added LIMIT 1",
  );
  const heirOfStatus = sqlite
    .prepare<Status, number>(
      "SELECT min(import_id) FROM import_status WHERE type = :type AND key = :key AND at = :at AND status = :status AND NOT is_added",
    )
    .pluck();
  const dropStatus = sqlite.prepare<Status & { importId: number }>(
    "DELETE FROM import_status WHERE type = :type AND key = :key AND at = :at AND status = :status AND import_id = :importId",
  );
  const inheritStatus = sqlite.prepare<Status & { importId: number }>(
    "UPDATE import_status SET is_added = 1 WHERE type = :type AND key = :key AND at = :at AND status = :status AND import_id = :importId",
  );
  const dropStatuses = sqlite.prepare("DELETE FROM import_status WHERE import_id = ?");
  const dropUnnamed = sqlite.prepare("DELETE FROM import_unnamed_sale WHERE import_id = ?");
  const nextRate = sqlite.prepare<[importId: number], Rate>("SELECT currency, day, rate FROM import_rate WHERE import_id = ? LIMIT 1");
  /** Another way that brought the row too takes it over: an import as its own, all others without more ado. */
  function isKept(kind: "entry" | "profile_update", rowId: number, importId: number): boolean {
    const heir = ways.repeaterOf(kind, rowId, importId);
    if (heir !== undefined && heir !== OTHER_WAYS) ways.add(kind, heir, 1, rowId, rowId);
    if (heir !== undefined) neighbours.noteKept(kind, rowId);
    return heir !== undefined;
  }

  function takeEntryBack(importId: number, row: NonNullable<ReturnType<typeof findEntry.get>>): void {
    const { id, type, key, saleKey, customerId, declaredCustomerId } = row;
    if (isKept("entry", id, importId)) return;
    if (type === SALE)
      // While the sale was there, its refunds belonged to its customer, whomever they named.
      for (const refund of unnamedRefunds.all(key))
        declare.run(customers.ensureByExternalId(refund.externalId, { emails: [], aliases: [] }), refund.id);
    neighbours.noteOfEntry(id, importId);
    identity.withdraw.entry(id);
    const sale = type === SALE ? key : saleKey;
    if (sale !== null) ledger.sales.revalue(sale);
    for (const each of new Set([customerId, declaredCustomerId])) if (each !== null) takeBack(each, importId);
  }

  function takeUpdateBack(importId: number, { id, customerId }: NonNullable<ReturnType<typeof findUpdate.get>>): void {
    if (isKept("profile_update", id, importId)) return;
    neighbours.noteOfUpdate(id, importId);
    identity.withdraw.profileUpdate(id);
    takeBack(customerId, importId);
  }

  /** Takes rows of a kind back until the turn is over, from the last one on. Gives their number. */
  function takeSpansBack<Row extends { readonly id: number }>(
    kind: RowKind,
    importId: number,
    isOver: () => boolean,
    find: (lastId: number, firstId: number) => Row | undefined,
    handle: (importId: number, row: Row) => void,
  ): number {
    let done = 0;
    for (let span = lastSpan.get(kind, importId); span; span = lastSpan.get(kind, importId)) {
      const row = find(span.lastId, span.firstId);
      if (row) {
        handle(importId, row);
        done += 1;
      }
      if (row && row.id > span.firstId) shorten.run(row.id - 1, kind, importId, span.firstId);
      else dropSpan.run(kind, importId, span.firstId);
      if (isOver()) return Math.max(done, 1);
    }
    return done;
  }

  function takeRateBack(importId: number, { currency, day, rate }: Rate): void {
    const taken = ways.takeRate(currency, day, importId);
    if (taken && !taken.isPassedOn && ledger.rates.at(currency, day) === rate && taken.former !== rate)
      ledger.setRate(currency, day, taken.former);
  }

  function takeStatusBack(importId: number, status: Status): void {
    const heir = heirOfStatus.get(status) ?? undefined;
    dropStatus.run({ ...status, importId });
    if (heir === undefined) statuses.unsay(status, status.status, status.at);
    else if (heir !== OTHER_WAYS) inheritStatus.run({ ...status, importId: heir });
  }

  /** Takes some more back, within a write of about so many milliseconds. Gives the number of rows; 0: nothing is left. */
  function takeSomeBack(id: number, milliseconds: number | undefined): number {
    const isOver = openTurn(milliseconds);
    let done = 0;
    for (let rate = nextRate.get(id); rate && (done === 0 || !isOver()); rate = nextRate.get(id), done += 1) takeRateBack(id, rate);
    if (done > 0) return done;
    for (let status = nextStatus.get(id); status && (done === 0 || !isOver()); status = nextStatus.get(id), done += 1)
      takeStatusBack(id, status);
    if (done > 0) return done;
    done = takeSpansBack("entry", id, isOver, (last, first) => findEntry.get(last, first), takeEntryBack);
    if (done > 0) return done;
    done = takeSpansBack("profile_update", id, isOver, (last, first) => findUpdate.get(last, first), takeUpdateBack);
    if (done > 0) return done;
    dropRestored.run(id);
    return takeSpansBack(
      "customer",
      id,
      isOver,
      (last, first) => (last < first ? undefined : { id: last }),
      (importId, row) => takeBack(row.id, importId),
    );
  }

  /** Decides all calls anew that the import might have had an influence on. Gives whether it came to the end. */
  async function decideCalls(isStopped: () => boolean): Promise<boolean> {
    const decisions = openDecisions(context);
    try {
      for (let noted = neighbours.next(); noted; noted = neighbours.next()) {
        const connected = neighbours.connectedWith(noted);
        const changed = connected ? await decisions.decide(connected) : [];
        const done = [noted, ...(connected?.rows ?? [])];
        await retryWhileBusy(
          () =>
            ledger.write(() => {
              for (const call of changed) change(call);
              neighbours.forget(done);
            }),
          PATIENCE_MS,
        );
        await ledger.allReassigned();
        if (isStopped()) return false;
        await nextTurn();
      }
      return true;
    } finally {
      decisions.close();
    }
  }

  return {
    begin({ id, state }) {
      if (state === "undoing") return;
      if (state === "undone") throw new ApiError("CONFLICT", "The import was undone already.");
      if (state === "reading") throw new ApiError("CONFLICT", "The file is still being read. Try again when it is done.");
      keepFloor.run(id);
      store.setState(id, "undoing");
    },
    async finish(id, { onProgress, isBesideServer, isStopped = () => false } = {}) {
      const isBeside = isBesideServer ?? database.isServed();
      const milliseconds = turnMs ?? (isBeside ? undefined : ALONE_MS);
      let round = 0;
      for (let rows = 0; ; ) {
        const done = await retryWhileBusy(() => ledger.write(() => takeSomeBack(id, milliseconds)), PATIENCE_MS);
        if (done === 0) break;
        rows += done;
        round += done;
        onProgress?.(rows);
        await ledger.allReassigned();
        if (isStopped()) return;
        if (!isBeside) continue;
        await Bun.sleep(PAUSE_MS);
        if (round < ROUND_ROWS) continue;
        await retryWhileBusy(() => ledger.catchUp(undefined, PAUSE_MS), PATIENCE_MS);
        round = 0;
      }
      if (!(await decideCalls(isStopped))) return;
      await retryWhileBusy(
        () =>
          ledger.write(() => {
            dropSpans.run(id);
            dropStatuses.run(id);
            dropUnnamed.run(id);
            store.setState(id, "undone");
          }),
        PATIENCE_MS,
      );
      await retryWhileBusy(() => ledger.catchUp(undefined, PAUSE_MS), PATIENCE_MS);
    },
  };
}

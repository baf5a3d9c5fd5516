// How does an entry get into the log, exactly once? It is looked up by its key, checked against its sale, stored, and given its owner.
import { CLICK, type entry, LEAD, REFUND, SALE } from "../../db/schema.ts";
import { type Context, oncePerContext } from "../context.ts";
import { openCustomers } from "../customer/ensure-customer.ts";
import { toAliases } from "../ledger/name.ts";
import { ERASED_CUSTOMER_ID } from "../ledger/named-row.ts";
import { UNKNOWN_CURRENCY_DECIMALS } from "../ledger/refund-total.ts";
import type { Valuation } from "../ledger/sale.ts";
import { ApiError, invalid } from "../value/error.ts";
import { requireDecimals, toDecimalText } from "../value/money.ts";
import { type Draft, isDefaulted } from "./draft.ts";
import { OTHER_COLUMNS, SENT_COLUMNS } from "./entry-columns.ts";
import { keyOf, withClickId } from "./key.ts";
import { differences, type SentRow } from "./replay.ts";
import { SENT } from "./stored-draft.ts";

/** The setting that holds the largest id of an entry that an import had added and that was taken back. */
export const LAST_UNDONE = "last_undone_entry";

/** A recorded entry. */
export interface Recorded {
  id: number;
  type: number;
  at: number;
  clickId: string | null;
  /** The owner; null if it has none yet, or if the owner is erased. */
  customerId: number | null;
  duplicate: boolean;
  /** It is a refund whose sale has not arrived yet. */
  isPending: boolean;
}

export interface Recorder {
  /**
   * Records one entry within a write. Throws CONFLICT for a replay with other content or a refund of more than is left, VALIDATION_ERROR for
   * a refund in another currency.
   */
  record(draft: Draft, options?: RecordOptions): Recorded;
  /** An entry that was recorded before, as it is now. Throws NOT_FOUND if its customer has been erased. */
  recall(id: number, duplicate: boolean): Recorded;
}

export interface RecordOptions {
  /** An entry without an id of its own is never a replay, even with a timestamp. */
  readonly alwaysNew?: boolean;
  /** False: a refund is stored whatever is left of its sale. What it takes is decided when it is derived. The default is true. */
  readonly isMeasured?: boolean;
  /** The key that was made for an entry without one in another workspace. */
  readonly key?: string | undefined;
  /** The customer whom its externalId meant when it arrived in another workspace. Another customer may have the externalId by now. */
  readonly declaredCustomerId?: number | undefined;
}

type Stored = typeof entry.$inferSelect;
type StoredRow = SentRow & Pick<Stored, "id" | "customerId" | "erasedCustomerId">;
type RecordedRow = Pick<Stored, "id" | "type" | "at" | "clickId" | "orderId" | "customerId">;
/** A sale always has a value and a currency. */
type SaleRow = Pick<Stored, "clickId" | "erasedCustomerId" | "refundedMinor"> & { value: number; currency: string };

const NO_NAMES = { emails: [], aliases: [] } as const;

const SENT_FIELDS = Object.values(SENT_COLUMNS);

/** The recorder of a workspace. */
export const openRecorder = oncePerContext((context: Context) => toRecorder(context, false));

/**
 * The recorder for a log that is loaded as a whole, into a database that had none: entries are only stored. Their owners and all figures are left
 * to `deriveLoaded` (src/ledger/load/).
 */
export const openLoadingRecorder = oncePerContext((context: Context) => toRecorder(context, true));

function toRecorder(context: Context, isLoading: boolean): Recorder {
  const { database, ledger, calendar, config, now } = context;
  const { sqlite } = database;
  // Of a log that is loaded as a whole nobody is stale: all customers are computed at its end.
  const customers = openCustomers(isLoading ? { ...context, ledger: { ...ledger, markStale: () => undefined } } : context);
  const findByKey = sqlite.prepare<[type: number, key: string], StoredRow>(
    `SELECT id, customer_id AS customerId, erased_customer_id AS erasedCustomerId, ${SENT} FROM entry WHERE type = ? AND key = ?`,
  );
  const findById = sqlite.prepare<[id: number], RecordedRow>(
    `SELECT id, type, at, click_id AS clickId, order_id AS orderId, customer_id AS customerId FROM entry WHERE id = ?`,
  );
  const findSale = sqlite.prepare<[key: string | null], SaleRow>(
    `SELECT value, currency, click_id AS clickId, ${ERASED_CUSTOMER_ID} AS erasedCustomerId, refunded_minor AS refundedMinor FROM entry WHERE type = ${SALE} AND key = ?`,
  );
  const sumOf = (index: string, condition = "") =>
    sqlite
      .prepare<{ unit: bigint; saleKey: string | null; currency: string }, string>(
        `SELECT cast(coalesce(sum(CASE WHEN currency IS NULL THEN value / :unit ELSE value END), 0) AS TEXT) FROM entry INDEXED BY ${index}
       WHERE type = ${REFUND} AND sale_key = :saleKey AND set_status <> 'rejected' AND (currency IS NULL AND value % :unit = 0 OR currency = :currency) ${condition}`,
      )
      .pluck();
  const sumRefunds = sumOf("entry_refund_order");
  // In an expression of its own, because the former index holds all that its sum needs, and nearly no sale has totals.
  const sumTotals = sumOf("entry_refund_total", "AND total_until IS NOT NULL");
  const columns = [...Object.keys(SENT_COLUMNS), ...OTHER_COLUMNS];
  // By position: naming thirty values takes the driver longer than the row takes SQLite. The id of an entry that was taken back with its import
  // (src/intake/import/undo.ts) is never another's; without any, this id is null, and SQLite gives the next one.
  const nextId = `(SELECT max(cast(value AS INTEGER), (SELECT coalesce(max(id), 0) FROM entry)) + 1 FROM setting WHERE name = '${LAST_UNDONE}')`;
  const insert = sqlite.prepare(`INSERT INTO entry (id, ${columns.join(", ")}) VALUES (${[nextId, ...columns.map(() => "?")].join(", ")})`);
  // Into a database that never had an entry.
  const insertNew = sqlite.prepare(
    `INSERT INTO entry (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")}) ON CONFLICT DO NOTHING`,
  );
  const insertAlias = sqlite.prepare(`INSERT INTO entry_alias (alias, entry_id) VALUES (?, ?)`);
  const deleteAlias = sqlite.prepare(`DELETE FROM entry_alias WHERE alias = ? AND entry_id = ?`);
  const isErased = sqlite.prepare<[id: number], 0 | 1>(`SELECT deleted_at IS NOT NULL FROM customer WHERE id = ?`).pluck();
  const strip = sqlite.prepare(
    `UPDATE entry SET external_id = NULL, email = NULL, aliases = NULL, name = NULL, avatar = NULL, country = NULL, visitor_id = NULL, url = NULL, referrer = NULL, metadata = NULL WHERE id = ?`,
  );

  /**
   * Throws if a refund is in another currency than its sale, or, with `isMeasured`, if it is more than what earlier refunds left of the sale.
   * Totals of refunds are not measured, and others are not measured against them: a total gives way to the refunds that it knew of.
   */
  function checkRefund(draft: Draft, sale: SaleRow, isMeasured: boolean): void {
    const unit = 10 ** (UNKNOWN_CURRENCY_DECIMALS - requireDecimals(sale.currency));
    if (draft.currency !== null && draft.currency !== sale.currency)
      throw invalid([{ path: "currency", message: `must be ${sale.currency}, the currency of the sale, not ${draft.currency}` }]);
    if (draft.value === null) return;
    if (draft.currency === null && draft.value % BigInt(unit) !== 0n)
      throw invalid([
        {
          path: "value",
          message: `must not have more than ${requireDecimals(sale.currency)} decimals in ${sale.currency}, the currency of the sale`,
        },
      ]);
    if (!isMeasured) return;
    const asked = draft.currency === null ? draft.value / BigInt(unit) : draft.value;
    const ofSale = { unit: BigInt(unit), saleKey: draft.orderId, currency: sale.currency };
    const totals = BigInt(sumTotals.get(ofSale) ?? 0);
    // While something is left, refunds take exactly what they ask for.
    const isKnown = totals === 0n && sale.refundedMinor !== null && sale.refundedMinor < sale.value;
    const before = BigInt(isKnown ? (sale.refundedMinor ?? 0) : (sumRefunds.get(ofSale) ?? 0)) - totals;
    const left = BigInt(sale.value) > before ? BigInt(sale.value) - before : 0n;
    if (asked > left) {
      const inMajor = (minor: bigint) => `${toDecimalText(minor, requireDecimals(sale.currency))} ${sale.currency}`;
      throw new ApiError("CONFLICT", "The refund is more than what is left of its sale.", {
        details: [{ path: "value", message: `must be at most ${inMajor(left)}, which is left of the sale, not ${inMajor(asked)}` }],
      });
    }
  }

  function toRecorded(row: RecordedRow, duplicate: boolean): Recorded {
    const { id, type, at, clickId } = row;
    const erased = row.customerId !== null && isErased.get(row.customerId) === 1;
    const isPending = type === REFUND && findSale.get(row.orderId) === undefined;
    return { id, type, at, clickId, customerId: erased ? null : row.customerId, duplicate, isPending };
  }

  /** Gives the entry that a replay repeats. Throws CONFLICT if it differs. An erased customer's entry is gone and cannot be compared. */
  function replay(sent: StoredRow, draft: Draft): Recorded {
    const recorded = toRecorded(sent, true);
    const isGone = sent.erasedCustomerId !== null || recorded.customerId !== sent.customerId;
    const sale = draft.type === REFUND ? findSale.get(draft.orderId) : undefined;
    const details = isGone ? [] : differences(sent, draft, sale?.currency ?? null);
    if (details.length > 0)
      throw new ApiError("CONFLICT", "An entry with this key is already recorded with other content. The first one stays.", { details });
    ledger.ways.repeated("entry", sent.id);
    return recorded;
  }

  /** The value of a new row in the workspace's currency. Refunds get theirs together with their sale. */
  function worthOf({ type, value, currency }: Draft, status: string | null, rateDay: number | null): Valuation {
    if (type === SALE && value !== null && currency !== null && status !== null)
      return ledger.sales.valueAlone({ value, currency, setStatus: status, rateDay });
    return { isCounted: type === LEAD && status !== "rejected" && status !== "fraud" ? 1 : 0, amountMinor: null };
  }

  /**
   * Stores an entry of a log that is loaded, without a look at what is there before: one that is neither measured nor makes a customer.
   * Undefined: it is another one, or a replay.
   */
  function storeAtOnce(draft: Draft, key: string): Recorded | undefined {
    const { type, at, clickId, externalId } = draft;
    if (type === REFUND || draft.aliases !== null) return undefined;
    const owner = externalId === null ? null : customers.findByExternalId(externalId);
    if (owner === undefined) return undefined;
    const { changes, lastInsertRowid } = insertNew.run(toRow(draft, key, draft.status, owner, owner));
    if (changes === 0) return undefined;
    return { id: Number(lastInsertRowid), type, at, clickId, customerId: owner, duplicate: false, isPending: false };
  }

  /** The values of a new row. `owner`: the customer that is known without resolving it. */
  function toRow(draft: Draft, key: string, status: string | null, declaredCustomerId: number | null, owner: number | null): unknown[] {
    const { type, at, currency } = draft;
    const rateDay = type === SALE && currency !== config.currency ? calendar.dayOf(at) : null;
    const { isCounted, amountMinor } = worthOf(draft, status, rateDay);
    const saleKey = type === REFUND ? draft.orderId : null;
    const others = [key, now(), status, status, declaredCustomerId, saleKey, owner, isCounted, amountMinor, rateDay];
    return [...SENT_FIELDS.map((field) => draft[field]), ...others];
  }

  return {
    recall(id, duplicate) {
      const row = findById.get(id);
      const recorded = row && toRecorded(row, duplicate);
      if (!recorded || recorded.customerId !== row.customerId) throw new ApiError("NOT_FOUND", "This entry was erased with its customer.");
      return recorded;
    },
    record(input, { alwaysNew = false, isMeasured = true, ...kept } = {}) {
      const key = kept.key ?? keyOf(input, database.secret, alwaysNew);
      const draft = withClickId(input, key);
      if (isLoading) {
        const stored = storeAtOnce(draft, key);
        if (stored) return stored;
      }
      const sent = findByKey.get(draft.type, key);
      if (sent) return replay(sent, draft);

      const saleKey = draft.type === REFUND ? draft.orderId : null;
      const sale = saleKey === null ? undefined : findSale.get(saleKey);
      const { type, at, email, clickId, visitorId, defaulted } = draft;
      const aliases = toAliases(draft.aliases);
      // A status may have been said before its entry arrived.
      const status = type === CLICK || isLoading ? draft.status : ledger.statuses.statusOf({ type, key, at, sentStatus: draft.status });
      const isRejected = draft.status === "rejected" || status === "rejected";
      if (sale) checkRefund(draft, sale, isMeasured && !isRejected && draft.totalUntil === null);

      // A refund of a known sale belongs to the sale's customer, so the customer that it names is not created.
      let declaredCustomerId: number | null = kept.declaredCustomerId ?? null;
      if (declaredCustomerId === null && draft.externalId !== null) {
        const named = sale
          ? customers.findByExternalId(draft.externalId)
          : customers.ensureByExternalId(draft.externalId, type === REFUND ? NO_NAMES : { emails: email === null ? [] : [email], aliases });
        declaredCustomerId = named ?? null;
      }

      const isFromPage = isDefaulted(defaulted, "fromPage") ? 1 : 0;
      const owner = type === REFUND ? null : declaredCustomerId;
      const isAwaited = !isLoading && type === SALE && ledger.sales.isAwaited(key);
      const id = Number(insert.run(toRow(draft, key, status, declaredCustomerId, owner)).lastInsertRowid);
      for (const alias of aliases) insertAlias.run(alias, id);
      if (isLoading) return { id, type, at, clickId, customerId: owner, duplicate: false, isPending: false };
      const customerId = ledger.identity.resolveOwner(
        {
          id,
          type,
          at,
          key,
          declaredCustomerId,
          erasedCustomerId: null,
          email,
          aliases: draft.aliases,
          clickId,
          visitorId,
          saleKey,
          isFromPage,
          customerId: owner,
        },
        isAwaited,
      );
      if (isAwaited) ledger.sales.revalue(key, { arriving: id });
      else if (sale && saleKey !== null) ledger.sales.revalue(saleKey, { arriving: id, from: { at, key } });
      // From here ledger/pipeline.ts derives the owner's figures, at the next read or in the background.
      if (customerId !== null) ledger.arrived(customerId, { ...draft, id });
      const recorded = toRecorded({ id, type, at, clickId, orderId: draft.orderId, customerId }, false);
      // An entry that belongs to an erased person for good is stored without personal data. A refund belongs to them as long as its sale does.
      const led = sale ?? { clickId, erasedCustomerId: null };
      const isFinal = led.erasedCustomerId !== null || (led.clickId !== null && ledger.identity.ownerOfClick(led.clickId) === customerId);
      if (recorded.customerId !== customerId && isFinal) {
        strip.run(id);
        for (const alias of aliases) deleteAlias.run(alias, id);
      }
      return recorded;
    },
  };
}

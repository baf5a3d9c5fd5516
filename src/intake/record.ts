// How does an entry get into the log, exactly once? It is looked up by its key, checked against its sale, stored, and given its owner.
import { CLICK, type entry, LEAD, REFUND, SALE } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import { openCustomers } from "../customer/ensure-customer.ts";
import { toAliases } from "../ledger/name.ts";
import { UNKNOWN_CURRENCY_DECIMALS, type Valuation } from "../ledger/sale.ts";
import { ApiError, invalid } from "../value/error.ts";
import { requireDecimals, toDecimalText } from "../value/money.ts";
import { type Draft, isDefaulted } from "./draft.ts";
import { keyOf, withClickId } from "./key.ts";
import { differences, type SentRow } from "./replay.ts";

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
type SaleRow = Pick<Stored, "clickId" | "erasedCustomerId"> & { value: number; currency: string };

/** The columns with what was sent, and the fields of the draft that they hold. */
const SENT_COLUMNS = {
  type: "type",
  at: "at",
  defaulted: "defaulted",
  external_id: "externalId",
  email: "email",
  aliases: "aliases",
  name: "name",
  avatar: "avatar",
  country: "country",
  click_id: "clickId",
  visitor_id: "visitorId",
  event: "event",
  event_id: "eventId",
  order_id: "orderId",
  value: "value",
  currency: "currency",
  sent_status: "status",
  link: "link",
  campaign: "campaign",
  source: "source",
  medium: "medium",
  url: "url",
  referrer: "referrer",
  metadata: "metadata",
} as const satisfies Record<string, keyof Draft>;

const NO_NAMES = { emails: [], aliases: [] } as const;

const SENT_FIELDS = Object.values(SENT_COLUMNS);

/** The columns of a new row that the server fills in. */
const OTHER_COLUMNS = [
  "key",
  "received_at",
  "set_status",
  "status",
  "declared_customer_id",
  "sale_key",
  "customer_id",
  "is_counted",
  "amount_minor",
  "rate_day",
] as const;

/** The columns of a stored entry as it was sent. Values are read as text, because ten-thousandths can be wider than a double. */
const SENT = Object.entries(SENT_COLUMNS).map(([column, field]) =>
  column === "value" ? `cast(value AS TEXT) AS value` : `${column} AS ${field}`,
);

export function openRecorder(context: Context): Recorder {
  const { database, ledger, calendar, config, now } = context;
  const { sqlite } = database;
  const customers = openCustomers(context);
  const findByKey = sqlite.prepare<[type: number, key: string], StoredRow>(
    `SELECT id, customer_id AS customerId, erased_customer_id AS erasedCustomerId, ${SENT.join(", ")} FROM entry WHERE type = ? AND key = ?`,
  );
  const findById = sqlite.prepare<[id: number], RecordedRow>(
    `SELECT id, type, at, click_id AS clickId, order_id AS orderId, customer_id AS customerId FROM entry WHERE id = ?`,
  );
  const findSale = sqlite.prepare<[key: string | null], SaleRow>(
    `SELECT value, currency, click_id AS clickId, erased_customer_id AS erasedCustomerId FROM entry WHERE type = ${SALE} AND key = ?`,
  );
  const sumRefunds = sqlite
    .prepare<{ unit: bigint; saleKey: string | null; currency: string }, string>(
      `SELECT cast(coalesce(sum(CASE WHEN currency IS NULL THEN value / :unit ELSE value END), 0) AS TEXT) FROM entry INDEXED BY entry_refund_order
     WHERE type = ${REFUND} AND sale_key = :saleKey AND set_status <> 'rejected' AND (currency IS NULL AND value % :unit = 0 OR currency = :currency)`,
    )
    .pluck();
  const columns = [...Object.keys(SENT_COLUMNS), ...OTHER_COLUMNS];
  // By position: naming thirty values takes the driver longer than the row takes SQLite.
  const insert = sqlite.prepare(`INSERT INTO entry (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`);
  const insertAlias = sqlite.prepare(`INSERT INTO entry_alias (alias, entry_id) VALUES (?, ?)`);
  const deleteAlias = sqlite.prepare(`DELETE FROM entry_alias WHERE alias = ? AND entry_id = ?`);
  const isErased = sqlite.prepare<[id: number], 0 | 1>(`SELECT deleted_at IS NOT NULL FROM customer WHERE id = ?`).pluck();
  const strip = sqlite.prepare(
    `UPDATE entry SET external_id = NULL, email = NULL, aliases = NULL, name = NULL, avatar = NULL, country = NULL, visitor_id = NULL, url = NULL, referrer = NULL, metadata = NULL WHERE id = ?`,
  );

  /**
   * Throws if a refund is in another currency than its sale, or, with `isMeasured`, if it is more than what earlier refunds left of the sale.
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
    const before = BigInt(sumRefunds.get({ unit: BigInt(unit), saleKey: draft.orderId, currency: sale.currency }) ?? 0);
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
    if (sent.erasedCustomerId !== null || recorded.customerId !== sent.customerId) return recorded;
    const sale = draft.type === REFUND ? findSale.get(draft.orderId) : undefined;
    const details = differences(sent, draft, sale?.currency ?? null);
    if (details.length > 0)
      throw new ApiError("CONFLICT", "An entry with this key is already recorded with other content. The first one stays.", { details });
    return recorded;
  }

  /** The value of a new row in the workspace's currency. Refunds get theirs together with their sale. */
  function worthOf({ type, value, currency }: Draft, status: string | null, rateDay: number | null): Valuation {
    if (type === SALE && value !== null && currency !== null && status !== null)
      return ledger.sales.valueAlone({ value, currency, setStatus: status, rateDay });
    return { isCounted: type === LEAD && status !== "rejected" && status !== "fraud" ? 1 : 0, amountMinor: null };
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
      const sent = findByKey.get(draft.type, key);
      if (sent) return replay(sent, draft);

      const saleKey = draft.type === REFUND ? draft.orderId : null;
      const sale = saleKey === null ? undefined : findSale.get(saleKey);
      const { type, at, email, clickId, visitorId, currency, defaulted } = draft;
      const aliases = toAliases(draft.aliases);
      // A status may have been said before its entry arrived.
      const status = type === CLICK ? null : ledger.statuses.statusOf({ type, key, at, sentStatus: draft.status });
      const isRejected = draft.status === "rejected" || status === "rejected";
      if (sale) checkRefund(draft, sale, isMeasured && !isRejected);

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
      const rateDay = type === SALE && currency !== config.currency ? calendar.dayOf(at) : null;
      const isAwaited = type === SALE && ledger.sales.isAwaited(key);
      const worth = worthOf(draft, status, rateDay);
      const others = [key, now(), status, status, declaredCustomerId, saleKey, owner, worth.isCounted, worth.amountMinor, rateDay];
      const id = Number(insert.run([...SENT_FIELDS.map((field) => draft[field]), ...others]).lastInsertRowid);
      for (const alias of aliases) insertAlias.run(alias, id);
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

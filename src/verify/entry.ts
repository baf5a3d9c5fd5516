// Which customer owns each entry, and what is its value? Computed entry
// by entry, and compared with what is stored (definitions §3–§5, §10).
import type { Database } from "../../db/database.ts";
import { CLICK, type entry as entryTable, LEAD, REFUND, type rate, SALE, type saidStatus } from "../../db/schema.ts";
import type { Calendar } from "../value/calendar.ts";
import { toCustomerId, toEntryId } from "../value/id.ts";
import { compareLogOrder } from "../value/log-order.ts";
import type { Owners } from "./claim.ts";
import type { Findings } from "./finding.ts";
import { PACE, type Pace } from "./pace.ts";
import { type RateOfSale, SAME_CURRENCY, type Valuation, valueSale } from "./valuation.ts";

type Entry = typeof entryTable.$inferSelect;
/** Amounts are read as text: they can be wider than a double. */
type EntryRow = Pick<
  Entry,
  "id" | "type" | "at" | "key" | "email" | "aliases" | "clickId" | "visitorId" | "currency" | "saleKey" | "customerId"
> &
  Pick<
    Entry,
    "sentStatus" | "setStatus" | "declaredCustomerId" | "erasedCustomerId" | "status" | "isCounted" | "rateDay" | "totalUntil"
  > & {
    value: string | null;
    appliedRefundMinor: string | null;
    amountMinor: string | null;
  };

/** The owner and the valuation by the log of an entry that is stored otherwise. */
export interface Correction extends Valuation {
  readonly customerId: number | undefined;
}

const COLUMNS = `id, type, at, key, email, aliases, click_id AS clickId, visitor_id AS visitorId, cast(value AS TEXT) AS value, currency,
  sent_status AS sentStatus, set_status AS setStatus, declared_customer_id AS declaredCustomerId, erased_customer_id AS erasedCustomerId, sale_key AS saleKey, customer_id AS customerId, status, is_counted AS isCounted,
  cast(applied_refund_minor AS TEXT) AS appliedRefundMinor, cast(amount_minor AS TEXT) AS amountMinor, rate_day AS rateDay, total_until AS totalUntil`;

const toMinor = (text: string | null): bigint | null => (text === null ? null : BigInt(text));

/** Of two statuses that were said for one instant, the first in this order counts. */
const SAID_FIRST = ["fraud", "rejected", "approved", "pending"];

/** After this many wrong entries, the check stops: everything that is derived from them would be wrong too. */
export const MOST_CORRECTIONS = 200_000;

export interface EntryOptions {
  readonly database: Database;
  readonly calendar: Calendar;
  /** The reporting currency. */
  readonly currency: string;
  readonly owners: Owners;
  readonly findings: Findings;
  readonly pace: Pace;
}

/**
 * Compares every entry, until `MOST_CORRECTIONS` are wrong. Gives the wrong ones by id, with their values by the log, so that later steps
 * compute from the log and not from a wrong row.
 */
export async function verifyEntries(options: EntryOptions): Promise<Map<number, Correction>> {
  const { calendar, currency, owners, findings, pace } = options;
  const { sqlite } = options.database;
  const findSale = sqlite.prepare<[key: string], EntryRow>(`SELECT ${COLUMNS} FROM entry WHERE type = 2 AND key = ?`);
  const findClick = sqlite.prepare<[key: string], EntryRow>(`SELECT ${COLUMNS} FROM entry WHERE type = 0 AND key = ?`);
  const findRefunds = sqlite.prepare<[saleKey: string], EntryRow>(`SELECT ${COLUMNS} FROM entry WHERE type = 4 AND sale_key = ?`);
  const findRate = sqlite
    .prepare<[currency: string | null, day: number], (typeof rate.$inferSelect)["rate"]>(
      `SELECT rate FROM rate WHERE currency = ? AND day <= ? ORDER BY day DESC LIMIT 1`,
    )
    .pluck();
  const findSaid = sqlite.prepare<[type: number, key: string], Pick<typeof saidStatus.$inferSelect, "at" | "status">>(
    `SELECT at, status FROM said_status WHERE type = ? AND key = ?`,
  );
  const corrections = new Map<number, Correction>();

  /**
   * The status that was said for the newest instant, or for the newest up to `until`. At the entry's own instant, what was said of it goes
   * before what was sent with it.
   */
  function statusOf(entry: EntryRow, until = Number.POSITIVE_INFINITY): string | null {
    let newest = { at: entry.at, status: entry.sentStatus, place: SAID_FIRST.length };
    for (const { at, status } of findSaid.all(entry.type, entry.key)) {
      if (at > until) continue;
      const place = SAID_FIRST.indexOf(status);
      if (at > newest.at || (at === newest.at && place < newest.place)) newest = { at, status, place };
    }
    return newest.status;
  }

  function ownerOf(entry: EntryRow): number | undefined {
    const sale = entry.saleKey === null ? undefined : findSale.get(entry.saleKey);
    if (sale) return ownerOf(sale);
    if (entry.erasedCustomerId !== null) return entry.erasedCustomerId;
    const named = owners.ofNamed({ ...entry, entryId: entry.id, profileUpdateId: null, knownEmail: null, knownAlias: null });
    if (named !== undefined) return named;
    const clicked = entry.clickId === null ? undefined : owners.ofClick(entry.clickId);
    if (clicked !== undefined) return clicked;
    const visited = entry.visitorId === null ? undefined : owners.ofVisitor(entry.visitorId);
    if (visited !== undefined || entry.clickId === null || entry.type === CLICK) return visited;
    const click = findClick.get(entry.clickId);
    return click?.erasedCustomerId ?? (click?.visitorId == null ? undefined : owners.ofVisitor(click.visitorId));
  }

  function compare(entry: EntryRow, valuation: Valuation): void {
    const customerId = ownerOf(entry);
    const what = (column: string) => () => `entry ${toEntryId(entry.id)}: ${column}`;
    const idOf = (id: number | null | undefined) => (id == null ? undefined : toCustomerId(id));
    const isForeign = entry.type === SALE && entry.currency !== currency;
    const comparisons = [
      findings.compare(what("set_status"), entry.setStatus, statusOf(entry)),
      findings.compare(what("customer_id"), idOf(entry.customerId), idOf(customerId)),
      findings.compare(what("status"), entry.status, valuation.status),
      findings.compare(what("is_counted"), entry.isCounted === 1, valuation.isCounted),
      findings.compare(what("applied_refund_minor"), entry.appliedRefundMinor, valuation.appliedRefund),
      findings.compare(what("amount_minor"), entry.amountMinor, valuation.amount),
      findings.compare(what("rate_day"), entry.rateDay, isForeign ? calendar.dayOf(entry.at) : null),
    ];
    if (comparisons.includes(false)) corrections.set(entry.id, { customerId, ...valuation });
  }

  function rateOf(sale: EntryRow): RateOfSale {
    if (sale.currency === currency) return SAME_CURRENCY;
    return findRate.get(sale.currency, calendar.dayOf(sale.at));
  }

  function compareSale(sale: EntryRow): void {
    const refunds = findRefunds.all(sale.key).sort(compareLogOrder);
    const valued = valueSale(
      { value: toMinor(sale.value) ?? 0n, currency: sale.currency ?? currency, setStatus: statusOf(sale) },
      refunds.map(({ value, ...refund }) => ({
        ...refund,
        value: toMinor(value),
        setStatus: statusOf({ ...refund, value }),
        statusAt: (until) => statusOf({ ...refund, value }, until),
      })),
      rateOf(sale),
      currency,
    );
    compare(sale, valued.sale);
    refunds.forEach((refund, index) => {
      const valuation = valued.refunds[index];
      if (valuation) compare(refund, valuation);
    });
  }

  let done = 0;
  for (const entry of sqlite.prepare<[], EntryRow>(`SELECT ${COLUMNS} FROM entry ORDER BY id`).iterate()) {
    if (entry.type === SALE) compareSale(entry);
    // A refund of a known sale is compared together with the sale.
    else if (entry.type !== REFUND || entry.saleKey === null || findSale.get(entry.saleKey) === undefined) {
      const status = statusOf(entry);
      const isCounted = entry.type === LEAD && status !== "rejected" && status !== "fraud";
      compare(entry, { status, isCounted, appliedRefund: null, amount: null });
    }
    if (corrections.size >= MOST_CORRECTIONS) break;
    if (++done % PACE === 0) await pace(done);
  }
  return corrections;
}

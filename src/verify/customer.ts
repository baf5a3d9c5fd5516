// Do the stored figures of each customer follow from their entries? And what do all customers add up to?
import type { Database } from "../../db/database.ts";
import type { customer, entry, profileUpdate, stale } from "../../db/schema.ts";
import type { Calendar } from "../value/calendar.ts";
import { toCustomerId } from "../value/id.ts";
import { compareLogOrder } from "../value/log-order.ts";
import type { CreditOfAll } from "./attribution.ts";
import type { Correction } from "./entry.ts";
import { type Cell, type Creation, cellsOf, type Facts, factsOf, type OwnEntry, type Unconverted, unconvertedOf } from "./fact.ts";
import type { Findings, Value } from "./finding.ts";
import { openGrouped } from "./grouped.ts";
import { PACE, type Pace } from "./pace.ts";
import { foldCase, type ProfileField, profileOf } from "./profile.ts";
import { addCustomer, type Totals } from "./tally.ts";

// Sums are read as text: they can be wider than a double.
type CustomerRow = Omit<
  typeof customer.$inferSelect,
  "knownEmail" | "knownAlias" | "createdAt" | "updatedAt" | "grossMinor" | "refundsMinor" | "firstSaleMinor"
> & {
  grossMinor: string;
  refundsMinor: string;
  firstSaleMinor: string | null;
};

type Entry = typeof entry.$inferSelect;
type EntryRow = Pick<Entry, "id" | "customerId" | "type" | "at" | "key" | "email" | "name" | "avatar" | "country"> &
  Pick<Entry, "source" | "campaign" | "link" | "clickId" | "isCounted" | "currency"> & {
    value: string | null;
    appliedRefundMinor: string | null;
    amountMinor: string | null;
    saleAt: number;
    saleKey: string | null;
  };

type ProfileUpdateRow = Creation & Pick<typeof profileUpdate.$inferSelect, "customerId" | "isCreation" | "calledAt" | "profile">;

type CellRow = { customerId: number } & Record<keyof Cell, string | number>;

interface UnconvertedRow {
  customerId: number;
  month: number;
  saleDay: number;
  entryDay: number;
  currency: string;
  sales: number;
  gross: string;
  refunds: string;
}

const ENTRY = `SELECT e.id, e.customer_id AS customerId, e.type, e.at, e.key, e.source, e.campaign, e.link, e.click_id AS clickId, e.is_counted AS isCounted, cast(e.value AS TEXT) AS value,
  cast(e.applied_refund_minor AS TEXT) AS appliedRefundMinor, cast(e.amount_minor AS TEXT) AS amountMinor, e.email, e.name, e.avatar, e.country,
  CASE e.type WHEN 4 THEN s.currency ELSE e.currency END AS currency, coalesce(s.at, e.at) AS saleAt, e.sale_key AS saleKey
  FROM entry AS e LEFT JOIN entry AS s ON e.type = 4 AND s.type = 2 AND s.key = e.sale_key`;
const CUSTOMERS = `SELECT id, deleted_at AS deletedAt, email, name, avatar, country, metadata, first_touch_at AS firstTouchAt, first_touch_day AS firstTouchDay, first_touch_month AS firstTouchMonth,
  entries, external_id AS externalId, search_text AS searchText,
  cohort_month AS cohortMonth, source, campaign, click_id AS clickId, last_seen_at AS lastSeenAt, has_lead AS hasLead, sales, cast(gross_minor AS TEXT) AS grossMinor,
  cast(refunds_minor AS TEXT) AS refundsMinor, first_sale_at AS firstSaleAt, last_sale_at AS lastSaleAt, cast(first_sale_minor AS TEXT) AS firstSaleMinor FROM customer ORDER BY id`;
const PROFILE_UPDATES = `SELECT customer_id AS customerId, is_creation AS isCreation, at, 5 AS type, key, source, campaign, NULL AS link, click_id AS clickId, called_at AS calledAt, profile FROM profile_update ORDER BY customer_id, called_at, is_said DESC, CASE WHEN is_said THEN profile END, id`;
const CELLS = `SELECT customer_id AS customerId, day, month, period, sales, cast(gross_minor AS TEXT) AS gross, cast(refunds_minor AS TEXT) AS refunds,
  cast(first_sale_minor AS TEXT) AS firstSale, active_month AS activeMonth, active_period AS activePeriod, new_paying AS newPaying FROM customer_cell ORDER BY customer_id`;
const CELL_COLUMNS = ["month", "sales", "gross_minor", "refunds_minor", "first_sale_minor", "active_month", "active_period", "new_paying"];
const UNCONVERTED = `SELECT customer_id AS customerId, month, sale_day AS saleDay, entry_day AS entryDay, currency, sales, cast(gross_minor AS TEXT) AS gross, cast(refunds_minor AS TEXT) AS refunds
  FROM customer_unconverted ORDER BY customer_id`;

export interface CustomerOptions {
  readonly database: Database;
  readonly calendar: Calendar;
  readonly now: number;
  readonly corrections: ReadonlyMap<number, Correction>;
  readonly findings: Findings;
  readonly totals: Totals;
  readonly credit: CreditOfAll;
  /** Called for each customer that the API shows: not erased, and with a first touch. */
  readonly onLive: (id: number, facts: Facts) => void;
  readonly pace: Pace;
}

/** The values of a cell in the order of CELL_COLUMNS. */
const valuesOf = (cell: Omit<CellRow, "customerId"> | Cell): Value[] => {
  const { month, sales, gross, refunds, firstSale, activeMonth, activePeriod, newPaying } = cell;
  return [month, sales, gross, refunds, firstSale, activeMonth, activePeriod, newPaying];
};
const nameOf = ({ month, saleDay, entryDay, currency }: Omit<Unconverted, "figures">) => `${month} ${saleDay} ${entryDay} ${currency}`;

/** Recomputes every customer from the log, compares the result with what is stored, and adds it to `totals`. Differences are findings. */
export async function verifyCustomers({
  database,
  calendar,
  now,
  corrections,
  findings,
  totals,
  credit,
  onLive,
  pace,
}: CustomerOptions): Promise<void> {
  const { sqlite } = database;
  const reportOrphan = (what: string) => (row: { customerId: number | null }) =>
    void findings.compare(() => `${what} of ${toCustomerId(row.customerId ?? 0)}: customer_id`, "a row", "no such customer");
  const grouped = <Row extends { customerId: number | null }>(what: string, sql: string) =>
    openGrouped(sqlite.prepare<[], Row>(sql).iterate(), (row) => row.customerId ?? 0, reportOrphan(what));
  const entryRows = grouped<EntryRow>("entry", `${ENTRY} WHERE e.customer_id IS NOT NULL ORDER BY e.customer_id, e.at, e.type`);
  const profileUpdateRows = grouped<ProfileUpdateRow>("profile_update", PROFILE_UPDATES);
  const cellRows = grouped<CellRow>("customer_cell", CELLS);
  const unconvertedRows = grouped<UnconvertedRow>("customer_unconverted", UNCONVERTED);
  const findEntry = sqlite.prepare<[entryId: number], EntryRow>(`${ENTRY} WHERE e.id = ?`);
  const findDue = sqlite
    .prepare<[customerId: number], (typeof stale.$inferSelect)["dueAt"]>(`SELECT due_at FROM stale WHERE customer_id = ?`)
    .pluck();
  const corrected = Map.groupBy([...corrections], ([, { customerId }]) => customerId); // by the customer that owns the entry by the log

  /** The entries that belong to a customer by the log, whatever is stored. */
  function entriesOf(id: number): EntryRow[] {
    const stored = entryRows.take(id);
    const own = stored.filter((row) => (corrections.get(row.id)?.customerId ?? (corrections.has(row.id) ? undefined : id)) === id);
    const moved = (corrected.get(id) ?? []).flatMap(([entryId]) => findEntry.get(entryId) ?? []).filter((row) => row.customerId !== id);
    return [...own, ...moved].sort(compareLogOrder);
  }

  function toOwn(row: EntryRow): OwnEntry {
    const correction = corrections.get(row.id);
    const toMinor = (text: string | null) => (text === null ? null : BigInt(text));
    const { isCounted, appliedRefund, amount } = correction ?? {
      isCounted: row.isCounted === 1,
      appliedRefund: toMinor(row.appliedRefundMinor),
      amount: toMinor(row.amountMinor),
    };
    return { ...row, isCounted, appliedRefund, amount, value: toMinor(row.value) ?? 0n, currency: row.currency ?? "" };
  }

  function compareRow(customer: CustomerRow, facts: Facts): void {
    const compare = (column: string, stored: Value, computed: Value) =>
      findings.compare(() => `customer ${toCustomerId(customer.id)}: ${column}`, stored, computed);
    const { firstTouchAt } = facts;
    compare("first_touch_at", customer.firstTouchAt, firstTouchAt);
    compare("first_touch_day", customer.firstTouchDay, firstTouchAt === null ? null : calendar.dayOf(firstTouchAt));
    compare("first_touch_month", customer.firstTouchMonth, firstTouchAt === null ? null : calendar.monthOf(firstTouchAt));
    compare("cohort_month", customer.cohortMonth, firstTouchAt === null || firstTouchAt > now ? null : calendar.monthOf(firstTouchAt));
    compare("source", customer.source, facts.source);
    compare("campaign", customer.campaign, facts.campaign);
    compare("click_id", customer.clickId, facts.clickId);
    compare("entries", customer.entries, facts.entries);
    compare("last_seen_at", customer.lastSeenAt, facts.lastSeenAt);
    compare("has_lead", customer.hasLead, facts.hasLead ? 1 : 0);
    compare("sales", customer.sales, facts.sales);
    compare("gross_minor", customer.grossMinor, facts.gross);
    compare("refunds_minor", customer.refundsMinor, facts.refunds);
    compare("first_sale_at", customer.firstSaleAt, facts.firstSaleAt);
    compare("last_sale_at", customer.lastSaleAt, facts.lastSaleAt);
    compare("first_sale_minor", customer.firstSaleMinor, facts.firstSale);
  }

  /** Compares stored rows with computed ones by their keys, in any order. */
  function compareRows(
    table: string,
    id: number,
    columns: readonly string[],
    stored: readonly [string, Value[]][],
    computed: readonly [string, Value[]][],
  ): void {
    const [storedByKey, computedByKey] = [new Map(stored), new Map(computed)];
    for (const key of new Set([...storedByKey.keys(), ...computedByKey.keys()]))
      columns.forEach((column, index) => {
        findings.compare(
          () => `${table} ${toCustomerId(id)} ${key}: ${column}`,
          storedByKey.get(key)?.[index],
          computedByKey.get(key)?.[index],
        );
      });
  }

  let done = 0;
  for (const customer of sqlite.prepare<[], CustomerRow>(CUSTOMERS).iterate()) {
    const { id } = customer;
    const rows = entriesOf(id);
    const entries = rows.map(toOwn);
    const profileUpdates = profileUpdateRows.take(id);
    const creations = profileUpdates.filter((profileUpdate) => profileUpdate.isCreation === 1);
    const touches = creations.length === 0 ? entries : [...entries, ...creations].sort(compareLogOrder);
    const facts = factsOf(entries, touches);
    const cells = facts.firstTouchAt === null ? [] : cellsOf(entries, facts.firstTouchAt, now, calendar);
    const unconverted = unconvertedOf(entries, now, calendar);

    compareRow(customer, facts);
    const profile = customer.deletedAt === null ? profileOf(rows, profileUpdates) : profileOf([], []);
    for (const field of Object.keys(profile) as ProfileField[])
      findings.compareHidden(() => `customer ${toCustomerId(id)}: ${field}`, customer[field], profile[field]);
    if (facts.firstTouchAt !== null || customer.deletedAt !== null) {
      const texts = customer.deletedAt === null ? [profile.name, profile.email, customer.externalId].map((text) => text ?? "") : [];
      findings.compareHidden(() => `customer ${toCustomerId(id)}: search_text`, customer.searchText, foldCase(texts.join("\n")));
    }
    compareRows(
      "customer_cell",
      id,
      CELL_COLUMNS,
      cellRows.take(id).map((row) => [`${row.day} ${row.period}`, valuesOf(row)]),
      cells.map((cell) => [`${cell.day} ${cell.period}`, valuesOf(cell)]),
    );
    compareRows(
      "customer_unconverted",
      id,
      ["sales", "gross_minor", "refunds_minor"],
      unconvertedRows.take(id).map((row) => [nameOf(row), [row.sales, row.gross, row.refunds]]),
      unconverted.map((each) => [nameOf(each), each.figures]),
    );
    const dueAt = touches.find((touch) => touch.at > now)?.at;
    if (dueAt !== undefined) {
      const stored = findDue.get(id);
      findings.compare(() => `stale ${toCustomerId(id)}: due_at`, stored !== undefined && stored < dueAt ? dueAt : stored, dueAt);
    }
    credit.add(touches);
    addCustomer(totals, facts, cells, unconverted, { calendar, now });
    if (customer.deletedAt === null && facts.firstTouchAt !== null) onLive(id, facts);
    if (++done % PACE === 0) await pace(done);
  }
  for (const rows of [entryRows, profileUpdateRows, cellRows, unconvertedRows]) rows.end();
}

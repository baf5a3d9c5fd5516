// How do the totals of attribution follow the log? What the batch's customers add now, less what they added before, is added to them. (definitions §9)
import type { Database } from "../../db/database.ts";
import { CLICK, REFUND, SALE } from "../../db/schema.ts";
import { decodeActivity, emptyActivity, encodeActivity, endOf } from "../credit/activity.ts";
import { type ContributionOptions, contribute } from "../credit/contribution.ts";
import { openCreditDays } from "../credit/day.ts";
import { openCreditKeys } from "../credit/key.ts";
import { type ActivityRow, openActivityReader } from "../credit/read-activity.ts";
import { type CreditSums, openCreditSums } from "../credit/sums.ts";
import { encodeSums } from "../credit/sums-bytes.ts";
import type { Calendar } from "../value/calendar.ts";
import { openCreditAddingUp } from "./credit-adding-up.ts";
import { openCreditDeltas } from "./credit-delta.ts";
import { openCreditTotals } from "./credit-totals.ts";
import { openPendingCredit } from "./pending-credit.ts";

/** Customers with more entries wait for a step of their own: if all of them must be read, or if they are only added to. */
const MOST_READ = 500;
const MOST_ADDED_TO = 5000;
/** About the bytes of as many touches and sales. */
const MOST_BYTES = 8 * MOST_ADDED_TO;

export interface CreditOptions {
  readonly calendar: Calendar;
  /** The attribution window of the workspace, in days of 24 hours. */
  readonly windowDays: number;
}

interface BatchRow {
  customerId: number;
  hasRefunds: number;
  /** The first new entry, if all new ones come after everything else. Otherwise null. */
  appendedFrom: number | null;
  activity: Uint8Array | null;
}
type Arrival = [customerId: number, ...row: ActivityRow];

/** Runs work to its end. */
function finish(work: Generator<void, void>): void {
  while (!work.next().done);
}

export interface Credit {
  /** The step of the pipeline: notes what the customers of `temp.batch` change in the totals. */
  derive(): void;
  /** Is anybody's activity still to be read, or is more noted for the totals than a report adds to them by itself? */
  isPending(): boolean;
  /** Is so much noted for the totals that it should be added soon? */
  isFull(): boolean;
  /** Are the totals being added up anew? */
  isAddingUp(): boolean;
  /** Does one short step of what is pending, of adding up anew, or of adding to the totals if so much is noted. Gives whether there was anything. */
  some(): boolean;
  /** Adds some of what is noted to the totals, however little it is. Gives whether there was anything. Reports need not wait for it. */
  fold(): boolean;
  /** Calls `work` with what all customers add to the totals by their stored activities, a thousand of them at a time. Call it within a transaction. */
  eachBatch(work: (sums: CreditSums) => void): void;
  /** Begins to add up all totals anew from the stored activities, which `some` goes on with. Call it within a write. */
  addUp(): void;
  /** Forgets everything that is derived for attribution. Call it within a write. */
  clear(): void;
}

export function openCredit(database: Database, { calendar, windowDays }: CreditOptions): Credit {
  const { sqlite } = database;
  const keys = openCreditKeys(database);
  const reader = openActivityReader(database, keys);
  const deltas = openCreditDeltas(database, openCreditTotals(sqlite, calendar));
  const dayOf = openCreditDays(calendar);
  const toPending = sqlite.prepare<{ mostRead: number; mostAddedTo: number }>(
    `INSERT INTO pending_credit (customer_id, version, noted_at)
     SELECT c.id, 1, coalesce((SELECT received_at FROM entry ORDER BY id DESC LIMIT 1), 0)
     FROM temp.batch AS b CROSS JOIN customer AS c ON c.id = b.customer_id
     WHERE c.entries > iif(b.appended_from IS NULL, :mostRead, :mostAddedTo) OR c.id IN (SELECT customer_id FROM pending_credit)
     ON CONFLICT DO UPDATE SET version = version + 1`,
  );
  const findBatch = sqlite.prepare<[], BatchRow>(
    `SELECT b.customer_id AS customerId, c.refunds_minor > 0 AS hasRefunds, b.appended_from AS appendedFrom, a.activity
     FROM temp.batch AS b CROSS JOIN customer AS c ON c.id = b.customer_id LEFT JOIN customer_activity AS a ON a.customer_id = c.id
     WHERE b.customer_id NOT IN (SELECT customer_id FROM pending_credit)`,
  );
  const findArrivals = sqlite
    .prepare<[], Arrival>(
      `SELECT a.customer_id, a.id, a.at, a.type, a.source, a.campaign, a.link, a.click_id, a.key,
              CASE WHEN a.type = ${SALE} AND a.is_counted THEN a.amount_minor - iif(c.refunds_minor > 0,
                coalesce((SELECT sum(amount_minor) FROM entry WHERE type = ${REFUND} AND sale_key = a.key AND is_counted), 0), 0) END
       FROM temp.arrival AS a CROSS JOIN customer AS c ON c.id = a.customer_id ORDER BY a.customer_id, a.at, a.type, a.key`,
    )
    .raw();
  const findActivity = sqlite
    .prepare<[customerId: number], Uint8Array>(`SELECT activity FROM customer_activity WHERE customer_id = ?`)
    .pluck();
  const setActivity = sqlite.prepare<[customerId: number, activity: Uint8Array]>(
    `INSERT INTO customer_activity (customer_id, activity) VALUES (?, ?) ON CONFLICT DO UPDATE SET activity = excluded.activity`,
  );
  const dropActivity = sqlite.prepare<[customerId: number]>(`DELETE FROM customer_activity WHERE customer_id = ?`);
  const nextActivities = sqlite.prepare<[after: number], { customerId: number; activity: Uint8Array }>(
    `SELECT customer_id AS customerId, activity FROM customer_activity WHERE customer_id > ? ORDER BY customer_id LIMIT 1000`,
  );
  const anyPending = sqlite.prepare(`SELECT 1 FROM pending_credit LIMIT 1`);
  const options = (): ContributionOptions => {
    keys.begin();
    return { windowDays, dayOf, without: keys.without() };
  };

  function store(customerId: number, bytes: Uint8Array): void {
    if (bytes.length === 0) dropActivity.run(customerId);
    else setActivity.run(customerId, bytes);
  }

  const addingUp = openCreditAddingUp(database, { note: deltas.note, options });
  const isInTotals = (customerId: number) => customerId <= (addingUp.last() ?? customerId);
  const pending = openPendingCredit(database, {
    reader,
    noteSums: (customerId, sums) => isInTotals(customerId) && deltas.note(sums),
    options,
    find: (id) => findActivity.get(id),
    store,
  });

  /** The new entries of the batch's customers with appended_from, in log order. */
  function arrivals(): Map<number, ActivityRow[]> {
    const byCustomer = new Map<number, ActivityRow[]>();
    for (const [customerId, ...row] of findArrivals.all()) {
      const rows = byCustomer.get(customerId);
      if (rows === undefined) byCustomer.set(customerId, [row]);
      else rows.push(row);
    }
    return byCustomer;
  }

  function derive(): void {
    toPending.run({ mostRead: MOST_READ, mostAddedTo: MOST_ADDED_TO });
    const sums = openCreditSums();
    const how = options();
    const arrived = arrivals();
    const batch = findBatch.all();
    const lastInTotals = addingUp.last() ?? Number.POSITIVE_INFINITY; // who comes later is added to the totals when it is their turn
    for (const { customerId, hasRefunds, appendedFrom, activity: stored } of batch) {
      const rows = arrived.get(customerId) ?? [];
      const isAddedTo = appendedFrom !== null && rows.every(([, , type]) => type !== REFUND); // a refund changes what its sale gave
      if (isAddedTo && rows.every(isNoActivity)) continue;
      if (stored !== null && stored.length > MOST_BYTES) {
        pending.note(customerId);
        continue;
      }
      const activity = stored === null ? emptyActivity() : decodeActivity(stored);
      if (isAddedTo) {
        const since = endOf(activity);
        if (rows.every(isAloneKnown)) reader.add(activity, rows, 0);
        else reader.append(activity, customerId, hasRefunds === 1, appendedFrom, rows[0]?.[1] ?? 0);
        const added = encodeActivity(activity, since);
        if (added.length === 0) continue;
        if (customerId <= lastInTotals) finish(contribute(activity, 1, sums, how, since));
        setActivity.run(customerId, stored === null ? added : Buffer.concat([stored, added]));
      } else {
        const now = reader.whole(customerId, hasRefunds === 1);
        const bytes = encodeActivity(now);
        if (stored !== null && Buffer.compare(stored, bytes) === 0) continue;
        store(customerId, bytes);
        if (customerId > lastInTotals) continue;
        if (stored !== null) finish(contribute(activity, -1, sums, how));
        finish(contribute(now, 1, sums, how));
      }
    }
    deltas.note(encodeSums(sums));
  }

  function eachBatch(work: (sums: CreditSums) => void): void {
    const how = options();
    for (let after = 0; ; ) {
      const rows = nextActivities.all(after);
      if (rows.length === 0) return;
      after = rows.at(-1)?.customerId ?? 0;
      const sums = openCreditSums();
      for (const { activity } of rows) finish(contribute(decodeActivity(activity), 1, sums, how));
      work(sums);
    }
  }

  return {
    derive,
    eachBatch,
    isPending: () => anyPending.get() !== undefined || deltas.isOverfull(),
    isFull: deltas.isFull,
    isAddingUp: () => addingUp.last() !== undefined,
    some: () => (deltas.isFull() && deltas.fold()) || pending.some() || addingUp.some(),
    fold: deltas.fold,
    addUp: addingUp.begin,
    clear: () =>
      void sqlite.exec(
        `DELETE FROM credit_total; DELETE FROM credit_customer; DELETE FROM credit_delta; DELETE FROM customer_activity; DELETE FROM pending_credit;
         DELETE FROM credit_adding_up`,
      ),
  };
}

/** Is an entry neither a click nor a counted sale, and says nothing of where its customer came from? */
function isNoActivity([, , type, source, campaign, link, , , netMinor]: ActivityRow): boolean {
  return type !== CLICK && netMinor === null && source === null && campaign === null && link === null;
}

/** Is it known without a look at other entries whether an entry is a touch? One that says where its customer came from may be the same visit told again. */
function isAloneKnown([, , type, source, campaign, link]: ActivityRow): boolean {
  return type === CLICK || (source === null && campaign === null && link === null);
}

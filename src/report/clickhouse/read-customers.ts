// What is known of the next customers that ClickHouse is to be told of? Read from SQLite in short steps, each of which is of one moment.
import { openChanges } from "../../../db/change.ts";
import type { Context } from "../../context.ts";
import { decodeInSteps, emptyActivity } from "../../credit/activity.ts";
import type { ContributionOptions } from "../../credit/contribution.ts";
import { openCreditDays } from "../../credit/day.ts";
import { nextTurn, openTurn } from "../../host/turn.ts";
import type { Tuple } from "./connection.ts";
import { type Credit, type CustomerFacts, type Facts, toCells, toCredit, toEmptyRow, toRow, toUnconverted } from "./row.ts";

/** How many touches and sales of a customer are read before other requests get a turn. */
const TOUCHES_AT_ONCE = 20_000;

type Figures = (string | number | bigint)[];
/** What SQLite holds of one customer; undefined: nobody, or without a first touch. */
type Read = (Omit<Facts, "credit"> & { readonly activity: Uint8Array | undefined }) | undefined;

/** Gives the function that makes the rows of some customers. `toRev`: the rev of what was read when the newest change was `seq`. */
export function openReadCustomers({
  database: { sqlite },
  calendar,
  config,
}: Pick<Context, "database" | "calendar" | "config">): (ids: readonly number[], toRev: (seq: number) => bigint) => Promise<Tuple[]> {
  const { newest } = openChanges(sqlite);
  const findCustomer = sqlite.prepare<[id: number], CustomerFacts & { firstTouchAt: number | null }>(
    `SELECT id, deleted_at IS NOT NULL AS isErased, first_touch_at AS firstTouchAt, first_touch_day AS firstTouchDay,
       first_touch_month AS firstTouchMonth, cohort_month AS cohortMonth, source, campaign, has_lead AS hasLead, sales,
       CAST(gross_minor AS TEXT) AS grossMinor, CAST(refunds_minor AS TEXT) AS refundsMinor, first_sale_at AS firstSaleAt
     FROM customer WHERE id = ? AND first_touch_at IS NOT NULL`,
  );
  const findCells = sqlite
    .prepare<[id: number], Figures>(
      `SELECT day, month, period, sales, gross_minor, refunds_minor, first_sale_minor, active_month, active_period, new_paying
       FROM customer_cell WHERE customer_id = ?`,
    )
    .raw()
    .safeIntegers();
  const findUnconverted = sqlite
    .prepare<[id: number], Figures>(
      "SELECT month, sale_day, entry_day, currency, sales, gross_minor, refunds_minor FROM customer_unconverted WHERE customer_id = ?",
    )
    .raw()
    .safeIntegers();
  const findActivity = sqlite.prepare<[id: number], Uint8Array>("SELECT activity FROM customer_activity WHERE customer_id = ?").pluck();
  const findKey = sqlite.prepare<[text: string], number>("SELECT id FROM credit_key WHERE text = ?").pluck();
  const dayOf = openCreditDays(calendar);

  function options(): ContributionOptions {
    const [direct, none] = [findKey.get("(direct)") ?? 0, findKey.get("(none)") ?? 0];
    return { windowDays: config.attributionWindowDays, dayOf, without: [direct, none, none] };
  }

  function read(id: number): Read {
    const customer = findCustomer.get(id);
    if (customer === undefined) return undefined;
    return {
      customer,
      firstSaleDay: customer.firstSaleAt === null ? undefined : calendar.dayOf(customer.firstSaleAt),
      cell: toCells(findCells.all(id)),
      unconverted: toUnconverted(findUnconverted.all(id)),
      activity: findActivity.get(id),
    };
  }

  /** The next of the customers, as many as fit into a turn, and the newest change when they were read. */
  const readSome = sqlite.transaction((ids: readonly number[]): { seq: number; found: Read[] } => {
    const isOver = openTurn();
    const seq = newest();
    const found: Read[] = [];
    for (const id of ids) {
      found.push(read(id));
      if (isOver()) break;
    }
    return { seq, found };
  });

  function* creditOf(activity: Uint8Array | undefined): Generator<void, Credit> {
    return yield* toCredit(activity === undefined ? emptyActivity() : yield* decodeInSteps(activity, TOUCHES_AT_ONCE), options());
  }

  async function toTuple(id: number, rev: bigint, found: Read): Promise<Tuple> {
    if (found === undefined) return toEmptyRow(rev, id, true);
    const { activity, ...facts } = found;
    const work = creditOf(activity);
    for (;;) {
      const step = work.next();
      if (step.done) return toRow(rev, { ...facts, credit: step.value });
      await nextTurn();
    }
  }

  return async (ids, toRev) => {
    const rows: Tuple[] = [];
    while (rows.length < ids.length) {
      const { seq, found } = readSome(ids.slice(rows.length));
      await nextTurn();
      const isOver = openTurn();
      for (const each of found) {
        rows.push(await toTuple(ids[rows.length] as number, toRev(seq), each));
        if (isOver()) await nextTurn();
      }
      await nextTurn();
    }
    return rows;
  };
}

// Which sources, campaigns or links earned the revenue of all customers? Computed from
// the log, customer by customer, while other requests run in between. (definitions §9)

import { CLICK, type entry } from "../../../db/schema.ts";
import type { Context } from "../../context.ts";
import type { Sale } from "../../credit/credit.ts";
import { openTouches, SAME_VISIT_MS } from "../../credit/touch.ts";
import { DAY_MS } from "../../value/calendar.ts";
import { toIso } from "../../value/instant.ts";
import { requireDecimals, toMajor } from "../../value/money.ts";
import { type Analytics, guarded } from "../engine.ts";
import { toUnconverted, type UnconvertedRow } from "../figure.ts";
import { AFTER_ALL } from "../range.ts";
import creationsSql from "./attribution-totals-creations.sql" with { type: "text" };
import entriesSql from "./attribution-totals-entries.sql" with { type: "text" };
import { totalsRules } from "./explain-schema.ts";
import { type Activity, type KeyTally, openTally } from "./tally.ts";
import type { KeyKind, TotalsAnswer, TotalsQuestion, TotalsRow } from "./totals-answer.ts";

/** Decimals of a sale's credit. */
const CREDIT_DECIMALS = 4;
/** How long a slice of customers may take before other requests get a turn. */
const SLICE_MS = 8;
/** How many customers are in the first slice, and at most in later ones. */
const FIRST_CUSTOMERS = 100;
const MOST_CUSTOMERS = 4000;
/** The most rows that are read at once. */
const MOST_ROWS = 4000;

type Entry = typeof entry.$inferSelect;
/** A row of attribution-totals-entries.sql or attribution-totals-creations.sql as an array, because objects take longer to create. */
type Row = [
  customerId: number,
  at: Entry["at"],
  type: number,
  source: Entry["source"],
  campaign: Entry["campaign"],
  link: Entry["link"],
  clickId: Entry["clickId"],
  isCountedSale: number,
  valueMinor: number,
  appliedRefundMinor: number,
  unconvertedCurrency: Entry["currency"],
];
const CUSTOMER = 0;
const AT = 1;

/** Selects entries and creations in [fromAt, toAt), in milliseconds since 1970 UTC. */
interface Bounds {
  readonly fromAt: number;
  readonly toAt: number;
}

const pause = () => new Promise<void>((resume) => setTimeout(resume, 0));

/**
 * `Analytics.attributionTotals` of the embedded engine. Each customer is read at one moment. A write that arrives during the computation
 * may be included or not.
 */
export function openTotals({ config, database }: Context): Analytics["attributionTotals"] {
  const decimals = requireDecimals(config.currency);
  const nextCustomers = database.sqlite
    .prepare<{ after: number; count: number }, number | null>(
      "SELECT max(id) FROM (SELECT id FROM customer WHERE id > :after ORDER BY id LIMIT :count)",
    )
    .pluck();
  const findEntries = database.sqlite.prepare<Bounds & { after: number; upTo: number; limit: number }, Row>(entriesSql).raw();
  const findCreations = database.sqlite.prepare<Bounds & { after: number; upTo: number }, Row>(creationsSql).raw();

  /** All rows of a customer who has more than `MOST_ROWS`. */
  async function readWhole(customerId: number, bounds: Bounds): Promise<Row[]> {
    const whole: Row[] = [];
    let fromAt = bounds.fromAt;
    let limit = MOST_ROWS;
    for (;;) {
      const rows = findEntries.all({ ...bounds, fromAt, after: customerId - 1, upTo: customerId, limit });
      if (rows.length < limit) return whole.concat(rows);
      const lastAt = rows.at(-1)?.[AT] ?? 0; // there may be more rows of this instant
      if (rows[0]?.[AT] === lastAt) limit *= 2;
      else {
        for (const row of rows) if (row[AT] < lastAt) whole.push(row);
        fromAt = lastAt;
      }
      await pause();
    }
  }

  /** The rows of all customers in log order, one slice of customers at a time. The rows of a customer are never split. */
  async function* slices(bounds: Bounds): AsyncGenerator<Row[]> {
    for await (const { rows, after, upTo } of entrySlices(bounds)) yield merged(rows, findCreations.all({ ...bounds, after, upTo }));
  }

  /** The rows of the entries of the customers after `after`, up to `upTo`, and so on for all customers. */
  async function* entrySlices(bounds: Bounds): AsyncGenerator<{ rows: Row[]; after: number; upTo: number }> {
    let count = FIRST_CUSTOMERS;
    for (let after = 0; ; ) {
      const startedAt = performance.now();
      const upTo = nextCustomers.get({ after, count });
      if (upTo == null) return;
      const rows = findEntries.all({ ...bounds, after, upTo, limit: MOST_ROWS });
      const last = rows.at(-1)?.[CUSTOMER] ?? 0;
      if (rows.length < MOST_ROWS) {
        yield { rows, after, upTo };
        after = upTo;
      } else if (rows[0]?.[CUSTOMER] === last) {
        yield { rows: await readWhole(last, bounds), after, upTo: last };
        after = last;
      } else {
        yield { rows: rows.filter((row) => row[CUSTOMER] !== last), after, upTo: last - 1 };
        after = last - 1;
      }
      const took = performance.now() - startedAt;
      count = Math.max(10, Math.min(MOST_CUSTOMERS, Math.ceil(count * Math.min(2, SLICE_MS / took))));
      await pause();
    }
  }

  async function compute(question: TotalsQuestion): Promise<TotalsAnswer> {
    const { groupBy, model, compare, windowDays, startAt, endAt, limit } = question;
    const without = groupBy === "source" ? "(direct)" : "(none)";
    const from = startAt ?? 0;
    const models = [...new Set([model, ...compare])];
    const tally = openTally(models, windowDays, without);
    const unconverted = openUnconverted();
    const fromAt = Math.max(0, from - windowDays * DAY_MS - SAME_VISIT_MS);
    for await (const rows of slices({ fromAt, toAt: endAt ?? AFTER_ALL }))
      for (const activity of activitiesOf(rows, from, groupBy, without, unconverted.add))
        for (const _ of tally.add(activity, from)) await pause();

    const credit = ({ earned }: KeyTally, place: number) => ({
      customers: earned[place]?.customers ?? 0,
      sales: toMajor(earned[place]?.sales ?? 0, CREDIT_DECIMALS),
      revenue: toMajor(earned[place]?.netMinor ?? 0, decimals),
    });
    const toRow = ([key, each]: [string, KeyTally]): TotalsRow => ({
      key,
      touches: each.touches,
      clicks: each.clicks,
      ...credit(each, 0),
      ...(compare.length > 0 && { compare: Object.fromEntries(compare.map((name) => [name, credit(each, models.indexOf(name))])) }),
    });
    const { touches, clicks, customers, sales, netMinor } = tally.totals;
    const ranked = tally.ranked();
    return {
      groupBy,
      model,
      windowDays,
      start: startAt === undefined ? null : toIso(startAt),
      end: endAt === undefined ? null : toIso(endAt),
      timezone: config.timezone,
      currency: config.currency,
      unconverted: toUnconverted(unconverted.rows()),
      ...(question.explain && { rules: totalsRules(model, windowDays, question, config) }),
      rows: ranked.slice(0, limit).map(toRow),
      ...(ranked.length > limit && { more: ranked.length - limit }),
      totals: { touches, clicks, customers, sales, revenue: toMajor(netMinor, decimals) },
    };
  }

  // A question that is being answered is not computed a second time, for example when the first caller has given up and asks again.
  const inProgress = new Map<string, Promise<TotalsAnswer>>();
  return guarded((question: TotalsQuestion) => {
    const key = JSON.stringify(question);
    const running = inProgress.get(key);
    if (running) return running;
    const answer = compute(question).finally(() => inProgress.delete(key));
    inProgress.set(key, answer);
    return answer;
  });
}

/** Entries and creations together, by customer and in log order: at the same instant, a creation follows all entries. */
function merged(entries: Row[], creations: readonly Row[]): Row[] {
  if (creations.length === 0) return entries;
  const isBefore = (a: Row, b: Row) => a[CUSTOMER] < b[CUSTOMER] || (a[CUSTOMER] === b[CUSTOMER] && a[AT] < b[AT]);
  const rows: Row[] = [];
  let next = 0;
  for (const entry of entries) {
    for (let creation = creations[next]; creation && isBefore(creation, entry); creation = creations[++next]) rows.push(creation);
    rows.push(entry);
  }
  for (; next < creations.length; next++) rows.push(creations[next] as Row);
  return rows;
}

/** Groups rows by customer. Sales before `from` are left out, and unconverted sales go to `onUnconverted`. */
function* activitiesOf(
  rows: readonly Row[],
  from: number,
  groupBy: KeyKind,
  without: string,
  onUnconverted: (sale: Row) => void,
): Generator<Activity> {
  for (let index = 0; index < rows.length; ) {
    const customerId = rows[index]?.[CUSTOMER] ?? 0;
    const activity = { customerId, touchedAt: [] as number[], keys: [] as string[], isClick: [] as boolean[], sales: [] as Sale[] };
    const isTouch = openTouches();
    for (let row = rows[index]; row?.[CUSTOMER] === customerId; row = rows[++index]) {
      const [, at, type, source, campaign, link, clickId, isCountedSale, valueMinor, appliedRefundMinor, unconvertedCurrency] = row;
      const saysOrigin = type === CLICK || source !== null || campaign !== null || link !== null;
      if (saysOrigin && isTouch({ type, at, source, campaign, clickId })) {
        activity.touchedAt.push(at);
        activity.keys.push({ source, campaign, link }[groupBy] ?? without);
        activity.isClick.push(type === CLICK);
      }
      if (isCountedSale === 0 || at < from) continue;
      if (unconvertedCurrency !== null) onUnconverted(row);
      else activity.sales.push({ at, netMinor: valueMinor - appliedRefundMinor, touchesUpTo: activity.keys.length });
    }
    yield activity;
  }
}

/** Adds up unconverted sales by currency. */
function openUnconverted() {
  const byCurrency = new Map<string, UnconvertedRow>();
  return {
    add([, , , , , , , , valueMinor, appliedRefundMinor, unconvertedCurrency]: Row): void {
      const currency = unconvertedCurrency ?? "";
      const sum = byCurrency.get(currency) ?? { currency, sales: 0n, grossMinor: 0n, refundsMinor: 0n };
      byCurrency.set(currency, sum);
      sum.sales++;
      sum.grossMinor += BigInt(valueMinor);
      sum.refundsMinor += BigInt(appliedRefundMinor);
    },
    rows: () => [...byCurrency.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1)),
  };
}

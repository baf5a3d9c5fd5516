// What is each entry worth, and what are the figures of each customer? (definitions §3, §4, §6)
import { convert, minorOf } from "./amount.ts";
import { type Identity, identify } from "./identity.ts";
import { byLogOrder, comparePoints, type Entry, type ProfileUpdate, statusOf } from "./log.ts";
import type { World } from "./world.ts";
import { readInstant } from "./zone.ts";

/** What is derived for one entry. */
export interface Worth {
  status: string; // the derived one
  counts: boolean; // a counted lead, a sale whose status counts, a fitting refund of such a sale
  currency: string | undefined; // of a refund: its sale's
  own: bigint | undefined; // in its own money: a sale's value, what a refund takes; undefined while the sale is unknown
  amount: bigint | undefined; // in the reporting currency; undefined where there is no rate
  sale: Entry | undefined; // of a refund
}

/** A customer's facts. */
export interface Facts {
  id: number;
  erased: boolean;
  entries: Entry[]; // in log order
  creation: ProfileUpdate | undefined;
  profileUpdates: ProfileUpdate[]; // in the order of the calls
  touches: (Entry | ProfileUpdate)[]; // entries and creation in log order
}

export interface Derived {
  identity: Identity;
  worth: ReadonlyMap<Entry, Worth>;
  facts: ReadonlyMap<number, Facts>; // of those who exist or were erased
}

/** Can the sale take this refund: is it in the sale's currency, with no more decimals than that has? */
export function fits(refund: Entry, sale: Entry): boolean {
  const currency = sale.currency ?? "";
  if (refund.currency !== undefined && refund.currency !== currency) return false;
  return refund.value === undefined || minorOf(refund.value, currency) !== undefined;
}

/** A rejected refund takes nothing, and is no refund. */
const takes = (refund: Entry, sale: Entry) => refund.status !== "rejected" && fits(refund, sale);

export function minorValue(entry: Entry, currency: string | undefined): bigint {
  return entry.value === undefined || currency === undefined ? 0n : (minorOf(entry.value, currency) ?? 0n);
}

/** The newest rate on or before a day, if there is one. */
function rateOn(world: World, currency: string, date: string): string | undefined {
  const rates = world.rates.filter((rate) => rate.currency === currency && rate.date <= date);
  return rates.sort((a, b) => (a.date < b.date ? 1 : -1))[0]?.rate;
}

/** A total takes what the other refunds up to its instant, as they stood then, and the totals before it leave of it. */
function askedByTotals(world: World, sale: Entry, refunds: readonly Entry[]): Map<Entry, bigint> {
  const currency = sale.currency ?? "";
  const until = (total: Entry) => readInstant(total.sent.totalUntil ?? 0, world.zone);
  const totals = refunds.filter((refund) => refund.sent.totalUntil !== undefined && fits(refund, sale));
  totals.sort((a, b) => until(a) - until(b) || Number(minorValue(a, currency) - minorValue(b, currency)) || comparePoints(a.key, b.key));
  const asked = new Map<Entry, bigint>();
  for (const total of totals) {
    const stood = (other: Entry) =>
      statusOf(
        { at: other.at, status: other.sent.status ?? "approved" },
        other.said.filter(({ at }) => at <= until(total)),
      );
    const others = refunds.filter((other) => other.sent.totalUntil === undefined && other.at <= until(total) && fits(other, sale));
    const known = others.filter((other) => stood(other) !== "rejected");
    const values = known.map((other) => minorValue(other.value === undefined ? sale : other, currency));
    const left = [...values, ...asked.values()].reduce((rest, each) => rest - each, minorValue(total, currency));
    asked.set(total, left > 0n ? left : 0n);
  }
  return asked;
}

function valueSale(world: World, sale: Entry, refunds: readonly Entry[], worth: Map<Entry, Worth>): void {
  const currency = sale.currency ?? world.currency;
  const rate = currency === world.currency ? "1" : rateOn(world, currency, world.zone.dateOf(sale.at));
  const inReport = (minor: bigint) => (rate === undefined ? undefined : convert(minor, currency, rate, world.currency));
  const value = minorValue(sale, currency);
  const totals = askedByTotals(world, sale, refunds);
  const taken = new Map<Entry, bigint>();
  let left = value;
  for (const refund of refunds) {
    const asked = totals.get(refund) ?? (refund.value === undefined ? left : minorValue(refund, currency));
    const most = takes(refund, sale) ? left : 0n;
    const applied = asked > most ? most : asked;
    taken.set(refund, applied);
    left -= applied;
  }
  const whole = left === 0n && refunds.some((refund) => takes(refund, sale));
  const status = sale.status === "approved" && whole ? "refunded" : sale.status;
  const counts = status === "approved" || status === "refunded";
  worth.set(sale, { status, counts, currency, own: value, amount: inReport(value), sale: undefined });
  let before = 0n;
  for (const refund of refunds) {
    const applied = taken.get(refund) ?? 0n;
    const earlier = inReport(before);
    const now = inReport(before + applied);
    before += applied;
    const amount = earlier === undefined || now === undefined ? undefined : now - earlier;
    worth.set(refund, { status: refund.status, counts: counts && takes(refund, sale), currency, own: applied, amount, sale });
  }
}

/** Derives everything from the log. */
export function derive(world: World): Derived {
  const identity = identify(world);
  const worth = new Map<Entry, Worth>();
  const refunds = Map.groupBy(
    world.entries.filter((entry) => entry.type === "refund"),
    (refund) => refund.sent.orderId ?? "",
  );
  for (const entry of world.entries) {
    if (entry.type === "sale") valueSale(world, entry, (refunds.get(entry.key) ?? []).sort(byLogOrder), worth);
    else if (!worth.has(entry)) {
      const counts = entry.type === "lead" && entry.status !== "rejected" && entry.status !== "fraud";
      worth.set(entry, { status: entry.status, counts, currency: entry.currency, own: undefined, amount: undefined, sale: undefined });
    }
  }
  const facts = new Map<number, Facts>();
  const of = (id: number) => {
    const known = facts.get(id) ?? {
      id,
      erased: world.customers.get(id)?.erased === true,
      entries: [],
      creation: undefined,
      profileUpdates: [],
      touches: [],
    };
    facts.set(id, known);
    return known;
  };
  for (const [entry, owner] of identity.ownerOf) of(owner).entries.push(entry);
  for (const profileUpdate of world.profileUpdates) {
    if (profileUpdate.isCreation) of(profileUpdate.customerId).creation = profileUpdate;
  }
  for (const profileUpdate of world.profileUpdates) {
    const teller = identity.tellerOf(profileUpdate);
    if (teller !== undefined) facts.get(teller)?.profileUpdates.push(profileUpdate);
  }
  for (const customer of facts.values()) {
    customer.entries.sort(byLogOrder);
    customer.touches = [...customer.entries, ...(customer.creation ? [customer.creation] : [])].sort(byLogOrder);
  }
  return { identity, worth, facts };
}

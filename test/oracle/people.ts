// What does the API show of a customer and their entries? (definitions §5, §6; api.md "A customer", journey)
import { divide, major, wireNumber } from "./amount.ts";
import { readRange } from "./cohorts.ts";
import type { Facts } from "./derive.ts";
import { byLogOrder, type Entry } from "./log.ts";
import { firstTouch, money, tally, unconverted } from "./tally.ts";
import { touchesAmong } from "./touches.ts";
import type { World } from "./world.ts";
import { iso } from "./zone.ts";

const DAY = 86_400_000;
const PROFILE = ["email", "name", "avatar", "country"] as const;

/** Name, avatar, country and email: the newest value of each. */
function profileOf(customer: Facts): Record<string, unknown> {
  const shown: Record<string, unknown> = { email: null, name: null, avatar: null, country: null, metadata: null };
  const said = [
    ...customer.entries.map((entry) => ({ order: entry, said: { ...entry.sent, email: entry.email } as Record<string, unknown> })),
    ...customer.profileUpdates.map((profileUpdate) => ({
      order: { ...profileUpdate, at: profileUpdate.calledAt },
      said: profileUpdate.profile,
    })),
  ].sort((a, b) => byLogOrder(a.order, b.order));
  for (const { said: values } of said) for (const field of PROFILE) if (values[field] !== undefined) shown[field] = values[field];
  for (const { profile } of customer.profileUpdates) {
    if (profile.metadata === undefined) continue;
    const merged = profile.metadata === null ? {} : { ...(shown.metadata as object | null), ...(profile.metadata as object) };
    const kept = Object.entries(merged).filter(([, value]) => value !== null);
    shown.metadata = profile.metadata === null ? null : Object.fromEntries(kept);
  }
  return shown;
}

/** A customer without the id and the times of the record. */
export function customer(world: World, facts: Facts): Record<string, unknown> {
  const { sales, gross, refunded } = tally(world, facts.entries);
  const first = firstTouch(facts);
  const aliases = world.derived.identity.aliasesOf(facts.id);
  return {
    externalId: world.customers.get(facts.id)?.externalId ?? null,
    ...profileOf(facts),
    aliases: aliases.slice(0, 100),
    aliasCount: aliases.length,
    clickId: facts.entries.find((entry) => entry.type === "click")?.clickId ?? null,
    source: first.source ?? "(direct)",
    campaign: first.campaign ?? "(none)",
    firstTouchAt: iso(first.at),
    lastSeenAt: iso(facts.touches.at(-1)?.at ?? first.at),
    currency: world.currency,
    ltv: money(world, gross - refunded),
    grossRevenue: money(world, gross),
    refunds: money(world, refunded),
    sales: sales.length,
    firstSaleAt: sales[0] ? iso(sales[0].at) : null,
    lastSaleAt: sales[0] ? iso(sales.at(-1)?.at ?? 0) : null,
    unconverted: unconverted(world, facts.entries),
  };
}

/** All customers who are not erased, or one of them. */
export function customers(world: World, id?: number): Record<string, unknown>[] {
  const wanted = ({ erased, id: own }: Facts) => !erased && (id === undefined || own === id);
  return [...world.derived.facts.values()].filter(wanted).map((facts) => customer(world, facts));
}

/** The value of an entry in its own currency; of a refund, the part that its sale takes. Null while the sale is unknown. */
function ownMoney(world: World, entry: Entry): { value: number | null; currency: string | null } {
  const worth = world.derived.worth.get(entry);
  const currency = worth?.currency;
  const nothing = { value: null, currency: null };
  if (currency === undefined || entry.type === "click") return nothing;
  if (entry.type === "sale" || entry.type === "refund")
    return worth?.own === undefined ? nothing : { value: major(worth.own, currency), currency };
  return entry.sent.value === undefined ? nothing : { value: entry.sent.value, currency };
}

/** An entry as the journey shows it, without its id. */
export function journeyEntry(world: World, entry: Entry): Record<string, unknown> {
  const { sent } = entry;
  return {
    type: entry.type,
    event: sent.event ?? null,
    timestamp: iso(entry.at),
    clickId: sent.clickId ?? null,
    link: entry.link ?? null,
    campaign: entry.campaign ?? null,
    source: entry.source ?? null,
    medium: entry.medium ?? null,
    url: sent.url ?? null,
    referrer: sent.referrer ?? null,
    eventId: sent.eventId ?? null,
    orderId: sent.orderId ?? null,
    ...ownMoney(world, entry),
    status: entry.type === "click" ? null : (world.derived.worth.get(entry)?.status ?? null),
    metadata: sent.metadata ?? null,
  };
}

/** `GET /customers/:id/journey`, without paging. */
export function journey(world: World, facts: Facts, withEntries: boolean, start?: string, end?: string): unknown {
  const { from, to } = readRange(world, start, end);
  if (from !== undefined && to !== undefined && from >= to) return undefined;
  const within = (item: { at: number }) => (from === undefined || item.at >= from) && (to === undefined || item.at < to);
  const entries = facts.entries.filter(within);
  const touches = facts.touches.filter(within);
  const { leads, sales, refunds, gross, refunded } = tally(world, entries);
  const clicks = entries.filter((entry) => entry.type === "click");
  const counted = entries.filter((entry) => entry.type === "refund" && world.derived.worth.get(entry)?.counts);
  const [first, firstSale] = [touches[0], sales[0]];
  const distinct = (values: readonly (string | undefined)[]) => [...new Set(values.filter((value) => value !== undefined))];
  const summary = {
    clicks: clicks.length,
    leads: leads.length,
    sales: sales.length,
    customs: entries.filter((entry) => entry.type === "custom").length,
    refundCount: counted.filter((refund) => refunds.includes(refund)).length,
    grossRevenue: money(world, gross),
    refunds: money(world, refunded),
    revenue: money(world, gross - refunded),
    firstTouchAt: first ? iso(first.at) : null,
    firstLeadAt: leads[0] ? iso(leads[0].at) : null,
    firstSaleAt: firstSale ? iso(firstSale.at) : null,
    lastSeenAt: first ? iso(touches.at(-1)?.at ?? 0) : null,
    daysToFirstSale: first && firstSale ? wireNumber(divide(BigInt(firstSale.at - first.at) * 10_000n, BigInt(DAY)), 4) : null,
    touchesBeforeFirstSale: firstSale ? touchesAmong(touches).filter((touch) => byLogOrder(touch, firstSale) <= 0).length : null,
    sources: distinct(touches.map((touch) => touch.source)),
    campaigns: distinct(touches.map((touch) => touch.campaign)),
    unconverted: unconverted(world, entries),
  };
  return withEntries ? { summary, entries: entries.map((entry) => journeyEntry(world, entry)), nextCursor: null } : { summary };
}

// What happened in the demo's shop? Clicks, sign-ups, orders and refunds up to now, generated from a seed.
import type { EntryType } from "../../../db/schema.ts";
import { DAY_MS } from "../../value/calendar.ts";
import { openRandom, type Random } from "./random.ts";
import { CHANNELS, type Channel, FIRST_NAMES, LAST_NAMES, MARKETS, type Market, PRODUCTS } from "./world.ts";

/** An entry for POST /events, with its timestamp. */
export interface DemoEntry extends Readonly<Record<string, unknown>> {
  type: EntryType;
  timestamp: string;
}

export interface DemoRate {
  currency: string;
  date: string;
  rate: string;
}

/** 14 months. */
const SPAN_MS = 426 * DAY_MS;
const ANONYMOUS_VISITS = 700;

/** The entries of `customers` customers up to `now`, by time. `currency`: the workspace's. If no market of the demo has it, all sales are in it. */
export function toShop(now: number, currency: string, customers = 2000, seed = 20260101): DemoEntry[] {
  const random = openRandom(seed);
  const entries: DemoEntry[] = [];
  const markets = MARKETS.some((market) => market.currency === currency)
    ? MARKETS
    : MARKETS.map((market) => ({ ...market, currency, usd: 1 }));
  for (let number = 1; number <= customers; number += 1)
    entries.push(...toVisitor({ random, now, number, market: random.weighted<Market>(markets as typeof MARKETS) }));
  for (let number = 1; number <= ANONYMOUS_VISITS; number += 1)
    entries.push(toClick(random, random.weighted(CHANNELS), now - random.next() * SPAN_MS, `anonymous-${number}`, 1));
  return entries.sort((a, b) => (a.timestamp < b.timestamp ? -1 : Number(a.timestamp > b.timestamp)));
}

/** A rate for each month and foreign currency, with small random changes. */
export function toRates(now: number, currency: string, seed = 20260101): DemoRate[] {
  const random = openRandom(seed + 1);
  const own = MARKETS.find((market) => market.currency === currency);
  if (!own) return [];
  const foreign = new Map(
    MARKETS.filter((market) => market.currency !== currency).map((market) => [market.currency, market.usd / own.usd]),
  );
  const rates: DemoRate[] = [];
  for (const date of firstDays(now - SPAN_MS - 31 * DAY_MS, now))
    for (const [name, rate] of foreign) rates.push({ currency: name, date, rate: (rate * (0.97 + 0.06 * random.next())).toPrecision(5) });
  return rates;
}

interface Visitor {
  random: Random;
  now: number;
  number: number;
  market: Market;
}

function toVisitor({ random, now, number, market }: Visitor): DemoEntry[] {
  const channel = random.weighted(CHANNELS);
  const visitorId = `visitor-${number}`;
  const firstAt = now - SPAN_MS * (1 - toGrowth(random.next())) - random.between(60_000, 7_200_000);
  const entries = [toClick(random, channel, firstAt, visitorId, 1)];
  let at = firstAt;
  while (random.chance(0.42)) {
    at += random.wait(4 * DAY_MS);
    entries.push(toClick(random, random.chance(0.5) ? channel : random.weighted(CHANNELS), at, visitorId, entries.length + 1));
  }
  const person = toPerson(random, number, market);
  const lastClick = entries.at(-1)?.clickId;
  const signsUp = random.chance(0.84);
  at += random.between(30_000, 900_000);
  if (signsUp)
    entries.push({
      type: "lead",
      eventId: `signup-${number}`,
      timestamp: toTime(at),
      ...person,
      clickId: lastClick,
      visitorId,
      event: "sign_up",
      ...(random.chance(0.015) && { status: "rejected" }),
    });
  if (signsUp && random.chance(0.6))
    entries.push({
      type: "custom",
      eventId: `quiz-${number}`,
      timestamp: toTime(at + 600_000),
      externalId: person.externalId,
      event: "taste_quiz_done",
    });
  const buys = !signsUp || random.chance(channel.buys * 1.35);
  if (buys)
    entries.push(
      ...toOrders({ random, now, number, market }, channel, signsUp ? at + random.wait(5 * DAY_MS) : at, { ...person, visitorId }),
    );
  // No entry is in the future, but every customer has at least one.
  const past = entries.filter(({ timestamp }) => Date.parse(timestamp) <= now);
  const known = past.some(({ externalId }) => externalId !== undefined);
  return known
    ? past
    : [
        ...past,
        {
          type: "lead",
          eventId: `signup-${number}`,
          timestamp: toTime(now - random.between(1000, 50_000)),
          ...person,
          visitorId,
          event: "sign_up",
        },
      ];
}

/** The share of new customers per day that the shop has from the start. The rest grows linearly. */
const FIRST_RATE = 0.4;

/** When a customer first comes, as a part of the span, from a uniform `chance` (both 0 to 1). Inverts FIRST_RATE·x + (1 − FIRST_RATE)·x². */
function toGrowth(chance: number): number {
  const growing = 1 - FIRST_RATE;
  return (Math.sqrt(FIRST_RATE ** 2 + 4 * growing * chance) - FIRST_RATE) / (2 * growing);
}

function toOrders(
  { random, now, number, market }: Visitor,
  channel: Channel,
  firstAt: number,
  buyer: Readonly<Record<string, unknown>>,
): DemoEntry[] {
  const entries: DemoEntry[] = [];
  let at = firstAt;
  for (let order = 1; at <= now; order += 1) {
    const product = random.weighted(PRODUCTS);
    const value = toPrice(product.price * random.pick([1, 1, 1, 2]), market);
    const orderId = `ORD-${String(number).padStart(4, "0")}-${order}`;
    const status = toStatus(random, now - at);
    entries.push({
      type: "sale",
      orderId,
      timestamp: toTime(at),
      ...buyer,
      event: "purchase",
      value,
      currency: market.currency,
      ...(status && { status }),
      metadata: { product: product.name },
    });
    if (!status && random.chance(0.06)) {
      const part = random.chance(0.35) ? { value: toPrice(product.price / 2, market) } : {};
      entries.push({ type: "refund", eventId: `refund-${orderId}`, orderId, timestamp: toTime(at + random.wait(9 * DAY_MS)), ...part });
    }
    if (!random.chance(channel.returns)) break;
    at += 5 * DAY_MS + random.wait(38 * DAY_MS);
  }
  return entries;
}

/** The status of an order; undefined: approved. Only a recent order can be pending. */
function toStatus(random: Random, ageMs: number): string | undefined {
  if (ageMs < 3 * DAY_MS && random.chance(0.4)) return "pending";
  if (random.chance(0.012)) return "rejected";
  return random.chance(0.006) ? "fraud" : undefined;
}

function toClick(random: Random, channel: Channel, at: number, visitorId: string, number: number): DemoEntry {
  const campaign = channel.campaigns.length > 0 ? random.pick(channel.campaigns) : undefined;
  const url = new URL(`https://tea.example.com/${random.pick(["", "green", "matcha", "sets", "pots"])}`);
  if (channel.source) url.searchParams.set("utm_source", channel.source);
  if (channel.medium) url.searchParams.set("utm_medium", channel.medium);
  if (campaign) url.searchParams.set("utm_campaign", campaign);
  return {
    type: "click",
    clickId: `click-${visitorId}-${number}`,
    timestamp: toTime(at),
    visitorId,
    url: url.href,
    ...(channel.link && { link: `${channel.link}/${campaign}` }),
    ...(channel.referrer && { referrer: channel.referrer }),
  };
}

function toPerson(
  random: Random,
  number: number,
  { country }: Market,
): { externalId: string; email: string; name: string; country: string } {
  const name = `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`;
  return { externalId: `user_${number}`, email: `customer${number}@example.com`, name, country };
}

/** A price in US dollars in the market's currency. It ends in .90 if the currency has decimals. */
function toPrice(usd: number, { usd: rate, decimals }: Market): number {
  const units = Math.max(1, Math.round(usd / rate));
  return decimals === 0 ? Math.round(units / 10) * 10 : (units * 100 - 10) / 100;
}

function firstDays(from: number, to: number): string[] {
  const days: string[] = [];
  const month = new Date(from);
  for (month.setUTCDate(1); month.getTime() <= to; month.setUTCMonth(month.getUTCMonth() + 1)) days.push(month.toISOString().slice(0, 10));
  return days;
}

function toTime(at: number): string {
  return new Date(Math.floor(at)).toISOString();
}

// Which touches earned which share of the revenue? (definitions §9)
import { shares, wireNumber } from "./amount.ts";
import type { Facts } from "./derive.ts";
import { byLogOrder, comparePoints, type Entry } from "./log.ts";
import { money, tally, unconverted } from "./tally.ts";
import { linkOf, type Touch, touchesAmong, typeOf } from "./touches.ts";
import type { World } from "./world.ts";
import { iso } from "./zone.ts";

export const MODELS = ["last", "first", "linear", "position", "time_decay"] as const;
export type Model = (typeof MODELS)[number];

const DAY = 86_400_000;
const WEEK = 7 * DAY;
const ONE = 1n << 400n;

/** ONE × 2^(−part ÷ 7 days) for 0 ≤ part < 7 days: e^(−part × ln 2) by its series. */
function halved(part: number): bigint {
  let ln2 = 0n;
  for (let k = 1n; k <= 410n; k += 1n) ln2 += ONE / (k << k);
  const x = (ln2 * BigInt(part)) / BigInt(WEEK);
  let term = ONE;
  let sum = ONE;
  for (let n = 1n; n < 120n; n += 1n) {
    term = (-term * x) / (n * ONE);
    sum += term;
  }
  return sum;
}

/** The weights of touches in log order, by age. */
export function weights(model: Model, ages: readonly number[]): bigint[] {
  const n = ages.length;
  const youngest = Math.min(...ages);
  const parts = ages.map((age) => (age - youngest) % WEEK);
  return ages.map((age, index) => {
    if (model === "first") return index === 0 ? 1n : 0n;
    if (model === "last") return index === n - 1 ? 1n : 0n;
    if (model === "linear" || n === 1) return 1n;
    if (model === "position") return n === 2 ? 1n : index === 0 || index === n - 1 ? 2n * BigInt(n - 2) : 1n;
    const part = parts[index] ?? 0;
    return (part === 0 ? ONE : halved(part)) >> BigInt(Math.floor((age - youngest) / WEEK));
  });
}

function touchOf(touch: Touch | undefined): unknown {
  if (!touch) return null;
  return {
    type: typeOf(touch),
    clickId: touch.clickId ?? null,
    timestamp: iso(touch.at),
    link: linkOf(touch) ?? null,
    campaign: touch.campaign ?? null,
    source: touch.source ?? null,
    medium: ("isCreation" in touch ? undefined : touch.medium) ?? null,
  };
}

/** A part of a sale, and the touch that it is credited to; undefined: the sale has none. */
export interface Credit {
  touch: Touch | undefined;
  weight: bigint;
  money: bigint;
  sale: bigint;
}

/** The credit of every counted sale among a customer's entries, by sale. `touches` are all of theirs. */
export function creditsOf(world: World, facts: Facts, touches: readonly Touch[], model: Model, windowDays: number): [Entry, Credit[]][] {
  const { sales, refunds } = tally(world, facts.entries);
  const { worth } = world.derived;
  return sales.map((sale) => {
    const given = refunds
      .filter((refund) => worth.get(refund)?.sale === sale)
      .reduce((all, refund) => all + (worth.get(refund)?.amount ?? 0n), 0n);
    const net = (worth.get(sale)?.amount ?? 0n) - given;
    const own = touches.filter((touch) => byLogOrder(touch, sale) <= 0 && touch.at >= sale.at - windowDays * DAY);
    if (own.length === 0) return [sale, [{ touch: undefined, weight: 1n, money: net, sale: 10_000n }]];
    const weighed = weights(
      model,
      own.map((touch) => sale.at - touch.at),
    );
    const [ofMoney, ofSale] = [shares(net, weighed), shares(10_000n, weighed)];
    return [
      sale,
      own.map((touch, index) => ({ touch, weight: weighed[index] ?? 0n, money: ofMoney[index] ?? 0n, sale: ofSale[index] ?? 0n })),
    ];
  });
}

/** `GET /customers/:id/attribution`. */
export function attribution(world: World, facts: Facts, model: Model, windowDays: number): unknown {
  const touches = touchesAmong(facts.touches);
  const clicksAmong = (own: readonly Touch[]) => own.filter((touch) => typeOf(touch) === "click").length;
  const { gross, refunded } = tally(world, facts.entries);
  const credits = creditsOf(world, facts, touches, model, windowDays).flatMap(([, parts]) => parts);
  const rows = (keyOf: (touch: Touch | undefined) => string) => {
    const keys = new Set([...touches.map(keyOf), ...credits.map((credit) => keyOf(credit.touch))]);
    return [...keys]
      .map((key) => {
        const own = touches.filter((touch) => keyOf(touch) === key);
        const earned = credits.filter((credit) => keyOf(credit.touch) === key);
        return {
          key,
          touches: own.length,
          clicks: clicksAmong(own),
          firstAt: own[0] ? iso(own[0].at) : null,
          lastAt: own[0] ? iso(own.at(-1)?.at ?? 0) : null,
          sales: wireNumber(
            earned.reduce((all, credit) => all + credit.sale, 0n),
            4,
          ),
          revenue: money(
            world,
            earned.reduce((all, credit) => all + credit.money, 0n),
          ),
        };
      })
      .sort((a, b) => b.revenue - a.revenue || comparePoints(a.key, b.key));
  };
  const lastConversion = facts.entries.findLast((entry) => entry.type === "lead" || entry.type === "sale" || entry.type === "custom");
  const lastTouch = lastConversion ? touches.findLast((touch) => byLogOrder(touch, lastConversion) <= 0) : touches.at(-1);
  return {
    model,
    windowDays,
    currency: world.currency,
    revenue: money(world, gross - refunded),
    unconverted: unconverted(world, facts.entries),
    firstTouch: touchOf(touches[0]),
    lastTouch: touchOf(lastTouch),
    touches: touches.length,
    clicks: clicksAmong(touches),
    links: rows((touch) => (touch && linkOf(touch)) ?? "(none)"),
    campaigns: rows((touch) => touch?.campaign ?? "(none)"),
    sources: rows((touch) => touch?.source ?? "(direct)"),
  };
}

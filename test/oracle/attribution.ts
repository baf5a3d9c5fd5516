// Which clicks earned which share of the revenue? (definitions §9)
import { shares, wireNumber } from "./amount.ts";
import type { Facts } from "./derive.ts";
import { comparePoints, type Entry } from "./log.ts";
import { money, tally, unconverted } from "./tally.ts";
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

function touchOf(click: Entry | undefined): unknown {
  if (!click) return null;
  return {
    clickId: click.clickId ?? null,
    timestamp: iso(click.at),
    link: click.link ?? null,
    campaign: click.campaign ?? null,
    source: click.source ?? null,
    medium: click.medium ?? null,
  };
}

/** `GET /customers/:id/attribution`. */
export function attribution(world: World, facts: Facts, model: Model, windowDays: number): unknown {
  const clicks = facts.entries.filter((entry) => entry.type === "click");
  const { sales, refunds, gross, refunded } = tally(world, facts.entries);
  const { worth } = world.derived;
  const credits: { click: Entry | undefined; money: bigint; sale: bigint }[] = [];
  for (const sale of sales) {
    const given = refunds
      .filter((refund) => worth.get(refund)?.sale === sale)
      .reduce((all, refund) => all + (worth.get(refund)?.amount ?? 0n), 0n);
    const net = (worth.get(sale)?.amount ?? 0n) - given;
    const touches = clicks.filter((click) => click.at <= sale.at && click.at >= sale.at - windowDays * DAY);
    if (touches.length === 0) credits.push({ click: undefined, money: net, sale: 10_000n });
    else {
      const weighed = weights(
        model,
        touches.map((touch) => sale.at - touch.at),
      );
      const ofMoney = shares(net, weighed);
      const ofSale = shares(10_000n, weighed);
      touches.forEach((click, index) => {
        credits.push({ click, money: ofMoney[index] ?? 0n, sale: ofSale[index] ?? 0n });
      });
    }
  }
  const rows = (keyOf: (click: Entry | undefined) => string) => {
    const keys = new Set([...clicks.map(keyOf), ...credits.map((credit) => keyOf(credit.click))]);
    return [...keys]
      .map((key) => {
        const own = clicks.filter((click) => keyOf(click) === key);
        const earned = credits.filter((credit) => keyOf(credit.click) === key);
        return {
          key,
          clicks: own.length,
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
  const lastTouch = lastConversion ? clicks.findLast((click) => click.at <= lastConversion.at) : clicks.at(-1);
  return {
    model,
    windowDays,
    currency: world.currency,
    revenue: money(world, gross - refunded),
    unconverted: unconverted(world, facts.entries),
    firstTouch: touchOf(clicks[0]),
    lastTouch: touchOf(lastTouch),
    clicks: clicks.length,
    links: rows((click) => click?.link ?? "(none)"),
    campaigns: rows((click) => click?.campaign ?? "(none)"),
    sources: rows((click) => click?.source ?? "(direct)"),
  };
}

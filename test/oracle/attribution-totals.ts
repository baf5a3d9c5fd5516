// Which sources, campaigns or links earned everybody's revenue in a range? By loops over everybody's entries. (definitions §9)
import { creditsOf, type Model } from "./attribution.ts";
import { readRange } from "./cohorts.ts";
import { comparePoints } from "./log.ts";
import { tally } from "./tally.ts";
import { linkOf, type Touch, touchesAmong, typeOf } from "./touches.ts";
import type { World } from "./world.ts";

/** The parameters `start` and `end`. */
export type Bounds = readonly [start?: string | undefined, end?: string | undefined];

/** The rows: key, touches, clicks, customers, sales and revenue. */
export function attributionTotals(world: World, groupBy: "source" | "campaign" | "link", model: Model, windowDays: number, range: Bounds) {
  const { from, to } = readRange(world, ...range);
  const without = groupBy === "source" ? "(direct)" : "(none)";
  const inRange = (at: number) => (from === undefined || at >= from) && (to === undefined || at < to);
  const rows = new Map<string, { touches: number; clicks: number; customers: Set<number>; sales: bigint; money: bigint }>();
  const rowOf = (touch: Touch | undefined) => {
    const key = (touch && { source: touch.source, campaign: touch.campaign, link: linkOf(touch) }[groupBy]) ?? without;
    const row = rows.get(key) ?? { touches: 0, clicks: 0, customers: new Set(), sales: 0n, money: 0n };
    rows.set(key, row);
    return row;
  };
  for (const facts of world.derived.facts.values()) {
    const touches = touchesAmong(facts.touches);
    for (const touch of touches.filter(({ at }) => inRange(at))) {
      rowOf(touch).touches++;
      if (typeOf(touch) === "click") rowOf(touch).clicks++;
    }
    const sold = creditsOf(world, facts, touches, model, windowDays).filter(([{ at }]) => inRange(at));
    for (const { touch, money, sale } of sold.flatMap(([, credits]) => credits).filter(({ weight }) => weight > 0n)) {
      const row = rowOf(touch);
      row.customers.add(facts.id);
      row.money += money;
      row.sales += sale;
    }
  }
  return [...rows]
    .sort(([a, ours], [b, theirs]) => Number(theirs.money - ours.money) || comparePoints(a, b))
    .map(([key, { touches, clicks, customers, sales, money }]) => [
      key,
      touches,
      clicks,
      customers.size,
      Number(sales) / 10_000,
      Number(money) / 100,
    ]);
}

/** How many customers have a counted sale in the range. */
export function payingIn(world: World, bounds: Bounds): number {
  const { from, to } = readRange(world, ...bounds);
  const inRange = ({ at }: { at: number }) => (from === undefined || at >= from) && (to === undefined || at < to);
  return [...world.derived.facts.values()].filter((facts) => tally(world, facts.entries).sales.some(inRange)).length;
}

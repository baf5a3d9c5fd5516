// What became of the customers of a cohort? (definitions §7)

import type { Facts } from "./derive.ts";
import { comparePoints } from "./log.ts";
import { cohortFields, firstTouch, unconverted } from "./tally.ts";
import type { World } from "./world.ts";
import { iso, monthKey, plusDays, readInstant, weekKey } from "./zone.ts";

export type Grouping = "week" | "month" | "campaign" | "source";

/** The half-open range of two bounds as requested. A plain date as end includes that day. */
export function readRange(
  world: World,
  start: string | undefined,
  end: string | undefined,
): { from: number | undefined; to: number | undefined } {
  const from = start === undefined ? undefined : readInstant(start, world.zone);
  const isDate = end !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(end);
  const to = end === undefined ? undefined : isDate ? world.zone.startOfDate(end, 1) : readInstant(end, world.zone);
  return { from, to };
}

function byText(a: string, b: string): number {
  return comparePoints(a, b);
}

/** `GET /customers/cohorts`; undefined if start is not before end. */
export function cohorts(world: World, groupBy: Grouping, start?: string, end?: string): unknown {
  const { from, to } = readRange(world, start, end);
  if (from !== undefined && to !== undefined && from >= to) return undefined;
  const { zone } = world;
  const members = [...world.derived.facts.values()].filter((customer) => {
    const { at } = firstTouch(customer);
    return (from === undefined || at >= from) && (to === undefined || at < to);
  });
  const keyOf = (customer: Facts) => {
    const first = firstTouch(customer);
    if (groupBy === "week") return zone.mondayOf(first.at);
    if (groupBy === "month") return String(zone.monthOf(first.at));
    return groupBy === "source" ? (first.source ?? "(direct)") : (first.campaign ?? "(none)");
  };
  const groups = Map.groupBy(members, keyOf);
  const rowOf = (cohort: string, bounds: [string | null, string | null], key: string) => ({
    cohort,
    start: bounds[0],
    end: bounds[1],
    ...cohortFields(world, groups.get(key) ?? []),
  });

  const rows: unknown[] = [];
  const keys = [...groups.keys()];
  if (groupBy === "week" && keys.length > 0) {
    const last = keys.sort(byText).at(-1) ?? "";
    for (let monday = keys[0] ?? ""; monday <= last; monday = plusDays(monday, 7))
      rows.push(rowOf(weekKey(monday), [iso(zone.startOfDate(monday)), iso(zone.startOfDate(monday, 7))], monday));
  } else if (groupBy === "month" && keys.length > 0) {
    for (let month = Math.min(...keys.map(Number)); month <= Math.max(...keys.map(Number)); month += 1)
      rows.push(rowOf(monthKey(month), [iso(zone.startOfMonth(month)), iso(zone.startOfMonth(month + 1))], String(month)));
  } else {
    const size = (key: string) => groups.get(key)?.length ?? 0;
    for (const key of keys.sort((a, b) => size(b) - size(a) || byText(a, b))) rows.push(rowOf(key, [null, null], key));
  }
  return {
    groupBy,
    start: from === undefined ? null : iso(from),
    end: to === undefined ? null : iso(to),
    timezone: zone.name,
    currency: world.currency,
    unconverted: unconverted(
      world,
      members.flatMap((customer) => customer.entries),
    ),
    cohorts: rows,
    totals: cohortFields(world, members),
  };
}

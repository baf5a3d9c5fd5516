// How is an amount shared when many touches in a row weigh the same? As `share` of money.ts does it, without looking at each.
import type { Model } from "./answer.ts";

/** Touches in a row with one weight. */
export interface Run {
  readonly count: number;
  readonly weight: bigint;
}

/** What each touch of a run gets; its first `extra` touches get one unit more. */
export interface RunShare {
  readonly each: bigint;
  readonly extra: number;
}

/**
 * Shares a total among runs in order of time: floored, then the units left go to the largest fractions, one each, of equal ones to
 * the earlier (definitions §9). The weights must not all be 0.
 */
export function shareRuns(total: bigint, runs: readonly Run[]): RunShare[] {
  const sum = runs.reduce((all, { count, weight }) => all + BigInt(count) * weight, 0n);
  const floors = runs.map(({ weight }) => (total * weight) / sum);
  let left = runs.reduce((rest, { count }, index) => rest - BigInt(count) * (floors[index] ?? 0n), total);
  const extras = new Array<number>(runs.length).fill(0);
  const fractions = runs.map(({ count, weight }, index) => ({ index, count, fraction: (total * weight) % sum }));
  fractions.sort((a, b) => (a.fraction === b.fraction ? a.index - b.index : a.fraction > b.fraction ? -1 : 1));
  for (const { index, count } of fractions) {
    const extra = left < BigInt(count) ? Number(left) : count;
    extras[index] = extra;
    left -= BigInt(extra);
  }
  return floors.map((each, index) => ({ each, extra: extras[index] ?? 0 }));
}

/** The weights of `n` touches, first to last, under a model that looks at their order alone. */
export function runsByPlace(model: Exclude<Model, "time_decay">, n: number): Run[] {
  if (model === "first") return only({ count: 1, weight: 1n }, { count: n - 1, weight: 0n });
  if (model === "last") return only({ count: n - 1, weight: 0n }, { count: 1, weight: 1n });
  if (model === "linear" || n <= 2) return [{ count: n, weight: 1n }];
  const end = { count: 1, weight: 2n * BigInt(n - 2) };
  return [end, { count: n - 2, weight: 1n }, end];
}

const only = (...runs: Run[]): Run[] => runs.filter(({ count }) => count > 0);

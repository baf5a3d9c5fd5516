// How is an amount shared when many consecutive touches have the same weight? As in `share` of money.ts, but without visiting each touch.
import type { Model } from "./model.ts";

/** Consecutive touches with the same weight, a whole number. */
export interface Run {
  readonly count: number;
  readonly weight: number;
}

/** The share of each touch of a run. The first `extra` touches get one unit more. */
export interface RunShare {
  readonly each: number;
  readonly extra: number;
}

/** total × weight ÷ sum as whole part and remainder, exactly. All arguments are safe integers. */
function divided(total: number, weight: number, sum: number): [whole: number, remainder: number] {
  const product = total * weight;
  if (product <= Number.MAX_SAFE_INTEGER) {
    const remainder = product % sum;
    return [(product - remainder) / sum, remainder];
  }
  const exact = BigInt(total) * BigInt(weight);
  return [Number(exact / BigInt(sum)), Number(exact % BigInt(sum))];
}

/**
 * Shares a total among runs, which are in order of time. Each share is rounded down. The units that are left go to the largest fractions,
 * one each, and among equal ones to the earlier touch (definitions §9). At least one weight must be above 0.
 */
export function shareRuns(total: number, runs: readonly Run[]): RunShare[] {
  const sum = runs.reduce((all, { count, weight }) => all + count * weight, 0);
  const parts = runs.map(({ weight }) => divided(total, weight, sum));
  let left = runs.reduce((rest, { count }, index) => rest - count * (parts[index]?.[0] ?? 0), total);
  const extras = new Array<number>(runs.length).fill(0);
  const fractions = runs.map(({ count }, index) => ({ index, count, fraction: parts[index]?.[1] ?? 0 }));
  if (fractions.length > 1) fractions.sort((a, b) => b.fraction - a.fraction || a.index - b.index);
  for (const { index, count } of fractions) {
    const extra = Math.min(left, count);
    extras[index] = extra;
    left -= extra;
  }
  return parts.map(([each], index) => ({ each, extra: extras[index] ?? 0 }));
}

/** The weights of `n` touches, from first to last, under a model that depends only on their order (definitions §9). */
export function runsByPlace(model: Exclude<Model, "time_decay">, n: number): Run[] {
  if (model === "first") return withoutEmpty({ count: 1, weight: 1 }, { count: n - 1, weight: 0 });
  if (model === "last") return withoutEmpty({ count: n - 1, weight: 0 }, { count: 1, weight: 1 });
  if (model === "linear" || n <= 2) return [{ count: n, weight: 1 }];
  const end = { count: 1, weight: 2 * (n - 2) };
  return [end, { count: n - 2, weight: 1 }, end];
}

const withoutEmpty = (...runs: Run[]): Run[] => runs.filter(({ count }) => count > 0);

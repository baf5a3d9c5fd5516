// How is an amount shared when many touches in a row weigh the same? As `share` of money.ts does it, without looking at each.
import type { Model } from "./model.ts";

/** Touches in a row with one weight, a whole number. */
export interface Run {
  readonly count: number;
  readonly weight: number;
}

/** What each touch of a run gets; its first `extra` touches get one unit more. */
export interface RunShare {
  readonly each: number;
  readonly extra: number;
}

/** total × weight ÷ sum as whole part and remainder, exactly; all are safe integers. */
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
 * Shares a total among runs in order of time: floored, then the units left go to the largest fractions, one each, of equal ones to
 * the earlier (definitions §9). The weights must not all be 0.
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

/** The weights of `n` touches, first to last, under a model that looks at their order alone. */
export function runsByPlace(model: Exclude<Model, "time_decay">, n: number): Run[] {
  if (model === "first") return only({ count: 1, weight: 1 }, { count: n - 1, weight: 0 });
  if (model === "last") return only({ count: n - 1, weight: 0 }, { count: 1, weight: 1 });
  if (model === "linear" || n <= 2) return [{ count: n, weight: 1 }];
  const end = { count: 1, weight: 2 * (n - 2) };
  return [end, { count: n - 2, weight: 1 }, end];
}

const only = (...runs: Run[]): Run[] => runs.filter(({ count }) => count > 0);

// How are ours and the peer timed fairly, and when is a target met?

/** One line of the table. */
export interface Line {
  readonly part: string;
  readonly what: string;
  readonly unit: "ms" | "/s" | "MB";
  readonly ours: number;
  /** Absent if the target is only about our figure. */
  readonly peer?: number | undefined;
  readonly against?: string | undefined;
  /** The figure that the target is about: a ratio, or ours. */
  readonly judged: number;
  readonly target: Target;
  readonly met: boolean;
  /** A remark. */
  readonly note?: string | undefined;
}

/** A limit, `least` or `most`: of peer ÷ ours (`faster`), of ours ÷ peer (`share`), of ours − peer (`more`), or of our own figure (`ours`). */
export interface Target {
  readonly of: "faster" | "share" | "more" | "ours" | "none";
  readonly least?: number;
  readonly most?: number;
}

export interface Figures {
  readonly ours: number;
  readonly peer?: number;
}

/** Judges a line. A line with the note `wrong` (the answers differ) never meets its target. */
export function judge(
  about: { part: string; what: string; unit: Line["unit"]; against?: string; note?: string; wrong?: boolean },
  { ours, peer }: Figures,
  target: Target,
): Line {
  const { wrong = false, ...named } = about;
  const other = peer ?? Number.NaN;
  const judged = { faster: other / ours, share: ours / other, more: ours - other, ours, none: ours }[target.of];
  const inside = judged >= (target.least ?? Number.NEGATIVE_INFINITY) && judged <= (target.most ?? Number.POSITIVE_INFINITY);
  return { ...named, ours, peer, judged, target, met: !wrong && (target.of === "none" || inside) };
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Milliseconds that `work` takes. */
export async function timed(work: () => unknown): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Runs both in turn, A B A B …, after one round that does not count. Gives the medians of their results. */
export async function alternate(
  rounds: number,
  ours: () => number | Promise<number>,
  peer: () => number | Promise<number>,
  warm = true,
): Promise<Required<Figures>> {
  if (warm) {
    await ours();
    await peer();
  }
  const [a, b]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    a.push(await ours());
    b.push(await peer());
  }
  return { ours: median(a), peer: median(b) };
}

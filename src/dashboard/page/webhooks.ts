// How do the webhooks of a provider fare? Sums of what `GET /webhooks` counts, and what to worry about.
import type { DataOf } from "./answers.ts";

export type Webhooks = DataOf<"/webhooks">;
export type Source = Webhooks["sources"][number];

/** How long a delivery that could not be stored is worth a notice; `doctor` warns for as long. */
const RECENT_MS = 30 * 86_400_000;

/** Sources that are set up, and those that have been. */
export const knownSources = ({ sources }: Webhooks): Source[] =>
  sources.filter(({ isOn, deliveries, badSignatures }) => isOn || deliveries > 0 || badSignatures > 0);

/** How many deliveries had this result. */
export const countOf = ({ counts }: Source, result: string): number =>
  counts.reduce((sum, each) => sum + (each.result === result ? each.count : 0), 0);

export type Trouble = "signature" | "refused";

/**
 * Why the webhooks of a source fail, by the rules of `doctor`: its last request has a bad signature, or a delivery of the last 30 days
 * could not be stored. Undefined: they do not, or they are off. `now` in milliseconds.
 */
export function troubleOf({ isOn, lastDeliveryAt, lastBadSignatureAt, counts }: Source, now: number): Trouble | undefined {
  if (!isOn) return undefined;
  if (lastBadSignatureAt !== null && lastBadSignatureAt > (lastDeliveryAt ?? "")) return "signature";
  return counts.some(({ result, lastAt }) => result === "refused" && Date.parse(lastAt) >= now - RECENT_MS) ? "refused" : undefined;
}

// How do webhooks fare? Sums of what `GET /webhooks` counts of each provider, and what to worry about, also of those that this server sends.
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

export type Called = DataOf<"/webhook-endpoints">[number];

/** How long a message may wait before it is worth a notice; `doctor` warns from then on. */
const LATE_MS = 3_600_000;

/** Why somebody is not called who should be; undefined: they are. `now` in milliseconds. */
export function callTroubleOf({ state, waitingSince }: Called, now: number): "failed" | "paused" | "late" | undefined {
  if (state !== "active") return state;
  return waitingSince !== null && Date.parse(waitingSince) < now - LATE_MS ? "late" : undefined;
}

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

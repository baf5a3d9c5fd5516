// Do the providers' webhooks arrive, and is what they bring recorded?
import type { Sqlite } from "../../../db/connection.ts";
import type { Config } from "../../host/config.ts";
import { toIso } from "../../value/instant.ts";
import { countOf, lastDeliveryAt, openWebhookState, type SourceState } from "../webhooks/state.ts";
import { type Finding, fine, warning } from "./finding.ts";

/** How long a delivery that was not recorded is worth a warning. */
const RECENT_MS = 30 * 86_400_000;

/** What is wrong with one source, and how to fix it. Of several problems, the one that loses most comes first. */
function problemOf(state: SourceState, now: number): [problem: string, remedy: string] | undefined {
  const { source, isOn, counts, badSignatures, lastBadSignatureAt = 0, waitingRefunds } = state;
  const setting = `${source.toUpperCase()}_WEBHOOK_SECRET`;
  const lastAt = lastDeliveryAt(state);
  if (!isOn) return lastAt === undefined ? undefined : [`${source} has delivered before, but ${setting} is not set`, `set ${setting}`];
  if (badSignatures > 0 && lastBadSignatureAt > (lastAt ?? 0))
    return [`the last request for ${source} has a bad signature`, `compare ${setting} with the secret that the provider shows`];
  if (lastAt === undefined) return [`${source} has never delivered anything`, "register the webhook there (README, Payment providers)"];
  const recent = { ...state, counts: counts.filter(({ lastAt: at }) => at >= now - RECENT_MS) };
  const refused = countOf(recent, "refused");
  if (refused > 0) return [`${refused} of ${source}'s deliveries could not be stored`, "see their reasons in GET /webhooks"];
  const isRefundSeen = counts.some(({ type }) => type.startsWith("refund.") || type === "charge.refund.updated");
  const isRefundMissed = counts.some(({ type, result }) => type === "charge.refunded" && result === "ignored");
  if (isRefundMissed && !isRefundSeen)
    return ["stripe tells of refunds only by charge.refunded", "add refund.created, refund.updated and refund.failed to its webhook"];
  const conflicts = countOf(recent, "conflict");
  if (conflicts > 0)
    return [`${conflicts} of ${source}'s deliveries told a sale or refund again with other money`, "see in GET /webhooks what stayed"];
  if (waitingRefunds > 0)
    return [
      `${waitingRefunds} of ${source}'s refunds came before their sale, which has not come yet`,
      "send the missing sales again there, or import them",
    ];
  return undefined;
}

/** A shop must answer a request for data within 30 days. */
const REQUEST_DUE_MS = 20 * 86_400_000;

/** Checks the webhooks of all providers, by what is stored of their deliveries. `now`: milliseconds since 1970 UTC. */
export function lookAtWebhooks(sqlite: Sqlite, config: Config, now: number): Finding {
  const state = openWebhookState(sqlite, config);
  const states = state.sources();
  const [oldest] = state.dataRequests();
  if (oldest && oldest.requestedAt <= now - REQUEST_DUE_MS)
    return warning(
      "webhooks",
      `a customer of ${oldest.source} has waited for their data since ${toIso(oldest.requestedAt)}`,
      "send it, and close the request (GET /webhooks)",
    );
  const [problem, remedy] = states.flatMap((each) => problemOf(each, now) ?? []);
  if (problem !== undefined && remedy !== undefined) return warning("webhooks", problem, remedy);
  const on = states.filter(({ isOn }) => isOn);
  if (on.length === 0) return fine("webhooks", "none are set up");
  return fine("webhooks", on.map((each) => `${each.source}: last delivery ${toIso(lastDeliveryAt(each) ?? 0)}`).join(", "));
}

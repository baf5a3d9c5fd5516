// Are webhooks delivered to those who asked to be called?
import type { Sqlite } from "../../../db/connection.ts";
import type { Config } from "../../host/config.ts";
import { toIso } from "../../value/instant.ts";
import { readEndpointStates } from "../endpoint-state.ts";
import { type Finding, fine, warning } from "./finding.ts";

/** How long a message may wait before it is worth a warning. */
const LATE_MS = 3_600_000;

/** Checks the endpoints of webhooks. `now`: milliseconds since 1970 UTC. */
export function lookAtEndpoints(sqlite: Sqlite, { adminKey }: Pick<Config, "adminKey">, now: number): Finding {
  const subject = "endpoints";
  const states = readEndpointStates(sqlite, adminKey !== undefined, now);
  const failed = states.find(({ state }) => state === "failed");
  if (failed)
    return warning(
      subject,
      `${failed.id} has not answered for three days, and nothing is sent to it since ${toIso(failed.failedAt ?? 0)}`,
      "mend what receives it, then send PATCH /webhook-endpoints/:id with {}, or delete the endpoint",
    );
  const paused = states.find(({ state }) => state === "paused");
  if (paused)
    return warning(
      subject,
      `nothing is sent to ${paused.id}, because ${paused.keyId === "admin" ? "ADMIN_KEY is not set" : "its key is revoked or has expired"}`,
      "send PATCH /webhook-endpoints/:id with {} with another key, or delete the endpoint",
    );
  const late = states.find(({ oldestAt }) => oldestAt !== null && oldestAt < now - LATE_MS);
  if (late)
    return warning(
      subject,
      `${late.waiting} messages wait for ${late.id}, the oldest since ${toIso(late.oldestAt ?? 0)}`,
      "see in GET /webhook-endpoints/:id/deliveries what it answers",
    );
  if (states.length === 0) return fine(subject, "none are set up");
  return fine(subject, states.map(({ id, waiting }) => `${id}: ${waiting} waiting`).join(", "));
}

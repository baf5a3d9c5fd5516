// How are the endpoints doing that are called when something has changed? Read from what is stored, for the doctor and the metrics.
import type { Sqlite } from "../../db/connection.ts";
import type { webhookEndpoint } from "../../db/feed-schema.ts";

export type EndpointState = Pick<typeof webhookEndpoint.$inferSelect, "id" | "keyId" | "failedAt"> & {
  /** `paused`: its key is revoked or has expired, or is that of ADMIN_KEY, which is not set. */
  readonly state: "active" | "paused" | "failed";
  /** How many messages wait to be sent, and since when the oldest does. */
  readonly waiting: number;
  readonly oldestAt: number | null;
  /** How many were given up, as far as they are kept. */
  readonly givenUp: number;
};

/** All endpoints, the oldest first. `hasAdminKey`: ADMIN_KEY is set. `now`: milliseconds since 1970 UTC. */
export function readEndpointStates(sqlite: Sqlite, hasAdminKey: boolean, now: number): EndpointState[] {
  return sqlite
    .prepare<{ hasAdminKey: number; now: number }, EndpointState>(
      `SELECT e.id, e.key_id AS keyId, e.failed_at AS failedAt,
         CASE WHEN NOT (e.key_id = 'admin' AND :hasAdminKey) AND NOT EXISTS (
                SELECT 1 FROM api_key WHERE id = e.key_id AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :now)) THEN 'paused'
              WHEN e.failed_at IS NOT NULL THEN 'failed' ELSE 'active' END AS state,
         (SELECT count(*) FROM webhook_message WHERE endpoint = e.number AND state = 0) AS waiting,
         (SELECT min(told_at) FROM webhook_message WHERE endpoint = e.number AND state = 0) AS oldestAt,
         (SELECT count(*) FROM webhook_message WHERE endpoint = e.number AND state = 2) AS givenUp
       FROM webhook_endpoint AS e ORDER BY e.number`,
    )
    .all({ hasAdminKey: hasAdminKey ? 1 : 0, now });
}

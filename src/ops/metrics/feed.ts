// How long is the feed of changes, and how far have its followers come? Read from the database for each scrape.
import { listFollowers, openChanges } from "../../../db/change.ts";
import { readFollowing } from "../../../db/standby.ts";
import type { Context } from "../../context.ts";
import { readEndpointStates } from "../endpoint-state.ts";
import { gauge, type Sample } from "./sample.ts";

/** Gives the function that reads the samples of the feed and of the endpoints that are called. */
export function openFeedSamples({ database: { sqlite }, config, now }: Pick<Context, "config" | "database" | "now">): () => Sample[] {
  const changes = openChanges(sqlite);
  return () => {
    const { oldest, newest } = changes.extent();
    const followers = listFollowers(sqlite);
    const endpoints = readEndpointStates(sqlite, config.adminKey !== undefined, now());
    const following = readFollowing(sqlite);
    return [
      gauge("regulars_changes_oldest", "The number of the oldest change that is kept.", oldest),
      gauge("regulars_changes_newest", "The number of the newest change.", newest),
      {
        name: "regulars_follower_lag_changes",
        type: "gauge",
        help: "How many changes a follower has not confirmed, as of at most 5 seconds ago.",
        values: followers.map(({ name, seq }) => ({ labels: { follower: name }, value: newest - seq })),
      },
      {
        name: "regulars_follower_seen_timestamp_seconds",
        type: "gauge",
        help: "When a follower last asked.",
        values: followers.map(({ name, seenAt }) => ({ labels: { follower: name }, value: seenAt / 1000 })),
      },
      {
        name: "regulars_webhook_endpoint_waiting",
        type: "gauge",
        help: "Messages that wait to be sent to an endpoint.",
        values: endpoints.map(({ id, waiting }) => ({ labels: { endpoint: id }, value: waiting })),
      },
      {
        name: "regulars_webhook_endpoint_active",
        type: "gauge",
        help: "1 if messages are sent to an endpoint; 0 if its key is gone, or if it has not answered for three days.",
        values: endpoints.map(({ id, state }) => ({ labels: { endpoint: id }, value: state === "active" ? 1 : 0 })),
      },
      gauge("regulars_standby", "1 on a standby, otherwise 0.", following ? 1 : 0),
      ...(following
        ? [
            gauge(
              "regulars_standby_as_of_timestamp_seconds",
              "Everything that the primary had stored by then is here, by its clock.",
              following.asOfAt / 1000,
            ),
          ]
        : []),
    ];
  };
}

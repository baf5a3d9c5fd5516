// How many deliveries came from each provider, with which result? Read from the database for each scrape.
import type { Context } from "../../context.ts";
import { openWebhookState } from "../webhooks/state.ts";
import type { Sample } from "./sample.ts";

/** Gives the function that reads the samples of the webhooks. Sources that are off and never delivered anything are left out. */
export function openWebhookSamples({ database, config }: Pick<Context, "database" | "config">): () => Sample[] {
  const state = openWebhookState(database.sqlite, config);
  return () => {
    const sources = state.sources().filter(({ isOn, counts, badSignatures }) => isOn || counts.length > 0 || badSignatures > 0);
    return [
      {
        name: "regulars_webhook_deliveries_total",
        type: "counter",
        help: "Webhook deliveries with a valid signature, by source, type and result, since the database was created.",
        values: sources.flatMap(({ source, counts }) =>
          [...Map.groupBy(counts, ({ type, result }) => JSON.stringify([type, result])).values()].map((same) => ({
            labels: { source, type: same[0]?.type ?? "", result: same[0]?.result ?? "" },
            value: same.reduce((sum, { count }) => sum + count, 0),
          })),
        ),
      },
      {
        name: "regulars_webhook_bad_signatures_total",
        type: "counter",
        help: "Webhook requests without a valid signature, since the database was created.",
        values: sources.map(({ source, badSignatures }) => ({ labels: { source }, value: badSignatures })),
      },
      {
        name: "regulars_webhook_waiting_refunds",
        type: "gauge",
        help: "Refunds that webhooks brought and whose sale has not come yet.",
        values: sources.map(({ source, waitingRefunds }) => ({ labels: { source }, value: waitingRefunds })),
      },
    ];
  };
}

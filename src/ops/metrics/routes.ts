// GET /metrics: the state of the server, for Prometheus.

import { Type } from "@sinclair/typebox";
import type { Context } from "../../context.ts";
import { type Endpoint, endpoint } from "../../http/endpoint.ts";
import type { Backups } from "../backup/schedule.ts";
import { type AnalyticsState, analyticsSamples } from "./analytics.ts";
import { openDatabaseSamples } from "./database.ts";
import { openFeedSamples } from "./feed.ts";
import { openImportSamples } from "./imports.ts";
import type { CountedMessages } from "./message-count.ts";
import type { ProcessSamples } from "./process.ts";
import type { CountedRequests } from "./request-count.ts";
import { TEXT_FORMAT, toText } from "./sample.ts";
import { openWebhookSamples } from "./webhooks.ts";

export interface Measured {
  readonly requests: CountedRequests;
  readonly messages: CountedMessages;
  readonly process: ProcessSamples;
  /** What ClickHouse has been told; undefined: it is not used. */
  readonly analytics: () => AnalyticsState | undefined;
}

/** The endpoint of the metrics. `requests`, `messages` and `process` are what the app measures while it runs. */
export function metricsEndpoints(
  context: Context & { readonly backups: Backups },
  { requests, messages, process, analytics }: Measured,
): Endpoint[] {
  const databaseSamples = openDatabaseSamples(context);
  const feedSamples = openFeedSamples(context);
  const webhookSamples = openWebhookSamples(context);
  const importSamples = openImportSamples(context);
  return [
    endpoint({
      method: "GET",
      path: "/metrics",
      admission: "metrics:read",
      tag: "Health",
      summary: "Get server metrics for Prometheus",
      description:
        "Requests by route and status, entries by type, customers that wait for a refresh, reports from memory, deliveries of webhooks, the feed of changes, what ClickHouse was told, imports by state, messages of the Segment API by result, sizes, backups and the delay of the event loop, in the Prometheus text format 0.0.4. Counters start at 0 with the process, but those of webhooks with the database.",
      produces: "text/plain",
      answers: { 200: Type.String({ description: "The metrics in the Prometheus text format." }) },
      examples: { answer: '# TYPE regulars_entries_total counter\nregulars_entries_total{type="sale"} 12\n' },
      handle: async () => {
        const samples = [
          ...process.samples(),
          ...requests.samples(),
          ...webhookSamples(),
          ...feedSamples(),
          ...importSamples(),
          ...messages.samples(),
          ...analyticsSamples(analytics()),
          ...(await databaseSamples()),
        ];
        return new Response(toText(samples), { headers: { "Content-Type": TEXT_FORMAT, "Cache-Control": "no-store" } });
      },
    }),
  ];
}

// How are the webhooks of each provider doing? Read from what intake counts of deliveries.
import type { Sqlite } from "../../../db/connection.ts";
import {
  REFUND,
  SALE,
  type webhookCount,
  type webhookDataRequest,
  type webhookDelivery,
  type webhookField,
  type webhookUnnamedSale,
} from "../../../db/schema.ts";
import type { Config } from "../../host/config.ts";
import { PROVIDERS, type Provider } from "../../provider/provider.ts";

/** How many deliveries of a type had this result. `reason` is empty if something was recorded. */
export type DeliveryCount = Pick<typeof webhookCount.$inferSelect, "type" | "result" | "reason" | "count" | "lastAt">;

export interface SourceState {
  readonly source: Provider;
  /** Whether its secret is set. */
  readonly isOn: boolean;
  /** Of valid deliveries, by type, result and reason. */
  readonly counts: readonly DeliveryCount[];
  readonly badSignatures: number;
  readonly lastBadSignatureAt: number | undefined;
  readonly waitingRefunds: number;
  readonly fields: readonly Pick<typeof webhookField.$inferSelect, "field" | "count">[];
  /** `value`: minor units. */
  readonly unnamedSales: readonly (Pick<typeof webhookUnnamedSale.$inferSelect, "currency"> & { sales: number; value: number })[];
}

export type KnownDelivery = Omit<typeof webhookDelivery.$inferSelect, "id" | "eventHash">;
export type DataRequest = typeof webhookDataRequest.$inferSelect;

const BAD_SIGNATURE = "bad signature";

/** Opens the functions that read the state of the webhooks. */
export function openWebhookState(sqlite: Sqlite, config: Config) {
  const counts = sqlite.prepare<[source: Provider], DeliveryCount>(
    "SELECT type, result, reason, count, last_at AS lastAt FROM webhook_count WHERE source = ? ORDER BY type, result, reason",
  );
  const fields = sqlite.prepare<[source: Provider], Pick<typeof webhookField.$inferSelect, "field" | "count">>(
    "SELECT field, count FROM webhook_field WHERE source = ? ORDER BY field",
  );
  // What several files and webhooks tell is one sale.
  const unnamed = sqlite.prepare<{ source: Provider }, SourceState["unnamedSales"][number]>(
    `SELECT currency, count(*) AS sales, sum(value) AS value FROM (
       SELECT currency, value FROM webhook_unnamed_sale WHERE source = :source
       UNION ALL
       SELECT currency, max(value) AS value FROM import_unnamed_sale AS i WHERE source = :source
         AND NOT EXISTS (SELECT 1 FROM webhook_unnamed_sale AS w WHERE w.source = i.source AND w.order_id = i.order_id) GROUP BY order_id, currency
     ) GROUP BY currency ORDER BY currency`,
  );
  const waiting = sqlite
    .prepare<[source: Provider], number>(
      `SELECT count(*) FROM webhook_waiting_refund AS w JOIN entry AS refund ON refund.id = w.entry_id AND refund.type = ${REFUND}
       WHERE w.source = ? AND NOT EXISTS (SELECT 1 FROM entry AS sale WHERE sale.type = ${SALE} AND sale.key = refund.sale_key)`,
    )
    .pluck();
  const deliveries = sqlite.prepare<[most: number], KnownDelivery>(
    "SELECT source, type, result, reason, detail, entries, at FROM webhook_delivery ORDER BY id DESC LIMIT ?",
  );
  const dataRequests = sqlite.prepare<[], DataRequest>(
    `SELECT r.customer_id AS customerId, r.source, r.requested_at AS requestedAt FROM webhook_data_request AS r
     JOIN customer AS c ON c.id = r.customer_id AND c.deleted_at IS NULL ORDER BY r.requested_at, r.customer_id`,
  );

  return {
    sources: (): SourceState[] =>
      PROVIDERS.map((source) => {
        const all = counts.all(source);
        const bad = all.find(({ result }) => result === BAD_SIGNATURE);
        return {
          source,
          isOn: config[`${source}Secrets`] !== undefined,
          counts: all.filter((each) => each !== bad),
          badSignatures: bad?.count ?? 0,
          lastBadSignatureAt: bad?.lastAt,
          waitingRefunds: waiting.get(source) ?? 0,
          fields: fields.all(source),
          unnamedSales: unnamed.all({ source }),
        };
      }),
    /** The last deliveries, the newest first. */
    deliveries: (most: number): KnownDelivery[] => deliveries.all(most),
    /** Open requests of living customers for their data, the oldest first. */
    dataRequests: (): DataRequest[] => dataRequests.all(),
  };
}

/** How many deliveries had this result. */
export const countOf = ({ counts }: SourceState, result: string): number =>
  counts.reduce((sum, each) => sum + (each.result === result ? each.count : 0), 0);

/** When the last valid delivery came; undefined: none has. */
export function lastDeliveryAt({ counts }: SourceState): number | undefined {
  return counts.length === 0 ? undefined : Math.max(...counts.map(({ lastAt }) => lastAt));
}

// Whom does a provider's metadata name, and where did they come from? Also: how are a provider's own ids written as aliases?
import type { Named } from "./effect.ts";
import { type Fields, toText } from "./json.ts";
import type { FileSource } from "./provider.ts";

/** Under which names metadata holds the click that led to the checkout. `dub_id` is Dub's. */
const CLICK_KEYS = ["clickId", "regulars_click", "dub_id"];
/** What Dub puts before a click's id in a payment link's `client_reference_id`. */
const DUB_PREFIX = "dub_id_";

const first = (fields: Fields, keys: readonly string[]): string | undefined => {
  for (const key of keys) {
    const text = toText(fields[key]);
    if (text !== undefined) return text;
  }
  return undefined;
};

/** Reads what metadata says of a customer. Of several, the first that says something counts. `idKeys`: as in `Translate`. */
export function readMetadata(metadata: readonly Fields[], idKeys: readonly string[]): Named {
  const find = (keys: readonly string[]) => metadata.map((each) => first(each, keys)).find((text) => text !== undefined);
  return {
    externalId: find(idKeys),
    clickId: find(CLICK_KEYS),
    source: find(["utm_source"]),
    campaign: find(["utm_campaign"]),
    medium: find(["utm_medium"]),
  };
}

/** A `client_reference_id`: a click's id of Dub's links, or else the customer's externalId. */
export function readReference(reference: unknown): Pick<Named, "externalId" | "clickId"> {
  const text = toText(reference);
  if (text === undefined) return {};
  return text.startsWith(DUB_PREFIX) ? { clickId: text.slice(DUB_PREFIX.length) } : { externalId: text };
}

/** What a provider's id is called among ours: `stripe:cus_123`, `shopify:my-shop:77`. */
export const toAlias = (provider: FileSource, ...ids: readonly string[]): string => [provider, ...ids].join(":");

/** One alias as a list; none for an absent id. */
export const toAliases = (provider: FileSource, id: string | undefined): string[] => (id === undefined ? [] : [toAlias(provider, id)]);

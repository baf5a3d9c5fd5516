// What does a delivery of a provider, or a row of a file, mean to us? A list of effects, in our own terms, made without a database.
import type { Fields } from "./json.ts";

/** An entry in the shape of `POST /events`. Instants are ISO 8601, values are in major units. Texts are as the provider sent them. */
export interface ProviderEntry extends Named {
  readonly type: "sale" | "custom" | "refund";
  readonly timestamp: string;
  /** The key of a custom entry or a refund. */
  readonly eventId?: string | undefined;
  /** The key of a sale, and of the sale that a refund belongs to. */
  readonly orderId?: string | undefined;
  readonly event?: string | undefined;
  readonly value?: number | undefined;
  readonly currency?: string | undefined;
  /** Of a sale in a file that is not paid yet. What says that it is paid has no status, and counts whenever it comes. */
  readonly status?: "pending" | undefined;
  /** The refund is the total of all refunds of its sale up to this instant, ISO 8601, as a file has it (definitions §4). */
  readonly totalUntil?: string | undefined;
}

/** Whom something names, and where they came from. */
export interface Named {
  readonly externalId?: string | undefined;
  readonly aliases?: readonly string[] | undefined;
  readonly email?: string | undefined;
  readonly name?: string | undefined;
  readonly country?: string | undefined;
  readonly clickId?: string | undefined;
  readonly source?: string | undefined;
  readonly campaign?: string | undefined;
  readonly medium?: string | undefined;
  readonly url?: string | undefined;
  readonly referrer?: string | undefined;
}

/** The profile that a provider has of one of its customers, said for the provider's own time `at` (milliseconds since 1970 UTC). */
export interface SaidProfile extends Pick<Named, "externalId" | "email" | "name" | "country" | "clickId"> {
  readonly alias: string;
  readonly at: number;
}

/** The status of a refund or sale, said for the provider's own time `at`. It may come before the entry does. */
export interface SaidStatus {
  readonly type: "sale" | "refund";
  readonly key: string;
  readonly status: "approved" | "rejected";
  readonly at: number;
}

/** Somebody, by the alias of a provider, or else by email. */
export interface Person {
  readonly alias: string;
  readonly email?: string | undefined;
}

export type Effect =
  | { readonly kind: "entry"; readonly entry: ProviderEntry }
  | { readonly kind: "status"; readonly status: SaidStatus }
  | { readonly kind: "profile"; readonly profile: SaidProfile }
  /** The date of a refund of which a total may be all that is known. It is recorded only if it takes nothing but its part of that total. */
  | { readonly kind: "refund date"; readonly refund: ProviderEntry }
  | { readonly kind: "erase"; readonly person: Person }
  /** Erase everybody with an alias that begins so. */
  | { readonly kind: "erase all"; readonly aliasPrefix: string }
  | { readonly kind: "data request"; readonly person: Person };

/** Effects, or why there are none: the rest of a sentence that is the same for all deliveries of its kind, and names nobody. */
export type Meaning = readonly Effect[] | { readonly ignored: string };

/** A delivery whose signature is valid. */
export interface Delivery {
  readonly headers: Pick<Headers, "get">;
  readonly body: Fields;
}

export interface Translation {
  /** The provider's name of the event. */
  readonly type: string;
  /** The provider's id of the event, the same when it is delivered again; undefined if there is none. */
  readonly eventId: string | undefined;
  /** It is of the provider's test mode, and must not get into the figures. */
  readonly isTest: boolean;
  readonly meaning: Meaning;
}

/** Translates a delivery. `idKeys`: the names under which a provider's metadata holds the user's own id of the customer, best first. */
export type Translate = (delivery: Delivery, idKeys: readonly string[]) => Translation;

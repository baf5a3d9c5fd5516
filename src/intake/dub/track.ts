// What do a lead and a sale of Dub's API mean to us? Entries in the shape of POST /events. No database is needed to say it.
import type { Detail } from "../../value/error.ts";
import { decimalsOf, requireDecimals, toMajor } from "../../value/money.ts";
import { fromDub } from "./amount.ts";
import { CUSTOMER, MISSING } from "./failure.ts";

/** The fields that a lead and a sale share. null means absent, as the TypeScript library sends it. */
export interface Tracked {
  readonly customerExternalId?: string | null;
  /** Older names of it. */
  readonly externalId?: string | null;
  readonly customerId?: string | null;
  readonly customerName?: string | null;
  readonly customerEmail?: string | null;
  readonly customerAvatar?: string | null;
  readonly clickId?: string | null;
  readonly metadata?: Readonly<Record<string, unknown>> | null;
}

export interface LeadCall extends Tracked {
  readonly eventName: string;
  readonly eventQuantity?: number | null;
}

export interface SaleCall extends Tracked {
  readonly amount: number;
  readonly currency?: string | null;
  readonly eventName?: string | null;
  readonly paymentProcessor?: string | null;
  readonly invoiceId?: string | null;
  readonly leadEventName?: string | null;
}

export type Entry = Readonly<Record<string, unknown>>;

/** The names of an entry's fields in a call. */
export const FIELD_NAMES: Readonly<Record<string, string>> = {
  externalId: CUSTOMER,
  name: "customerName",
  email: "customerEmail",
  avatar: "customerAvatar",
  event: "eventName",
  orderId: "invoiceId",
  value: "amount",
};

/** The id of the customer in a call; undefined if it is missing. */
export const externalIdOf = ({ customerExternalId, externalId, customerId }: Tracked): string | undefined =>
  customerExternalId ?? externalId ?? customerId ?? undefined;

export const NO_CUSTOMER: Detail = { path: CUSTOMER, message: MISSING };

/** Whom a call names, as fields of an entry. */
export function namesOf(call: Tracked) {
  const { customerName, customerEmail, customerAvatar, clickId } = call;
  return {
    externalId: externalIdOf(call),
    name: customerName ?? null,
    email: customerEmail ?? null,
    avatar: customerAvatar ?? null,
    clickId: clickId == null || clickId.trim() === "" ? null : clickId,
  };
}

/** The lead of a call, still without the key that tells it from the others of its quantity. */
export function toLead(call: LeadCall): Entry {
  return { type: "lead", event: call.eventName, ...namesOf(call), metadata: call.metadata ?? null };
}

/** The sale of a call, or its bad fields. */
export function toSale(call: SaleCall): { entry: Entry } | { details: Detail[] } {
  const currency = (call.currency ?? "usd").toUpperCase();
  if (decimalsOf(currency) === undefined) return { details: [{ path: "currency", message: "must be an ISO 4217 currency code" }] };
  const minor = fromDub(call.amount, currency);
  if (minor === undefined) return { details: [{ path: "amount", message: `must be a multiple of 100, because ${currency} has no cents` }] };
  const metadata = {
    ...call.metadata,
    paymentProcessor: call.paymentProcessor ?? "custom",
    ...(call.leadEventName && { leadEventName: call.leadEventName }),
  };
  const value = toMajor(minor, requireDecimals(currency));
  const entry = {
    type: "sale",
    event: call.eventName ?? "Purchase",
    orderId: call.invoiceId ?? null,
    value,
    currency,
    ...namesOf(call),
    metadata,
  };
  return { entry };
}

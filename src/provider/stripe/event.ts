// What is an event of Stripe, once its envelope is read? Every version of the API since 2015 is read by what is there.
import { type Money, readMoney, stripeDecimals } from "../amount.ts";
import type { Named } from "../effect.ts";
import { readMetadata, toAliases } from "../identity.ts";
import { type Fields, toFields, toId } from "../json.ts";

export interface StripeEvent {
  readonly type: string;
  /** `created` of the event: Stripe's own time. */
  readonly at: number;
  readonly object: Fields;
  readonly previous: Fields;
  readonly idKeys: readonly string[];
}

/** Money by Stripe's own table of decimals. */
export const moneyOf = (amount: unknown, currency: unknown): Money | undefined => readMoney(amount, currency, stripeDecimals);

/** The key of a payment's sale: its PaymentIntent, or else the charge. Refunds and disputes name the same. */
export function orderIdOf(payment: unknown, charge: unknown): string | undefined {
  return toId(payment) ?? toId(charge);
}

/** Whom an object names by its metadata and its customer. */
export function namedBy({ object, idKeys }: StripeEvent, customer: unknown, metadata: readonly unknown[] = [object.metadata]): Named {
  return { ...readMetadata(metadata.map(toFields), idKeys), aliases: toAliases("stripe", toId(customer)) };
}

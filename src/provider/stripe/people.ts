// Which events of Stripe tell who somebody is, and what became of their checkout and trial? None of them brings money.
import type { Meaning, Named } from "../effect.ts";
import { readReference, toAlias } from "../identity.ts";
import { fromSeconds, toFields, toId, toText } from "../json.ts";
import { byAlias, customer, ignored, milestone, NO_MILESTONE, profile, UNREADABLE } from "../meaning.ts";
import { namedBy, type StripeEvent } from "./event.ts";

/** `customer.created` and `customer.updated`. */
export function readCustomer(event: StripeEvent): Meaning {
  const { object, at } = event;
  const { externalId, clickId } = namedBy(event, undefined);
  const address = toFields(object.address ?? toFields(object.shipping).address);
  const [email, name, country] = [object.email, object.name, address.country].map(toText);
  return customer("stripe", [toId(object.id)], fromSeconds(object.created), { at, externalId, clickId, email, name, country });
}

/** `checkout.session.completed`. */
export function readCheckout(event: StripeEvent): Meaning {
  const { object: session } = event;
  const id = toText(session.id);
  const openedAt = fromSeconds(session.created) ?? event.at;
  if (id === undefined) return UNREADABLE;
  if (session.mode === "setup") return ignored("the session only saved a payment method");
  const reference = readReference(session.client_reference_id);
  const byMetadata = namedBy(event, session.customer);
  const details = toFields(session.customer_details);
  const named: Named = {
    ...byMetadata,
    externalId: byMetadata.externalId ?? reference.externalId,
    clickId: byMetadata.clickId ?? reference.clickId,
    email: toText(details.email) ?? toText(session.customer_email),
    name: toText(details.name),
    country: toText(toFields(details.address).country),
  };
  return [milestone("checkout_completed", id, openedAt, named)];
}

/** `invoice.paid`: who pays. The money comes with its charge. */
export function readInvoice(event: StripeEvent): Meaning {
  const { object: invoice, at } = event;
  const id = toId(invoice.customer);
  if (id === undefined) return UNREADABLE;
  const subscriptions = [toFields(invoice.parent).subscription_details, invoice.subscription_details].map(toFields); // since and before 2025-03-31
  const { externalId, clickId } = namedBy(event, undefined, [invoice.metadata, ...subscriptions.map(({ metadata }) => metadata)]);
  const country = toText(toFields(invoice.customer_address).country);
  const [email, name] = [invoice.customer_email, invoice.customer_name].map(toText);
  const told = profile({ alias: toAlias("stripe", id), at, externalId, clickId, email, name, country });
  return told.length > 0 ? told : ignored("it says nothing of its customer");
}

/** `customer.subscription.*`. */
export function readSubscription(event: StripeEvent): Meaning {
  const { type, object: subscription, previous, at } = event;
  const id = toText(subscription.id);
  if (id === undefined) return UNREADABLE;
  const { names, told } = byAlias(namedBy(event, subscription.customer), at);
  const status = toText(subscription.status);
  const effects = [...told];
  if (type === "customer.subscription.created" && status === "trialing") {
    const startedAt = fromSeconds(subscription.trial_start) ?? fromSeconds(subscription.created) ?? at;
    effects.push(milestone("trial_started", `${id}:trial`, startedAt, names));
  }
  if (type === "customer.subscription.updated" && previous.status === "trialing" && status === "active") {
    const endedAt = Math.min(fromSeconds(subscription.trial_end) ?? at, at);
    effects.push(milestone("trial_converted", `${id}:converted`, endedAt, names));
  }
  if (type === "customer.subscription.deleted") {
    const endedAt = fromSeconds(subscription.ended_at) ?? fromSeconds(subscription.canceled_at) ?? at;
    effects.push(milestone("subscription_cancelled", `${id}:cancelled`, endedAt, names));
  }
  return effects.length > 0 ? effects : NO_MILESTONE;
}

// What do the events of Polar mean to us? A paid order is a sale; refunds have ids and states of their own.
import { readMoney } from "./amount.ts";
import type { Meaning, Named, Translate } from "./effect.ts";
import { readMetadata, toAliases } from "./identity.ts";
import { type Fields, fromIso, sumDecimals, toFields, toId, toText } from "./json.ts";
import { byAlias, customer, ignored, milestone, NO_MILESTONE, readBy, refund, sale, UNREADABLE } from "./meaning.ts";

interface PolarEvent {
  readonly type: string;
  readonly at: number;
  readonly data: Fields;
  readonly idKeys: readonly string[];
}

/** Whom an order, checkout or subscription names: by its metadata, that of its customer, or the id that Polar was given for them. */
function namedBy({ data, idKeys }: PolarEvent): Named {
  const buyer = toFields(data.customer);
  const named = readMetadata([toFields(data.metadata), toFields(buyer.metadata)], idKeys);
  const address = [data.billing_address, buyer.billing_address].map(toFields);
  return {
    ...named,
    externalId: named.externalId ?? toText(buyer.external_id),
    aliases: toAliases("polar", toId(buyer.id) ?? toId(data.customer_id)),
    email: toText(buyer.email),
    name: toText(buyer.name) ?? toText(data.billing_name),
    country: address.map(({ country }) => toText(country)).find((code) => code !== undefined),
  };
}

function readOrder(event: PolarEvent): Meaning {
  const { data, at } = event;
  const money = readMoney(data.total_amount, data.currency);
  return sale({ orderId: toId(data.id), at: fromIso(data.created_at) ?? at, money }, namedBy(event));
}

function readRefund({ data, at }: PolarEvent): Meaning {
  if (data.status === "pending") return ignored("the refund is not done yet: refund.updated says when it is");
  const payment = {
    key: toId(data.id),
    orderId: toId(data.order_id),
    at: fromIso(data.created_at),
    money: readMoney(sumDecimals([data.amount, data.tax_amount ?? 0]), data.currency), // the sale's value has its tax too
  };
  return refund(payment, { status: data.status === "succeeded" ? "approved" : "rejected", at });
}

function readCustomer({ data, at, idKeys }: PolarEvent): Meaning {
  const named = readMetadata([toFields(data.metadata)], idKeys);
  const externalId = named.externalId ?? toText(data.external_id);
  const [email, name, country] = [data.email, data.name, toFields(data.billing_address).country].map(toText);
  const said = { at, externalId, clickId: named.clickId, email, name, country };
  return customer("polar", [toId(data.id)], fromIso(data.created_at), said);
}

function readSubscription(event: PolarEvent): Meaning {
  const { data, at } = event;
  const id = toText(data.id);
  if (id === undefined) return UNREADABLE;
  const { names, told } = byAlias(namedBy(event), at);
  const effects = [...told];
  const add = (name: string, ending: string, date: number) => effects.push(milestone(name, `${id}:${ending}`, date, names));
  const [trialStart, trialEnd, endedAt] = [data.trial_start, data.trial_end, data.ended_at].map(fromIso);
  if (data.status === "trialing" && trialStart !== undefined) add("trial_started", "trial", trialStart);
  if (data.status === "active" && trialEnd !== undefined && trialEnd <= at) add("trial_converted", "converted", trialEnd);
  if (data.status === "canceled" && endedAt !== undefined) add("subscription_cancelled", "cancelled", endedAt);
  return effects.length > 0 ? effects : NO_MILESTONE;
}

/** `checkout.updated`, once it succeeded. */
function readCheckout(event: PolarEvent): Meaning {
  const { data, at, idKeys } = event;
  const id = toText(data.id);
  if (id === undefined) return UNREADABLE;
  if (data.status !== "succeeded") return ignored("the checkout has not succeeded");
  const named = readMetadata([toFields(data.metadata), toFields(data.customer_metadata)], idKeys);
  const [email, name, country] = [data.customer_email, data.customer_name, toFields(data.customer_billing_address).country].map(toText);
  const externalId = named.externalId ?? toText(data.external_customer_id) ?? toText(data.customer_external_id);
  const aliases = toAliases("polar", toId(data.customer_id));
  return [milestone("checkout_completed", id, fromIso(data.created_at) ?? at, { ...named, externalId, aliases, email, name, country })];
}

const PAID_BRINGS_IT = ignored("order.paid brings the money");

const READERS: Readonly<Record<string, (event: PolarEvent) => Meaning>> = {
  "order.paid": readOrder,
  "order.created": () => PAID_BRINGS_IT,
  "order.updated": () => PAID_BRINGS_IT,
  "order.refunded": () => ignored("refund.created and refund.updated bring the refunds"),
  "refund.created": readRefund,
  "refund.updated": readRefund,
  "customer.created": readCustomer,
  "customer.updated": readCustomer,
  "checkout.updated": readCheckout,
  "subscription.created": readSubscription,
  "subscription.updated": readSubscription,
  "subscription.active": readSubscription,
  "subscription.canceled": readSubscription,
  "subscription.revoked": readSubscription,
};

export const translatePolar: Translate = ({ headers, body }, idKeys) => {
  const type = toText(body.type) ?? "";
  const at = fromIso(body.timestamp);
  return {
    type,
    eventId: headers.get("webhook-id") ?? undefined,
    isTest: false, // its sandbox is an account of its own, with a secret of its own
    meaning: readBy(READERS, type, at === undefined ? undefined : { type, at, data: toFields(body.data), idKeys }),
  };
};

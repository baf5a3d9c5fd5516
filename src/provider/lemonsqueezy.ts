// What do the events of Lemon Squeezy mean to us? Orders and renewals are sales; refunds are told as running totals.
import { readMoney } from "./amount.ts";
import type { Meaning, Named, Translate } from "./effect.ts";
import { readMetadata, toAlias, toAliases } from "./identity.ts";
import { type Fields, fromIso, toFields, toId, toText } from "./json.ts";
import { byAlias, ignored, milestone, NO_MILESTONE, readBy, refundTotal, sale, UNREADABLE } from "./meaning.ts";

interface LemonSqueezyEvent {
  /** Orders, invoices and subscriptions are counted apart, so their keys say which they are. */
  readonly id: string;
  readonly attributes: Fields;
  readonly customData: Fields;
  readonly idKeys: readonly string[];
}

function namedBy({ attributes, customData, idKeys }: LemonSqueezyEvent): Named {
  return {
    ...readMetadata([customData], idKeys),
    aliases: toAliases("lemonsqueezy", toId(attributes.customer_id)),
    email: toText(attributes.user_email),
    name: toText(attributes.user_name),
  };
}

const isInitial = ({ attributes }: LemonSqueezyEvent): boolean => attributes.billing_reason === "initial";
const ORDER_BRINGS_IT = ignored("it is the first payment of a subscription: its order tells the same");

function toSale(event: LemonSqueezyEvent, orderId: string): Meaning {
  const { created_at: createdAt, currency, total } = event.attributes;
  return sale({ orderId, at: fromIso(createdAt), money: readMoney(total, currency) }, namedBy(event));
}

function toRefund({ attributes }: LemonSqueezyEvent, orderId: string): Meaning {
  // An order refunded as a whole says so without an amount in older payloads.
  const money = readMoney(attributes.refunded_amount ?? attributes.total, attributes.currency);
  const at = fromIso(attributes.refunded_at) ?? fromIso(attributes.updated_at);
  if (!money || at === undefined) return UNREADABLE;
  if (money.value <= 0) return ignored("no money was paid back");
  return [refundTotal({ orderId, at }, money, at)];
}

const orderKey = ({ id }: LemonSqueezyEvent) => toAlias("lemonsqueezy", "order", id);
const invoiceKey = ({ id }: LemonSqueezyEvent) => toAlias("lemonsqueezy", "invoice", id);

function readOrder(event: LemonSqueezyEvent): Meaning {
  const { status } = event.attributes;
  if (status !== "paid" && status !== "refunded" && status !== "partial_refund") return ignored("the order is not paid");
  return toSale(event, orderKey(event));
}

/** The milestone of a subscription, if it has reached one, and who it is. */
function readSubscription(event: LemonSqueezyEvent, isExpired = false): Meaning {
  const { attributes } = event;
  const changedAt = fromIso(attributes.updated_at);
  if (changedAt === undefined) return UNREADABLE;
  const { names, told } = byAlias(namedBy(event), changedAt);
  const effects = [...told];
  const id = toAlias("lemonsqueezy", "subscription", event.id);
  const add = (name: string, ending: string, at: number | undefined) =>
    effects.push(milestone(name, `${id}:${ending}`, at ?? changedAt, names));
  const trialEndsAt = fromIso(attributes.trial_ends_at);
  if (isExpired) add("subscription_cancelled", "cancelled", fromIso(attributes.ends_at));
  else if (attributes.status === "on_trial") add("trial_started", "trial", fromIso(attributes.created_at));
  else if (attributes.status === "active" && trialEndsAt !== undefined && trialEndsAt <= changedAt)
    add("trial_converted", "converted", trialEndsAt);
  return effects.length > 0 ? effects : NO_MILESTONE;
}

const READERS: Readonly<Record<string, (event: LemonSqueezyEvent) => Meaning>> = {
  order_created: readOrder,
  order_refunded: (event) => toRefund(event, orderKey(event)),
  subscription_payment_success: (event) => (isInitial(event) ? ORDER_BRINGS_IT : toSale(event, invoiceKey(event))),
  subscription_payment_recovered: () => ignored("subscription_payment_success brings the money"),
  subscription_payment_refunded: (event) => (isInitial(event) ? ORDER_BRINGS_IT : toRefund(event, invoiceKey(event))),
  subscription_created: (event) => readSubscription(event),
  subscription_updated: (event) => readSubscription(event),
  subscription_cancelled: () => ignored("it runs until it expires: subscription_expired says when"),
  subscription_expired: (event) => readSubscription(event, true),
};

export const translateLemonSqueezy: Translate = ({ body }, idKeys) => {
  const meta = toFields(body.meta);
  const data = toFields(body.data);
  const attributes = toFields(data.attributes);
  const type = toText(meta.event_name) ?? "";
  const id = toId(data.id);
  return {
    type,
    eventId: undefined, // it has none
    isTest: meta.test_mode === true || attributes.test_mode === true,
    meaning: readBy(READERS, type, id === undefined ? undefined : { id, attributes, customData: toFields(meta.custom_data), idKeys }),
  };
};

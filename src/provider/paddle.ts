// What do the events of Paddle Billing mean to us? A completed transaction is a sale, and adjustments take of it.
import { readMoney } from "./amount.ts";
import type { Meaning, Named, Translate } from "./effect.ts";
import { readMetadata, toAliases } from "./identity.ts";
import { type Fields, fromIso, toFields, toId, toList, toText } from "./json.ts";
import { byAlias, customer, ignored, milestone, NO_MILESTONE, readBy, refund, refundStatus, sale, UNREADABLE } from "./meaning.ts";

interface PaddleEvent {
  readonly type: string;
  readonly at: number;
  readonly data: Fields;
  readonly idKeys: readonly string[];
}

const namedBy = ({ data, idKeys }: PaddleEvent): Named => ({
  ...readMetadata([toFields(data.custom_data)], idKeys),
  aliases: toAliases("paddle", toId(data.customer_id)),
});

function readTransaction(event: PaddleEvent): Meaning {
  const { data } = event;
  const totals = toFields(toFields(data.details).totals);
  const payment = {
    orderId: toId(data.id),
    at: fromIso(data.billed_at) ?? fromIso(data.created_at),
    // The grand total is what is left to pay after credit of the customer.
    money: readMoney(totals.grand_total ?? totals.total, data.currency_code ?? totals.currency_code),
  };
  return sale(payment, namedBy(event));
}

/** A reversal names its transaction alone, so the chargeback of a transaction is known by that. */
const chargebackKey = (transactionId: string): string => `${transactionId}:chargeback`;

function readAdjustment({ data, at }: PaddleEvent): Meaning {
  const { action, status } = data;
  const orderId = toId(data.transaction_id);
  const createdAt = fromIso(data.created_at);
  if (orderId === undefined || createdAt === undefined) return UNREADABLE;
  if (action === "chargeback_reverse" && status !== "rejected") return [refundStatus(chargebackKey(orderId), "rejected", at, createdAt)];
  if (action !== "refund" && action !== "chargeback") return ignored("this kind of adjustment moves no money of the customer");
  if (status === "pending_approval") return ignored("the refund is not approved yet: adjustment.updated says when it is");
  const totals = toFields(data.totals);
  const payment = {
    key: action === "chargeback" ? chargebackKey(orderId) : toId(data.id),
    orderId,
    at: createdAt,
    money: readMoney(totals.total, totals.currency_code ?? data.currency_code),
  };
  return refund(payment, { status: status === "approved" ? "approved" : "rejected", at });
}

function readCustomer({ data, at, idKeys }: PaddleEvent): Meaning {
  const { externalId, clickId } = readMetadata([toFields(data.custom_data)], idKeys);
  const [email, name] = [data.email, data.name].map(toText);
  return customer("paddle", [toId(data.id)], fromIso(data.created_at), { at, externalId, clickId, email, name });
}

function readSubscription(event: PaddleEvent): Meaning {
  const { type, data, at } = event;
  const id = toText(data.id);
  if (id === undefined) return UNREADABLE;
  const { names, told } = byAlias(namedBy(event), at);
  const effects = [...told];
  const trial = toList(data.items).map((item) => toFields(item.trial_dates));
  const trialDate = (name: string) => trial.map((dates) => fromIso(dates[name])).find((date) => date !== undefined);
  const add = (name: string, ending: string, date: number) => effects.push(milestone(name, `${id}:${ending}`, date, names));
  if (data.status === "trialing" && type !== "subscription.updated")
    add("trial_started", "trial", trialDate("starts_at") ?? fromIso(data.started_at) ?? fromIso(data.created_at) ?? at);
  const trialEndsAt = trialDate("ends_at");
  if (type === "subscription.activated" && trialEndsAt !== undefined) add("trial_converted", "converted", Math.min(trialEndsAt, at));
  if (type === "subscription.canceled") add("subscription_cancelled", "cancelled", fromIso(data.canceled_at) ?? at);
  return effects.length > 0 ? effects : NO_MILESTONE;
}

const COMPLETED_BRINGS_IT = ignored("transaction.completed brings the money");

const READERS: Readonly<Record<string, (event: PaddleEvent) => Meaning>> = {
  "transaction.completed": readTransaction,
  "transaction.paid": () => COMPLETED_BRINGS_IT,
  "transaction.updated": () => COMPLETED_BRINGS_IT,
  "adjustment.created": readAdjustment,
  "adjustment.updated": readAdjustment,
  "customer.created": readCustomer,
  "customer.imported": readCustomer,
  "customer.updated": readCustomer,
  "subscription.created": readSubscription,
  "subscription.trialing": readSubscription,
  "subscription.activated": readSubscription,
  "subscription.updated": readSubscription,
  "subscription.canceled": readSubscription,
};

export const translatePaddle: Translate = ({ body }, idKeys) => {
  const type = toText(body.event_type) ?? "";
  const at = fromIso(body.occurred_at);
  return {
    type,
    eventId: toText(body.event_id),
    isTest: false, // its sandbox is an account of its own, with a secret of its own
    meaning: readBy(READERS, type, at === undefined ? undefined : { type, at, data: toFields(body.data), idKeys }),
  };
};

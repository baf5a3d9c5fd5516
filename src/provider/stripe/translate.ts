// What do the events of Stripe mean to us? Their types lead to their readers.
import type { Meaning, Translate } from "../effect.ts";
import { fromSeconds, toFields, toText } from "../json.ts";
import { ignored, readBy } from "../meaning.ts";
import type { StripeEvent } from "./event.ts";
import { readCharge, readDispute, readRefund, readRefundedCharge } from "./payment.ts";
import { readCheckout, readCustomer, readInvoice, readSubscription } from "./people.ts";

const CHARGES_BRING_IT = ignored("charge.succeeded and charge.captured bring the money");

const READERS: Readonly<Record<string, (event: StripeEvent) => Meaning>> = {
  "charge.succeeded": readCharge,
  "charge.captured": readCharge,
  "charge.refunded": readRefundedCharge,
  "charge.refund.updated": readRefund,
  "refund.created": readRefund,
  "refund.updated": readRefund,
  "refund.failed": readRefund,
  "charge.dispute.created": readDispute,
  "charge.dispute.updated": readDispute,
  "charge.dispute.closed": readDispute,
  "charge.dispute.funds_withdrawn": readDispute,
  "charge.dispute.funds_reinstated": readDispute,
  "checkout.session.completed": readCheckout,
  "checkout.session.async_payment_succeeded": () => CHARGES_BRING_IT,
  "invoice.paid": readInvoice,
  "invoice.payment_succeeded": () => ignored("invoice.paid says the same"),
  "invoice_payment.paid": () => CHARGES_BRING_IT,
  "payment_intent.succeeded": () => CHARGES_BRING_IT,
  "customer.created": readCustomer,
  "customer.updated": readCustomer,
  "customer.subscription.created": readSubscription,
  "customer.subscription.updated": readSubscription,
  "customer.subscription.deleted": readSubscription,
};

export const translateStripe: Translate = ({ body }, idKeys) => {
  const type = toText(body.type) ?? "";
  const data = toFields(body.data);
  const at = fromSeconds(body.created);
  const event = { type, object: toFields(data.object), previous: toFields(data.previous_attributes), idKeys };
  return {
    type,
    eventId: toText(body.id),
    isTest: body.livemode === false,
    meaning: readBy(READERS, type, at === undefined ? undefined : { ...event, at }),
  };
};

// Which events of Stripe bring money, and which take it back? Charges alone bring it; refunds and disputes name their payment.
import type { Meaning } from "../effect.ts";
import { type Fields, fromSeconds, toFields, toId, toList, toText } from "../json.ts";
import { ignored, refund, sale, UNREADABLE } from "../meaning.ts";
import { moneyOf, namedBy, orderIdOf, type StripeEvent } from "./event.ts";

/** `charge.succeeded` of a captured charge, or else `charge.captured`. */
export function readCharge(event: StripeEvent): Meaning {
  const { object: charge } = event;
  const status = toText(charge.status) ?? "succeeded";
  if ((status !== "succeeded" && status !== "paid") || charge.paid === false) return ignored("the charge has not succeeded");
  if (charge.captured === false) return ignored("the charge is not captured: charge.captured brings it");
  const billing = toFields(charge.billing_details);
  const payment = {
    orderId: orderIdOf(charge.payment_intent, charge.id),
    at: fromSeconds(charge.created),
    money: moneyOf(charge.amount_captured ?? capturedOf(charge, event.type), charge.currency),
  };
  return sale(payment, {
    ...namedBy(event, charge.customer),
    email: toText(billing.email) ?? toText(charge.receipt_email),
    name: toText(billing.name),
    country: toText(toFields(billing.address).country),
  });
}

/** What was captured, where the API is too old to say it: the part that was not captured counts as refunded. */
function capturedOf({ amount, amount_refunded: released }: Fields, type: string): unknown {
  return type === "charge.captured" && typeof amount === "number" && typeof released === "number" ? amount - released : amount;
}

/** What a refund or a dispute says of itself. */
const paymentBack = (object: Fields, orderId: string | undefined) => ({
  key: toId(object.id),
  orderId,
  at: fromSeconds(object.created),
  money: moneyOf(object.amount, object.currency),
});

/** A refund, wherever it stands. Its own status counts, not the event's name. */
function toRefund(object: Fields, orderId: string | undefined, at: number): Meaning {
  const status = toText(object.status) ?? "succeeded"; // the oldest versions say none
  if (status === "succeeded") return refund(paymentBack(object, orderId), { status: "approved", at });
  if (status === "failed" || status === "canceled") return refund(paymentBack(object, orderId), { status: "rejected", at });
  return ignored("the refund is not done yet: refund.updated says when it is");
}

/** `refund.*` and `charge.refund.updated`. */
export function readRefund({ object, at }: StripeEvent): Meaning {
  return toRefund(object, orderIdOf(object.payment_intent, object.charge), at);
}

/** `charge.refunded` of versions up to 2022-08-01, which hold the refunds. Later ones have only a running total. */
export function readRefundedCharge({ object: charge, at }: StripeEvent): Meaning {
  const refunds = toList(toFields(charge.refunds).data);
  if (refunds.length === 0) return ignored("it holds no refunds: refund.created, refund.updated and refund.failed bring them");
  const meanings = refunds.map((each) => toRefund(each, orderIdOf(charge.payment_intent, charge.id), at));
  const effects = meanings.flatMap((meaning) => ("ignored" in meaning ? [] : meaning));
  return effects.length > 0 ? effects : (meanings[0] ?? UNREADABLE);
}

/** Is a dispute in this state an inquiry? Then no money has moved. */
export const isInquiry = (status: string): boolean => status.startsWith("warning_");
const BACK = new Set(["won", "prevented", "charge_refunded"]);
/** Is the money back in this state of a dispute, or has it never left? */
export const isMoneyBack = (status: string): boolean => BACK.has(status);

/**
 * `charge.dispute.*`. The money leaves when a dispute is opened, and comes back when it is won. What is still open says no status, so that
 * it never undoes what is decided, however the events' times are.
 */
export function readDispute({ type, object, at }: StripeEvent): Meaning {
  const status = toText(object.status) ?? "";
  if (isInquiry(status)) return ignored("it is an inquiry: no money has moved");
  const back = paymentBack(object, orderIdOf(object.payment_intent, object.charge));
  if (isMoneyBack(status) || type === "charge.dispute.funds_reinstated") return refund(back, { status: "rejected", at });
  return refund(back, status === "lost" ? { status: "approved", at } : undefined);
}

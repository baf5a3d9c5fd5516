// What happens at Stripe? Small payloads of ours in the shape of real ones.
import type { Delivery, Story } from "../story.ts";

const START = Date.parse("2026-01-05T10:00:00Z") / 1000;
const MINUTE = 60;
const DAY = 86_400;

/** An event of a live account, `after` seconds after the start. */
function event(type: string, object: object, after: number, previous?: object): Delivery {
  const id = `evt_${type}_${after}_${(object as { id?: string }).id}`;
  return {
    body: {
      id,
      object: "event",
      api_version: "2025-11-17.clover",
      created: START + after,
      livemode: true,
      type,
      data: { object, ...(previous && { previous_attributes: previous }) },
    },
  };
}

interface Payment {
  readonly id: string;
  readonly amount: number;
  readonly currency?: string;
  readonly customer?: string | null;
  readonly email?: string | null;
  readonly after?: number;
  readonly more?: object;
}

function charge({ id, amount, currency = "usd", customer = null, email = null, after = 0, more = {} }: Payment): object {
  return {
    id: `ch_${id}`,
    object: "charge",
    amount,
    amount_captured: amount,
    amount_refunded: 0,
    billing_details: { address: { country: "DE" }, email, name: email === null ? null : "Ann Doe" },
    captured: true,
    created: START + after,
    currency,
    customer,
    metadata: {},
    paid: true,
    payment_intent: `pi_${id}`,
    receipt_email: null,
    status: "succeeded",
    ...more,
  };
}

const paid = (payment: Payment): Delivery => event("charge.succeeded", charge(payment), (payment.after ?? 0) + 1);

/** A refund or dispute of the payment `of`, made `after` seconds after the start. */
const back = (object: string, id: string, of: string, amount: number, after: number, status: string, currency = "usd") => ({
  id,
  object,
  amount,
  charge: `ch_${of}`,
  created: START + after,
  currency,
  metadata: {},
  payment_intent: `pi_${of}`,
  status,
});
const refund = (id: string, of: string, amount: number, after: number, status = "succeeded", currency?: string) =>
  back("refund", id, of, amount, after, status, currency);
const dispute = (id: string, of: string, amount: number, after: number, status: string) => back("dispute", id, of, amount, after, status);

const customer = (id: string, after: number, more: object = {}) => ({
  id,
  object: "customer",
  address: null,
  created: START + after,
  email: `${id}@example.com`,
  metadata: {},
  name: "Ann Doe",
  ...more,
});

const session = (id: string, more: object) => ({
  id: `cs_live_${id}`,
  object: "checkout.session",
  amount_total: 7500,
  client_reference_id: null,
  created: START - 10 * MINUTE,
  currency: "usd",
  customer: null,
  customer_details: { address: { country: "FR" }, email: `${id}@example.com`, name: "Zoë" },
  metadata: {},
  mode: "payment",
  payment_intent: `pi_${id}`,
  payment_status: "paid",
  ...more,
});

const subscription = (id: string, owner: string, status: string, more: object = {}) => ({
  id,
  object: "subscription",
  created: START,
  customer: owner,
  metadata: { userId: `user-of-${owner}` },
  status,
  trial_start: START,
  trial_end: START + 14 * DAY,
  ...more,
});

const invoice = (id: string, owner: string, amount: number, after: number) =>
  event(
    "invoice.paid",
    {
      id,
      object: "invoice",
      amount_paid: amount,
      currency: "usd",
      customer: owner,
      customer_email: `${owner}@example.com`,
      customer_name: "Ann Doe",
      metadata: {},
      parent: { subscription_details: { metadata: { userId: `user-of-${owner}` } } },
    },
    after,
  );

export const STRIPE_STORIES: readonly Story[] = [
  {
    name: "a payment refunded in two parts, one of them told by three events",
    provider: "stripe",
    who: "als_stripe:cus_parts",
    deliveries: [
      paid({ id: "parts", amount: 10_000, customer: "cus_parts", email: "parts@example.com" }),
      event("payment_intent.succeeded", { id: "pi_parts", object: "payment_intent", amount_received: 10_000 }, 2),
      event("refund.created", refund("re_1", "parts", 3000, DAY, "pending"), DAY),
      event("refund.updated", refund("re_1", "parts", 3000, DAY), DAY + 5, { status: "pending" }),
      event("charge.refund.updated", { ...refund("re_1", "parts", 3000, DAY), metadata: { note: "x" } }, DAY + 9),
      event("charge.refunded", { ...charge({ id: "parts", amount: 10_000 }), amount_refunded: 5000 }, 2 * DAY),
      event("refund.created", refund("re_2", "parts", 2000, 2 * DAY), 2 * DAY),
    ],
    figures: { sales: 1, gross: 100, refunds: 50 },
  },
  {
    name: "a refund that succeeds and fails days later",
    provider: "stripe",
    who: "als_stripe:cus_failed",
    deliveries: [
      paid({ id: "failed", amount: 8000, customer: "cus_failed" }),
      event("refund.created", refund("re_failed", "failed", 4500, DAY), DAY),
      event("refund.failed", refund("re_failed", "failed", 4500, DAY, "failed"), 4 * DAY, { status: "succeeded" }),
      event("refund.updated", refund("re_failed", "failed", 4500, DAY, "failed"), 4 * DAY, { status: "succeeded" }),
    ],
    figures: { sales: 1, gross: 80, refunds: 0 },
  },
  {
    name: "a dispute that is won",
    provider: "stripe",
    who: "als_stripe:cus_won",
    deliveries: [
      paid({ id: "won", amount: 6000, customer: "cus_won" }),
      event("charge.dispute.created", dispute("du_won", "won", 6000, DAY, "needs_response"), DAY),
      event("charge.dispute.funds_withdrawn", dispute("du_won", "won", 6000, DAY, "needs_response"), DAY),
      event("charge.dispute.updated", dispute("du_won", "won", 6000, DAY, "under_review"), 3 * DAY),
      event("charge.dispute.closed", dispute("du_won", "won", 6000, DAY, "won"), 30 * DAY),
      event("charge.dispute.funds_reinstated", dispute("du_won", "won", 6000, DAY, "won"), 30 * DAY),
    ],
    figures: { sales: 1, gross: 60, refunds: 0 },
  },
  {
    name: "a dispute that is lost, after an inquiry and a part that was refunded",
    provider: "stripe",
    who: "als_stripe:cus_lost",
    deliveries: [
      paid({ id: "lost", amount: 5000, customer: "cus_lost" }),
      event("refund.created", refund("re_lost", "lost", 2000, DAY), DAY),
      event("charge.dispute.created", dispute("du_ask", "lost", 5000, DAY, "warning_needs_response"), DAY),
      event("charge.dispute.closed", dispute("du_ask", "lost", 5000, DAY, "warning_closed"), 2 * DAY),
      event("charge.dispute.created", dispute("du_lost", "lost", 5000, 2 * DAY, "needs_response"), 2 * DAY),
      event("charge.dispute.closed", dispute("du_lost", "lost", 5000, 2 * DAY, "lost"), 9 * DAY),
    ],
    figures: { sales: 1, gross: 50, refunds: 50 },
  },
  {
    name: "a subscription with a trial, and its end",
    provider: "stripe",
    who: "ext_user-of-cus_trial",
    deliveries: [
      event("customer.created", customer("cus_trial", 0), 0),
      event("customer.updated", customer("cus_trial", 0, { name: "Ann D." }), 3 * DAY, { name: "Ann Doe" }),
      event("customer.subscription.created", subscription("sub_1", "cus_trial", "trialing"), 1),
      invoice("in_0", "cus_trial", 0, 2),
      event("customer.subscription.updated", subscription("sub_1", "cus_trial", "active"), 14 * DAY + 60, { status: "trialing" }),
      paid({ id: "trial", amount: 2000, customer: "cus_trial", after: 14 * DAY + 60 }),
      invoice("in_1", "cus_trial", 2000, 14 * DAY + 90),
      event("invoice.payment_succeeded", { id: "in_1", customer: "cus_trial" }, 14 * DAY + 90),
      event(
        "customer.subscription.deleted",
        subscription("sub_1", "cus_trial", "canceled", { ended_at: START + 40 * DAY, canceled_at: START + 20 * DAY }),
        40 * DAY,
      ),
    ],
    figures: { sales: 1, gross: 20, refunds: 0 },
    milestones: ["customer_created", "trial_started", "trial_converted", "subscription_cancelled"],
  },
  {
    name: "a guest whose delayed payment comes days after the checkout",
    provider: "stripe",
    who: "ext_guest-7",
    deliveries: [
      event("checkout.session.completed", session("late", { client_reference_id: "guest-7", payment_status: "unpaid" }), 0),
      event("checkout.session.async_payment_succeeded", session("late", { client_reference_id: "guest-7" }), 5 * DAY),
      event("charge.pending", charge({ id: "late", amount: 7500, email: "late@example.com", more: { status: "pending", paid: false } }), 1),
      paid({ id: "late", amount: 7500, email: "late@example.com", after: 5 * DAY }),
    ],
    figures: { sales: 1, gross: 75, refunds: 0 },
    milestones: ["checkout_completed"],
  },
  {
    name: "one customer whose payments have other billing emails each time",
    provider: "stripe",
    who: "als_stripe:cus_moves",
    deliveries: [
      paid({ id: "moves1", amount: 1000, customer: "cus_moves", email: "old@example.com" }),
      paid({ id: "moves2", amount: 1100, customer: "cus_moves", email: "new@example.com", after: 9 * DAY }),
      paid({ id: "moves3", amount: 1200, customer: "cus_moves", email: "office@example.com", after: 19 * DAY }),
    ],
    figures: { sales: 3, gross: 33, refunds: 0 },
  },
  {
    name: "a charge that is captured later, for less",
    provider: "stripe",
    who: "als_stripe:cus_capture",
    deliveries: [
      event(
        "charge.succeeded",
        charge({ id: "cap", amount: 9000, customer: "cus_capture", more: { captured: false, amount_captured: 0 } }),
        1,
      ),
      event(
        "charge.captured",
        charge({ id: "cap", amount: 9000, customer: "cus_capture", more: { amount_captured: 7000, amount_refunded: 2000 } }),
        DAY,
      ),
    ],
    figures: { sales: 1, gross: 70, refunds: 0 },
  },
  {
    name: "money without decimals, refunded in part",
    provider: "stripe",
    who: "als_stripe:cus_yen",
    deliveries: [
      paid({ id: "yen", amount: 1580, currency: "jpy", customer: "cus_yen" }),
      event("refund.created", refund("re_yen", "yen", 580, DAY, "succeeded", "jpy"), DAY),
    ],
    figures: { sales: 1, gross: 1580, refunds: 580 },
  },
  {
    name: "money with three decimals",
    provider: "stripe",
    who: "als_stripe:cus_dinar",
    deliveries: [
      paid({ id: "dinar", amount: 12_340, currency: "kwd", customer: "cus_dinar" }),
      event("refund.created", refund("re_dinar", "dinar", 2340, DAY, "succeeded", "kwd"), DAY),
    ],
    figures: { sales: 1, gross: 12.34, refunds: 2.34 },
  },
  {
    name: "krónur, which Stripe sends as hundredths although they have none",
    provider: "stripe",
    who: "als_stripe:cus_krona",
    deliveries: [paid({ id: "krona", amount: 50_000, currency: "isk", customer: "cus_krona" })],
    figures: { sales: 1, gross: 500, refunds: 0 },
  },
];

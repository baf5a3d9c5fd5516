// What happens at Paddle, Lemon Squeezy and Polar? Small payloads of ours in the shape of real ones.
import type { Provider } from "../../../../src/provider/provider.ts";
import type { Delivery, Story } from "../story.ts";

const day = (number: number, time = "10:00:00.000000") => `2026-01-${String(number).padStart(2, "0")}T${time}Z`;

function paddle(type: string, data: object, occurredAt: string): Delivery {
  return { body: { event_id: `evt_${type}_${occurredAt}`, event_type: type, occurred_at: occurredAt, notification_id: "ntf_1", data } };
}

const transaction = (id: string, buyer: string, total: string, more: object = {}) => ({
  id,
  billed_at: day(5),
  created_at: day(5),
  currency_code: "USD",
  custom_data: null,
  customer_id: buyer,
  details: { totals: { total, grand_total: total, tax: "100", currency_code: "USD" } },
  status: "completed",
  ...more,
});

const adjustment = (id: string, of: string, action: string, status: string, total: string, createdAt: string) => ({
  id,
  action,
  created_at: createdAt,
  currency_code: "USD",
  customer_id: "ctm_x",
  status,
  totals: { total, subtotal: total, currency_code: "USD" },
  transaction_id: of,
});

const paddleSubscription = (status: string) => ({
  id: "sub_p",
  created_at: day(3),
  started_at: day(3),
  canceled_at: status === "canceled" ? day(28) : null,
  custom_data: { userId: "paddle-user" },
  customer_id: "ctm_trial",
  items: [{ trial_dates: { starts_at: day(3), ends_at: day(17) } }],
  status,
});

function lemon(name: string, type: string, id: string, attributes: object, customData: object = {}): Delivery {
  return {
    body: { meta: { event_name: name, custom_data: customData }, data: { type, id, attributes: { test_mode: false, ...attributes } } },
  };
}

const lemonOrder = (buyer: number, total: number, more: object = {}) => ({
  created_at: day(5),
  currency: "USD",
  customer_id: buyer,
  refunded_amount: 0,
  refunded_at: null,
  status: "paid",
  total,
  updated_at: day(5),
  user_email: `lemon${buyer}@example.com`,
  user_name: "Dan R",
  ...more,
});
const lemonRefund = (buyer: number, total: number, refunded: number, at: string) =>
  lemonOrder(buyer, total, { refunded_amount: refunded, refunded_at: at, status: "partial_refund", updated_at: at });

function polar(type: string, data: object, timestamp: string): Delivery {
  return { body: { type, timestamp, data } };
}

const polarCustomer = (id: string, more: object = {}) => ({
  id,
  billing_address: { country: "AT" },
  created_at: day(1),
  email: `${id}@example.com`,
  external_id: null,
  metadata: {},
  name: "Pol",
  ...more,
});
const polarOrder = (id: string, buyer: object, total: number) => ({
  id,
  created_at: day(5),
  currency: "usd",
  customer: buyer,
  customer_id: (buyer as { id: string }).id,
  metadata: {},
  net_amount: total - 100,
  paid: true,
  status: "paid",
  tax_amount: 100,
  total_amount: total,
});
const polarRefund = (id: string, of: string, amount: number, status: string) => ({
  id,
  amount,
  created_at: day(9),
  currency: "usd",
  order_id: of,
  status,
  tax_amount: 25,
});

const story = (provider: Provider, name: string, who: string, figures: Story["figures"], deliveries: Story["deliveries"]): Story => ({
  provider,
  name,
  who,
  figures,
  deliveries,
});

export const OTHER_STORIES: readonly Story[] = [
  {
    ...story(
      "paddle",
      "a transaction, and a refund that is approved later",
      "als_paddle:ctm_refund",
      { sales: 1, gross: 652.15, refunds: 108.87 },
      [
        paddle(
          "customer.created",
          { id: "ctm_refund", created_at: day(5), email: "sam@example.com", name: null, custom_data: null },
          day(5),
        ),
        paddle("transaction.paid", transaction("txn_1", "ctm_refund", "65215", { status: "paid" }), day(5)),
        paddle("transaction.completed", transaction("txn_1", "ctm_refund", "65215"), day(5, "10:00:02.124939")),
        paddle("adjustment.created", adjustment("adj_1", "txn_1", "refund", "pending_approval", "10887", day(6)), day(6)),
        paddle("adjustment.updated", adjustment("adj_1", "txn_1", "refund", "approved", "10887", day(6)), day(7)),
        paddle("adjustment.created", adjustment("adj_2", "txn_1", "refund", "pending_approval", "5000", day(8)), day(8)),
        paddle("adjustment.updated", adjustment("adj_2", "txn_1", "refund", "rejected", "5000", day(8)), day(9)),
        paddle("adjustment.created", adjustment("adj_3", "txn_1", "credit", "approved", "5000", day(8)), day(8, "11:00:00.000000")),
      ],
    ),
    milestones: ["customer_created"],
  },
  story("paddle", "a chargeback that is reversed", "als_paddle:ctm_back", { sales: 1, gross: 20, refunds: 0 }, [
    paddle("transaction.completed", transaction("txn_2", "ctm_back", "2000"), day(5)),
    paddle("adjustment.created", adjustment("adj_w", "txn_2", "chargeback_warning", "approved", "2000", day(6)), day(6)),
    paddle("adjustment.created", adjustment("adj_c", "txn_2", "chargeback", "approved", "2000", day(7)), day(7)),
    paddle("adjustment.created", adjustment("adj_r", "txn_2", "chargeback_reverse", "approved", "2000", day(20)), day(20)),
  ]),
  {
    ...story(
      "paddle",
      "a subscription with a trial, and credit that pays in part",
      "ext_paddle-user",
      { sales: 1, gross: 15, refunds: 0 },
      [
        paddle("customer.updated", { id: "ctm_trial", created_at: day(2), email: "t@example.com", name: "T", custom_data: null }, day(4)),
        paddle("subscription.created", paddleSubscription("trialing"), day(3)),
        paddle("subscription.trialing", paddleSubscription("trialing"), day(3, "10:00:01.000000")),
        paddle("transaction.completed", transaction("txn_0", "ctm_trial", "0"), day(3)),
        paddle("subscription.activated", paddleSubscription("active"), day(17, "10:00:05.000000")),
        paddle(
          "transaction.completed",
          transaction("txn_3", "ctm_trial", "2000", { details: { totals: { total: "2000", credit: "500", grand_total: "1500" } } }),
          day(17, "10:00:09.000000"),
        ),
        paddle("subscription.canceled", paddleSubscription("canceled"), day(28)),
      ],
    ),
    milestones: ["customer_created", "trial_started", "trial_converted", "subscription_cancelled"],
  },
  story(
    "lemonsqueezy",
    "an order refunded in three parts, told as running totals",
    "als_lemonsqueezy:1",
    { sales: 1, gross: 18.59, refunds: 12 },
    [
      lemon("order_created", "orders", "11", lemonOrder(1, 1859)),
      lemon("order_refunded", "orders", "11", lemonRefund(1, 1859, 500, day(7))),
      lemon("order_refunded", "orders", "11", lemonRefund(1, 1859, 800, day(8))),
      lemon("order_refunded", "orders", "11", lemonRefund(1, 1859, 1200, day(9))),
    ],
  ),
  {
    ...story("lemonsqueezy", "a subscription whose first payment is told twice", "ext_77", { sales: 2, gross: 40, refunds: 20 }, [
      lemon("order_created", "orders", "12", lemonOrder(2, 2000), { user_id: "no", userId: 77 }),
      lemon("subscription_created", "subscriptions", "5", { ...lemonOrder(2, 0), status: "active", trial_ends_at: null }),
      lemon("subscription_payment_success", "subscription-invoices", "31", { ...lemonOrder(2, 2000), billing_reason: "initial" }),
      lemon("subscription_payment_success", "subscription-invoices", "32", {
        ...lemonOrder(2, 2000),
        billing_reason: "renewal",
        created_at: day(25),
      }),
      lemon("subscription_payment_refunded", "subscription-invoices", "32", {
        ...lemonRefund(2, 2000, 2000, day(26)),
        billing_reason: "renewal",
      }),
      lemon("subscription_payment_refunded", "subscription-invoices", "31", {
        ...lemonRefund(2, 2000, 500, day(26)),
        billing_reason: "initial",
      }),
      lemon("subscription_expired", "subscriptions", "5", {
        ...lemonOrder(2, 0),
        status: "expired",
        ends_at: day(27),
        updated_at: day(27),
      }),
    ]),
    milestones: ["subscription_cancelled"],
  },
  {
    ...story("polar", "an order, a refund of it with its tax, and one that fails", "ext_pol-1", { sales: 1, gross: 21, refunds: 5.25 }, [
      polar("customer.created", polarCustomer("pol1"), day(1)),
      polar("customer.updated", polarCustomer("pol1", { external_id: "pol-1" }), day(2)),
      polar("order.created", { ...polarOrder("ord_1", polarCustomer("pol1"), 2100), status: "pending", paid: false }, day(5)),
      polar("order.paid", polarOrder("ord_1", polarCustomer("pol1"), 2100), day(5, "10:00:03.000000")),
      polar("order.updated", polarOrder("ord_1", polarCustomer("pol1"), 2100), day(5, "10:00:04.000000")),
      polar("refund.created", polarRefund("ref_1", "ord_1", 500, "pending"), day(9)),
      polar("refund.updated", polarRefund("ref_1", "ord_1", 500, "succeeded"), day(9, "11:00:00.000000")),
      polar("refund.created", polarRefund("ref_2", "ord_1", 300, "succeeded"), day(10)),
      polar("refund.updated", polarRefund("ref_2", "ord_1", 300, "failed"), day(11)),
      polar("order.refunded", polarOrder("ord_1", polarCustomer("pol1"), 2100), day(9, "11:00:01.000000")),
    ]),
    milestones: ["customer_created"],
  },
];

// What happens at Shopify? Small payloads of ours in the shape of real ones.
import type { Delivery, Story } from "../story.ts";

const money = (amount: string, currency = "USD") => ({
  shop_money: { amount, currency_code: currency },
  presentment_money: { amount: "1.11", currency_code: "CAD" },
});

/** A delivery of a shop. Ids beyond 2^53 are written as digits, as Shopify does. */
function topic(name: string, body: object, triggeredAt = "2026-01-10T12:00:00.123456789Z"): Delivery {
  const text = JSON.stringify(body).replace(/"#(\d+)"/g, "$1");
  const id = `${name}-${(body as { id?: string }).id ?? ""}-${triggeredAt}-${text.length}`;
  return {
    body: text,
    headers: {
      "x-shopify-topic": name,
      "x-shopify-shop-domain": "My-Shop.myshopify.com",
      "x-shopify-triggered-at": triggeredAt,
      "x-shopify-webhook-id": id,
    },
  };
}

const order = (id: string, buyer: string, total: string, more: object = {}) => ({
  id: `#${id}`,
  admin_graphql_api_id: `gid://shopify/Order/${id}`,
  billing_address: { country_code: "US" },
  created_at: "2026-01-05T10:00:00-05:00",
  currency: "USD",
  customer: { id: `#${buyer}`, email: `buyer${buyer}@example.com`, first_name: "John", last_name: "Smith" },
  current_total_price: "0.00",
  email: `buyer${buyer}@example.com`,
  financial_status: "paid",
  landing_site: "/products/1?utm_source=newsletter&utm_campaign=winter",
  note_attributes: [],
  processed_at: "2026-01-05T10:00:01-05:00",
  referring_site: "https://www.google.com/",
  test: false,
  total_price: total,
  total_price_set: money(total),
  ...more,
});

const refund = (id: string, orderId: string, amounts: readonly string[], more: object = {}) => ({
  id: `#${id}`,
  order_id: `#${orderId}`,
  created_at: "2026-01-12T10:00:00-05:00",
  processed_at: "2026-01-12T10:00:00-05:00",
  order_adjustments: [],
  refund_line_items: [],
  total_duties_set: money("0.00"),
  transactions: amounts.map((amount, index) => ({
    id: index + 1,
    amount,
    currency: "USD",
    kind: "refund",
    status: "success",
    test: false,
  })),
  ...more,
});

const customer = (id: string, name: string, updatedAt: string) => ({
  id: `#${id}`,
  created_at: "2026-01-02T08:00:00-05:00",
  updated_at: updatedAt,
  default_address: { country_code: "US" },
  email: `buyer${id}@example.com`,
  first_name: name,
  last_name: "Smith",
});

const dispute = (id: string, orderId: string, status: string, more: object = {}) => ({
  id: `#${id}`,
  order_id: `#${orderId}`,
  amount: "30.00",
  currency: "USD",
  finalized_on: null,
  initiated_at: "2026-01-20T10:00:00-05:00",
  status,
  type: "chargeback",
  ...more,
});

export const SHOPIFY_STORIES: readonly Story[] = [
  {
    name: "an order of a known customer, refunded in part, told by many topics",
    provider: "shopify",
    who: "als_shopify:my-shop:115310627314723954",
    deliveries: [
      topic("customers/create", customer("115310627314723954", "Jon", "2026-01-02T08:00:00-05:00")),
      topic("customers/update", customer("115310627314723954", "John", "2026-01-06T08:00:00-05:00")),
      topic("orders/create", order("820982911946154508", "115310627314723954", "388.00")),
      topic("orders/paid", order("820982911946154508", "115310627314723954", "388.00")),
      topic("orders/updated", order("820982911946154508", "115310627314723954", "388.00")),
      topic("refunds/create", refund("890088186047892319", "820982911946154508", ["100.00", "9.50"])),
      topic("refunds/create", refund("890088186047892320", "820982911946154508", [])),
      topic("orders/cancelled", order("820982911946154508", "115310627314723954", "388.00")),
    ],
    figures: { sales: 1, gross: 388, refunds: 109.5 },
    milestones: ["customer_created"],
  },
  {
    name: "a dispute that is won",
    provider: "shopify",
    who: "als_shopify:my-shop:72",
    deliveries: [
      topic("orders/paid", order("720", "72", "30.00")),
      topic("disputes/create", dispute("7200", "720", "needs_response"), "2026-01-20T15:00:00Z"),
      topic("disputes/update", dispute("7200", "720", "under_review"), "2026-01-22T15:00:00Z"),
      topic("disputes/update", dispute("7200", "720", "won", { finalized_on: "2026-02-20" }), "2026-02-20T15:00:00Z"),
    ],
    figures: { sales: 1, gross: 30, refunds: 0 },
  },
  {
    name: "a dispute that is lost, beside an inquiry",
    provider: "shopify",
    who: "als_shopify:my-shop:73",
    deliveries: [
      topic("orders/paid", order("730", "73", "30.00")),
      topic("disputes/create", dispute("7300", "730", "needs_response", { type: "inquiry" })),
      topic("disputes/create", dispute("7301", "730", "needs_response")),
      topic("disputes/update", dispute("7301", "730", "lost"), "2026-02-20T15:00:00Z"),
    ],
    figures: { sales: 1, gross: 30, refunds: 30 },
  },
  {
    name: "a refund paid in the buyer's money, taken in that of the shop",
    provider: "shopify",
    who: "als_shopify:my-shop:74",
    deliveries: [
      topic("orders/paid", order("740", "74", "50.00")),
      topic(
        "refunds/create",
        refund("7400", "740", [], {
          refund_line_items: [{ subtotal_set: money("20.00"), total_tax_set: money("1.60") }],
          order_adjustments: [{ kind: "refund_discrepancy", amount_set: money("-0.40"), tax_amount_set: money("0.00") }],
          transactions: [{ id: 1, amount: "29.99", currency: "CAD", kind: "refund", status: "success" }],
        }),
      ),
    ],
    figures: { sales: 1, gross: 50, refunds: 22 },
  },
  {
    name: "an order in a shop whose money has no decimals",
    provider: "shopify",
    who: "ext_u-75",
    deliveries: [
      topic(
        "orders/paid",
        order("750", "75", "1580", {
          currency: "JPY",
          total_price_set: money("1580", "JPY"),
          note_attributes: [
            { name: "userId", value: "u-75" },
            { name: "regulars_click", value: "click-75" },
          ],
        }),
      ),
    ],
    figures: { sales: 1, gross: 1580, refunds: 0 },
  },
];

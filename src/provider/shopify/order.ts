// Which topics of Shopify bring money, and which take it back? A shop's money is always that of the shop, never that shown to the buyer.
import { type Money, toCurrency } from "../amount.ts";
import type { Meaning, Named, SaidStatus } from "../effect.ts";
import { readMetadata, toAlias } from "../identity.ts";
import { type Fields, fromIso, sumDecimals, toFields, toId, toList, toText } from "../json.ts";
import { ignored, refund, sale } from "../meaning.ts";

/** One delivery, once its headers are read. */
export interface ShopifyEvent {
  /** `my-shop`, without `.myshopify.com`. */
  readonly shop: string;
  readonly body: Fields;
  /** When Shopify sent it. */
  readonly at: number | undefined;
  readonly idKeys: readonly string[];
}

/** The id of a resource with all its digits: the number, or what its GraphQL id ends in if that has more of them. */
export function resourceId(resource: Fields): string | undefined {
  const [, digits] = /\/(\d+)$/.exec(toText(resource.admin_graphql_api_id) ?? "") ?? [];
  return digits ?? toId(resource.id);
}

export const toKey = (shop: string, ...ids: readonly string[]): string => toAlias("shopify", shop, ...ids);

/** Money of the shop, out of a `…_set`. */
function shopMoney(set: unknown): { amount: unknown; currency: string | undefined } {
  const money = toFields(toFields(set).shop_money);
  return { amount: money.amount, currency: toCurrency(money.currency_code) };
}

/** A person's name in one. */
export const fullName = (person: Fields): string | undefined =>
  toText([toText(person.first_name), toText(person.last_name)].filter((part) => part !== undefined).join(" "));

/** The buyer: the customer of the shop, or else what the order says of them. Cart attributes may hold ids and a campaign. */
function buyerOf({ shop, body: order, idKeys }: ShopifyEvent): Named {
  const customer = toFields(order.customer);
  const id = resourceId(customer);
  const attributes = Object.fromEntries(toList(order.note_attributes).map(({ name, value }) => [toText(name) ?? "", value]));
  const address = [order.billing_address, order.shipping_address, customer.default_address].map(toFields);
  const path = toText(order.landing_site);
  return {
    ...readMetadata([attributes], idKeys),
    aliases: id === undefined ? [] : [toKey(shop, id)],
    email: toText(customer.email) ?? toText(order.email) ?? toText(order.contact_email),
    name: fullName(customer),
    country: address.map(({ country_code: code }) => toText(code)).find((code) => code !== undefined),
    url: path?.startsWith("/") ? `https://${shop}.myshopify.com${path}` : path,
    referrer: toText(order.referring_site),
  };
}

/** Decimals as money; undefined if the sum or the currency cannot be read. */
function toMoney(value: number | undefined, currency: string | undefined): Money | undefined {
  return value === undefined || currency === undefined ? undefined : { value, currency };
}

/** The key of an order, a refund or a dispute; undefined without an id. */
const keyOf = (shop: string, id: string | undefined, ...kind: readonly string[]) =>
  id === undefined ? undefined : toKey(shop, ...kind, id);

/** `orders/paid`. */
export function readOrder(event: ShopifyEvent): Meaning {
  const { shop, body: order } = event;
  const total = shopMoney(order.total_price_set);
  const payment = {
    orderId: keyOf(shop, resourceId(order)),
    at: fromIso(order.processed_at) ?? fromIso(order.created_at),
    money: toMoney(sumDecimals([total.amount ?? order.total_price]), total.currency ?? toCurrency(order.currency)),
  };
  return sale(payment, buyerOf(event));
}

/** What a refund's lines, taxes, shipping and adjustments add up to in the money of the shop. */
function sumOfLines(made: Fields): number | undefined {
  const amounts = [
    ...toList(made.refund_line_items).flatMap((line) => [line.subtotal_set, line.total_tax_set]),
    ...toList(made.refund_shipping_lines).map((line) => line.subtotal_amount_set),
    ...toList(made.duties).map((duty) => duty.amount_set),
  ].map((set) => shopMoney(set).amount ?? 0);
  // An adjustment is the difference to the lines, with the sign of the order: what is given back is negative.
  const adjustments = toList(made.order_adjustments).flatMap(({ kind, amount_set, tax_amount_set }) =>
    kind === "shipping_refund" && toList(made.refund_shipping_lines).length > 0 ? [] : [amount_set, tax_amount_set],
  );
  const less = sumDecimals(adjustments.map((set) => shopMoney(set).amount ?? 0));
  const sum = sumDecimals(amounts);
  return sum === undefined || less === undefined ? undefined : sumDecimals([sum, -less]);
}

/** The currency of the shop, where a refund says it. */
function shopCurrencyOf(made: Fields): string | undefined {
  const sets = [
    made.total_duties_set,
    ...toList(made.refund_line_items).map((line) => line.subtotal_set),
    ...toList(made.order_adjustments).map((adjustment) => adjustment.amount_set),
  ];
  return sets.map((set) => shopMoney(set).currency).find((currency) => currency !== undefined);
}

/** `refunds/create`. What was paid back is in its transactions: lines may be restocked without money. */
export function readRefund({ shop, body: made }: ShopifyEvent): Meaning {
  const paid = toList(made.transactions).filter(({ kind, status }) => kind === "refund" && status === "success");
  const paidIn = new Set(paid.map(({ currency }) => toCurrency(currency)));
  const currency = shopCurrencyOf(made) ?? [...paidIn][0];
  const isOwn = paidIn.size === 1 && paidIn.has(currency);
  const value = isOwn ? sumDecimals(paid.map(({ amount }) => amount)) : sumOfLines(made);
  if (paid.length === 0 || (value !== undefined && value <= 0)) return ignored("no money was paid back");
  const at = fromIso(made.processed_at) ?? fromIso(made.created_at);
  return refund({ key: keyOf(shop, resourceId(made)), orderId: keyOf(shop, toId(made.order_id)), at, money: toMoney(value, currency) });
}

/** What the decided states of a dispute mean to the money. The others say nothing. */
const DECIDED: Readonly<Record<string, SaidStatus["status"]>> = {
  won: "rejected",
  charge_refunded: "rejected",
  lost: "approved",
  accepted: "approved",
};

/** `disputes/create` and `disputes/update`. The money leaves when a dispute is opened. */
export function readDispute({ shop, body: dispute, at: sentAt }: ShopifyEvent): Meaning {
  if (dispute.type === "inquiry") return ignored("it is an inquiry: no money has moved");
  const openedAt = fromIso(dispute.initiated_at);
  const payment = {
    key: keyOf(shop, resourceId(dispute), "dispute"),
    orderId: keyOf(shop, toId(dispute.order_id)),
    at: openedAt,
    money: toMoney(sumDecimals([dispute.amount]), toCurrency(dispute.currency)),
  };
  const name = toText(dispute.status) ?? "";
  const status = Object.hasOwn(DECIDED, name) ? DECIDED[name] : undefined;
  const at = sentAt ?? fromIso(dispute.finalized_on) ?? openedAt;
  return refund(payment, status === undefined || at === undefined ? undefined : { status, at });
}

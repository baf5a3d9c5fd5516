// What do the topics of Shopify mean to us? The topic and the shop are in the headers, all else in the body.
import type { Meaning, Translate } from "../effect.ts";
import { fromIso, toFields, toId, toList, toText } from "../json.ts";
import { customer, ignored, readBy, UNREADABLE } from "../meaning.ts";
import { fullName, readDispute, readOrder, readRefund, resourceId, type ShopifyEvent, toKey } from "./order.ts";

/** `customers/create` and `customers/update`. */
function readCustomer({ shop, body, at: sentAt }: ShopifyEvent): Meaning {
  const createdAt = fromIso(body.created_at);
  return customer("shopify", [shop, resourceId(body)], createdAt, {
    at: fromIso(body.updated_at) ?? sentAt ?? createdAt ?? 0,
    email: toText(body.email),
    name: fullName(body),
    country: toText(toFields(body.default_address).country_code),
  });
}

/** The person of a privacy topic. */
function personOf({ shop, body }: ShopifyEvent) {
  const { id, email } = toFields(body.customer);
  const known = toId(id);
  return known === undefined ? undefined : { alias: toKey(shop, known), email: toText(email) };
}

function readRedact(event: ShopifyEvent): Meaning {
  const person = personOf(event);
  return person ? [{ kind: "erase", person }] : UNREADABLE;
}

function readDataRequest(event: ShopifyEvent): Meaning {
  const person = personOf(event);
  return person ? [{ kind: "data request", person }] : UNREADABLE;
}

const PAID_BRINGS_IT = ignored("orders/paid brings the money");

const READERS: Readonly<Record<string, (event: ShopifyEvent) => Meaning>> = {
  "orders/paid": readOrder,
  "orders/create": () => PAID_BRINGS_IT,
  "orders/updated": () => PAID_BRINGS_IT,
  "orders/cancelled": () => ignored("refunds/create brings what was paid back"),
  "refunds/create": readRefund,
  "disputes/create": readDispute,
  "disputes/update": readDispute,
  "customers/create": readCustomer,
  "customers/update": readCustomer,
  "customers/delete": () => ignored("it is no request for erasure: customers/redact is"),
  "customers/redact": readRedact,
  "customers/data_request": readDataRequest,
  "shop/redact": ({ shop }) => [{ kind: "erase all", aliasPrefix: toKey(shop, "") }],
};

export const translateShopify: Translate = ({ headers, body }, idKeys) => {
  const type = headers.get("x-shopify-topic") ?? "";
  // Privacy topics have the shop in the body too, which is signed.
  const domain = toText(body.shop_domain) ?? headers.get("x-shopify-shop-domain") ?? "";
  const [, shop] = /^([a-z0-9][a-z0-9-]*)\.myshopify\.com$/i.exec(domain) ?? [];
  const event = { body, at: fromIso(headers.get("x-shopify-triggered-at")), idKeys };
  const isTest = [body, ...toList(body.transactions)].some(({ test }) => test === true);
  return {
    type,
    eventId: headers.get("x-shopify-webhook-id") ?? undefined,
    isTest: isTest || headers.get("x-shopify-test") === "true",
    meaning: readBy(READERS, type, shop === undefined ? undefined : { ...event, shop: shop.toLowerCase() }),
  };
};

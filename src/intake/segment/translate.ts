// What does a message of Segment's API mean to us? An entry, a profile update, or nothing. No database is needed to say it.
import type { Detail } from "../../value/error.ts";
import { decimalsOf } from "../../value/money.ts";
import { orderValue, refundValue } from "./amount.ts";
import { type Fields, type Message, toFields, toText } from "./message.ts";
import { campaignOf, visitOf } from "./visit.ts";

/** A profile update in the shape of `POST /customers`, said for the message's time. */
export interface Told {
  readonly profile: Fields & { readonly externalId: string };
  readonly time: string | number | undefined;
  readonly createdAt: string | number | undefined;
}

export type Meaning =
  /** An entry in the shape of `POST /events`. */
  | { readonly entry: Fields }
  | { readonly told: Told }
  /** It is understood, and brings nothing: why, in words that are the same for all of its kind. */
  | { readonly ignored: string }
  /** A field that it needs is missing or unreadable. Paths are those of the message. */
  | { readonly problems: readonly Detail[] };

export interface Reading {
  /** The workspace's currency, for orders that name none. */
  readonly currency: string;
  /** Names of tracks that are leads, in lower case; `lead *` is every name that begins so. */
  readonly leadEvents: readonly string[];
  /** What becomes of other tracks. */
  readonly otherEvents: "record" | "ignore";
}

const ORDERS: ReadonlySet<string> = new Set(["order completed", "completed order"]);
const REFUNDS: ReadonlySet<string> = new Set(["order refunded", "refunded order"]);
/** Properties that become fields of an order, or that are long. */
const OF_ORDER = ["order_id", "orderId", "total", "revenue", "currency", "products", "email", "clickId"];
/** Traits that become fields of a customer. */
const OF_PERSON = [
  "id",
  "userId",
  "anonymousId",
  "email",
  "name",
  "firstName",
  "lastName",
  "first_name",
  "last_name",
  "firstname",
  "lastname",
  "avatar",
  "address",
  "createdAt",
  "created_at",
  "createdat",
  "clickId",
];

const ignored = (reason: string) => ({ ignored: reason });
const problem = (path: string, message: string) => ({ problems: [{ path, message }] });
const without = (fields: Fields, names: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
const nonEmpty = (fields: Fields): Fields | undefined => (Object.keys(fields).length === 0 ? undefined : fields);

/** Who a message names. */
function namesOf({ userId, anonymousId, traits, properties }: Message, email: unknown = traits.email) {
  return { externalId: userId, visitorId: anonymousId, email: toText(email), clickId: toText(properties.clickId) };
}

function isNobody({ userId, anonymousId }: Message): boolean {
  return userId === undefined && anonymousId === undefined;
}
const NOBODY = problem("userId", "is required, unless anonymousId is given");

/** The currency of an order: undefined if it names none. */
function currencyOf({ currency }: Fields): string | undefined | "bad" {
  const code = toText(currency)?.toUpperCase();
  if (code === undefined) return currency == null || currency === "" ? undefined : "bad";
  return decimalsOf(code) === undefined ? "bad" : code;
}

function order(message: Message, reading: Reading): Meaning {
  const { properties, messageId, time, event, traits } = message;
  const currency = currencyOf(properties);
  if (currency === "bad") return problem("properties.currency", "must be an ISO 4217 currency code");
  const value = orderValue(properties, currency ?? reading.currency);
  if (value === "bad") return problem("properties.total", "must be a decimal number, unless revenue is one");
  if (value === 0) return ignored("the order's amount is 0");
  const orderId = toText(properties.order_id ?? properties.orderId);
  if (orderId === undefined && (properties.order_id ?? properties.orderId ?? "") !== "")
    return problem("properties.order_id", "must be text, or a whole number that is safe in JSON");
  const names = namesOf(message, traits.email ?? properties.email);
  if (isNobody(message) && names.email === undefined) return NOBODY;
  const metadata = nonEmpty(without(properties, OF_ORDER));
  const entry = { type: "sale", event, timestamp: time, orderId: orderId ?? messageId, value, currency, metadata };
  return { entry: { ...entry, ...names, ...campaignOf(message.context) } };
}

function refund(message: Message, reading: Reading): Meaning {
  const { properties, messageId, time, event } = message;
  const orderId = toText(properties.order_id ?? properties.orderId);
  if (orderId === undefined) return problem("properties.order_id", "is required for a refund");
  const currency = currencyOf(properties);
  if (currency === "bad") return problem("properties.currency", "must be an ISO 4217 currency code");
  const value = refundValue(properties, currency ?? reading.currency);
  if (value === "bad") return problem("properties.total", "must be a decimal number, or absent");
  if (value === 0) return ignored("the refund's amount is 0");
  return { entry: { type: "refund", event, timestamp: time, eventId: messageId, orderId, value, currency, externalId: message.userId } };
}

function track(message: Message, reading: Reading): Meaning {
  const { event, messageId, time, properties } = message;
  if (event === undefined) return problem("event", "is required for a track");
  const name = event.toLowerCase();
  if (ORDERS.has(name)) return order(message, reading);
  if (REFUNDS.has(name)) return refund(message, reading);
  const isLead = reading.leadEvents.some((each) => (each.endsWith("*") ? name.startsWith(each.slice(0, -1)) : name === each));
  if (!isLead && reading.otherEvents === "ignore") return ignored("other events are not recorded (SEGMENT_OTHER_EVENTS)");
  if (isNobody(message)) return NOBODY;
  const metadata = nonEmpty(without(properties, ["clickId"]));
  const entry = { type: isLead ? "lead" : "custom", event, timestamp: time, eventId: messageId, metadata };
  return { entry: { ...entry, ...namesOf(message), ...campaignOf(message.context) } };
}

function page(message: Message): Meaning {
  if (isNobody(message)) return NOBODY;
  const visit = visitOf(message);
  if (visit === undefined) return ignored("the page was not reached through a link");
  const { messageId, time, userId, anonymousId, context } = message;
  const entry = { type: "click", timestamp: time, clickId: messageId, externalId: userId, visitorId: anonymousId };
  return { entry: { ...entry, ...visit, ...campaignOf(context) } };
}

const toInstant = (value: unknown) => (typeof value === "number" ? value : toText(value));

function identify({ userId, anonymousId, traits, time }: Message): Meaning {
  if (userId === undefined) return anonymousId === undefined ? NOBODY : ignored("the person has no userId yet");
  const { email, name, avatar, address } = traits;
  const [first, last] = [traits.firstName ?? traits.first_name ?? traits.firstname, traits.lastName ?? traits.last_name ?? traits.lastname];
  const parts = [toText(first), toText(last)].filter((part) => part !== undefined).join(" ");
  const profile = {
    externalId: userId,
    email: toText(email),
    name: toText(name) ?? (parts === "" ? undefined : parts),
    avatar: toText(avatar),
    country: toText(toFields(address).country)?.toUpperCase(),
    visitorId: anonymousId,
    clickId: toText(traits.clickId),
    metadata: nonEmpty(without(traits, OF_PERSON)),
  };
  return { told: { profile, time, createdAt: toInstant(traits.createdAt ?? traits.created_at ?? traits.createdat) } };
}

function alias({ userId, previousId, time }: Message): Meaning {
  if (userId === undefined || previousId === undefined) return problem(userId ? "previousId" : "userId", "is required for an alias");
  return { told: { profile: { externalId: userId, visitorId: previousId }, time, createdAt: undefined } };
}

/** Translates a message. */
export function translate(message: Message, reading: Reading): Meaning {
  switch (message.call) {
    case "track":
      return track(message, reading);
    case "page":
      return page(message);
    case "identify":
      return identify(message);
    case "alias":
      return alias(message);
    default:
      return isNobody(message) ? NOBODY : ignored(`a ${message.call} brings nothing`);
  }
}

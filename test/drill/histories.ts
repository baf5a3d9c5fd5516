// Which histories make a server work the most? The entries of each, and the requests that meet them.
import { type Chance, oneOf } from "./seed.ts";

/** How many of each, at the full size. */
export interface Sizes {
  readonly customers: number;
  readonly clicks: number;
  readonly leads: number;
  readonly refunds: number;
  readonly campaigns: number;
  readonly foreign: number;
}

export const FULL: Sizes = {
  customers: 100_000,
  clicks: 1_000_000,
  leads: 100_000,
  refunds: 10_000,
  campaigns: 10_000,
  foreign: 1_000_000,
};

const DAY_MS = 86_400_000;
const START = Date.parse("2025-01-01T00:00:00Z");
const at = (day: number, milliseconds = 0) => new Date(START + day * DAY_MS + milliseconds).toISOString();

/** The entries of all histories, one after the other. */
export function* entriesOf(sizes: Sizes, chance: Chance): Generator<object> {
  for (let index = 0; index < sizes.customers; index += 1) {
    const externalId = `user-${index}`;
    const day = index % 500;
    yield {
      type: "click",
      clickId: `c-${index}`,
      externalId,
      timestamp: at(day),
      source: oneOf(chance, ["google", "bing", "mail"]),
      campaign: `spring-${index % 50}`,
    };
    yield { type: "sale", orderId: `o-${index}`, externalId, timestamp: at(day + 1), value: (index % 90) + 10 };
  }
  // A visitor with very many clicks, whom nobody has named yet.
  for (let index = 0; index < sizes.clicks; index += 1)
    yield { type: "click", clickId: `busy-${index}`, visitorId: "busy", timestamp: at(0, index * 1000), source: "google" };
  // Conversions of one click that has not arrived, and of one email.
  for (let index = 0; index < sizes.leads; index += 1) {
    yield { type: "lead", eventId: `of-click-${index}`, clickId: "shared", timestamp: at(10, index * 100) };
    yield { type: "lead", eventId: `of-email-${index}`, email: "shared@example.com", timestamp: at(20, index * 100) };
  }
  yield { type: "sale", orderId: "refunded", externalId: "returner", timestamp: at(5), value: 1_000_000 };
  for (let index = 0; index < sizes.refunds; index += 1)
    yield { type: "refund", eventId: `back-${index}`, orderId: "refunded", timestamp: at(6, index * 1000), value: 1 };
  for (let index = 0; index < sizes.campaigns; index += 1) {
    const campaign = `only-once-${index}-${"x".repeat(200)}`;
    const link = `https://shop.example/${"y".repeat(1900)}/${index}`;
    yield { type: "click", clickId: `wide-${index}`, externalId: "wide", timestamp: at(30, index * 60_000), campaign, link };
    if (index % 10 === 9)
      yield { type: "sale", orderId: `wide-${index}`, externalId: "wide", timestamp: at(30, index * 60_000 + 1), value: 5 };
  }
  for (let index = 0; index < sizes.foreign; index += 1)
    yield {
      type: "sale",
      orderId: `f-${index}`,
      externalId: `user-${index % sizes.customers}`,
      timestamp: at(400 + (index % 60)),
      value: 7,
      currency: "EUR",
    };
}

/** One request of a case. `repeats`: until it is answered with another status than 503. */
export interface Meeting {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly repeats?: boolean;
}

const get = (path: string): Meeting => ({ method: "GET", path, repeats: true });
const post = (path: string, body: unknown): Meeting => ({ method: "POST", path, body, repeats: true });

/** Every kind of read of one customer. */
const readsOf = (id: string): Meeting[] =>
  [
    "",
    "/journey?limit=1000",
    "/journey?summary=true",
    "/attribution",
    "/attribution?model=time_decay",
    "/attribution?explain=true",
    "/export",
  ].map((rest) => get(`/customers/ext_${id}${rest}`));

const sale = (orderId: string, more: object = {}) => ({ type: "sale", orderId, value: 3, timestamp: at(520), ...more });
const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

/** The requests that meet each history, in the order in which they are sent. */
export const MEETINGS: Readonly<Record<string, readonly Meeting[]>> = {
  "a visitor is named": [post("/events", { type: "lead", eventId: "named", externalId: "late", visitorId: "busy" }), ...readsOf("late")],
  "a late entry of theirs": [
    post("/events", { type: "click", clickId: "before-all", externalId: "late", timestamp: at(-300) }),
    ...readsOf("late"),
    post("/customers/ext_late/recalculate-ltv", undefined),
    { method: "PATCH", path: "/customers/ext_late", body: { name: "Late" }, repeats: true },
    get("/customers/ext_late"),
  ],
  "a click of many leads": [
    post("/events", { type: "click", clickId: "shared", visitorId: "signing-up", timestamp: at(9) }),
    post("/customers", { externalId: "signed-up", visitorId: "signing-up" }),
    ...readsOf("signed-up"),
  ],
  "an email of many leads": [post("/customers", { externalId: "owner", email: "shared@example.com" }), ...readsOf("owner")],
  "refunds of one sale": [
    post("/events", { type: "refund", eventId: "one-more", orderId: "refunded", value: 1 }),
    post(
      "/events",
      many(1000, (index) => ({ type: "refund", eventId: `more-${index}`, orderId: "refunded", value: 1 })),
    ),
    { method: "PATCH", path: "/conversions/ord_refunded", body: { status: "rejected" }, repeats: true },
    { method: "PATCH", path: "/conversions/ord_refunded", body: { status: "approved" }, repeats: true },
    ...readsOf("returner"),
  ],
  "many campaigns": [
    post("/events", sale("wide-late", { externalId: "wide" })),
    ...readsOf("wide"),
    get("/customers/cohorts?group_by=campaign"),
    get("/customers/attribution?group_by=link"),
    get("/customers/attribution?group_by=campaign&model=linear"),
  ],
  "a rate of many sales": [
    { method: "PUT", path: "/rates", body: { currency: "EUR", date: "2025-01-01", rate: "1.0855" }, repeats: true },
    { method: "PUT", path: "/rates", body: { currency: "EUR", date: "2025-01-01", rate: "1.1" }, repeats: true },
    get("/customers/cohorts"),
    get("/customers/ext_user-1"),
    get("/rates"),
  ],
  arrays: [
    post(
      "/events",
      many(1000, (index) => sale(`array-${index}`, { externalId: `user-${index * 7}` })),
    ),
    post(
      "/events",
      many(1000, (index) => ({
        type: "lead",
        eventId: `new-${index}`,
        externalId: `new-${index}`,
        email: `new-${index}@example.com`,
        visitorId: `new-${index}`,
        metadata: { note: "z".repeat(4000) },
      })),
    ),
    post(
      "/events",
      many(1000, (index) => ({ type: "click", clickId: `late-${index}`, externalId: `user-${index}`, timestamp: at(1) })),
    ),
  ],
  "lists and reports": [
    get("/customers?limit=100"),
    get("/customers?search=user-1&limit=100"),
    get("/customers/count?search=user"),
    get("/customers/cohorts?group_by=week"),
    get("/customers/ltv-cohorts?months=60"),
    get("/customers/attribution"),
    get("/refunds/pending"),
  ],
  erasures: [
    { method: "DELETE", path: "/customers/ext_wide", repeats: true },
    { method: "DELETE", path: "/customers/ext_late", repeats: true },
  ],
};

/** Bodies of up to 5 MiB that are expensive to read, as text. */
export function hostileBodies(bytes: number): Readonly<Record<string, string>> {
  const fill = (piece: string) => piece.repeat(Math.floor(bytes / piece.length) - 4);
  const fields = (count: number) => many(count, (index) => `"k${index}":1`).join(",");
  const distinct = Math.floor(bytes / 12);
  return {
    "long numbers": `[${fill("1234567890123456789,")}1]`,
    "long numbers in objects": `[${fill('{"value":1234567890123456789},')}1]`,
    "one long number": `[${"1".repeat(bytes - 4)}]`,
    "unknown fields": `{${fields(distinct)}}`,
    "entries of unknown fields": `[${many(900, (entry) => `{${many(Math.floor(distinct / 900), (index) => `"k${entry}_${index}":1`).join(",")}}`).join(",")}]`,
    "nested lists": "[".repeat(bytes - 4),
    "nested objects": fill('{"a":'),
    "empty objects": `[${fill("{},")}{}]`,
    "a text without an end": `{"type":"${"x".repeat(bytes - 20)}`,
    escapes: `{"type":"${fill("\\u0041").slice(0, bytes - 40)}`,
    "broken at the end": `[${fill('{"type":"click"},')}{]`,
    "broken after lines": `${"\n".repeat(bytes - 4)}{]`,
    spaces: `${" ".repeat(bytes - 4)}[]`,
    texts: `[${fill('"abc",')}""]`,
    "large metadata": `[${fill(`{"type":"lead","externalId":"a","metadata":{"a":"${"b".repeat(16_000)}"}},`)}{}]`,
    "metadata of many fields": `[${fill(`{"type":"lead","externalId":"a","metadata":{${many(1500, (index) => `"${index}":1`).join(",")}}},`)}{}]`,
  };
}

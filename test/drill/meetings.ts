// Which requests meet the histories of histories.ts, and in which order?
import { at } from "./histories.ts";

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
export const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

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
  "many visitorIds and emails of one customer": [
    post("/events", { type: "lead", eventId: "roamed-late", externalId: "roamer", visitorId: "roams-late" }),
    ...readsOf("roamer"),
    { method: "DELETE", path: "/customers/ext_roamer", repeats: true },
  ],
  "many sale days": [
    post("/events", sale("daily-late", { externalId: "daily" })),
    ...readsOf("daily"),
    post("/events", { type: "click", clickId: "daily-first", externalId: "daily", timestamp: at(-9900) }),
    ...readsOf("daily"),
    { method: "PATCH", path: "/conversions/ord_daily-5", body: { status: "rejected" }, repeats: true },
    get("/customers/ext_daily"),
    get("/customers/revenue"),
    get("/customers/ltv-cohorts?months=60"),
    { method: "DELETE", path: "/customers/ext_daily", repeats: true },
  ],
  "names of many rows": [
    post("/customers", { externalId: "of-alias", aliases: ["crm:many"] }),
    ...readsOf("of-alias"),
    post("/customers", { externalId: "first-of-all", email: "everybody@example.com" }),
    post("/events", { type: "lead", eventId: "everybody", externalId: "before-all", email: "everybody@example.com", timestamp: at(-400) }),
    get("/customers/ext_before-all"),
    post("/customers", { externalId: "told", name: "Told once more" }),
    post(
      "/events",
      many(1000, (index) => ({ type: "click", clickId: `told-${index}`, externalId: "told", timestamp: at(520, index) })),
    ),
    ...readsOf("told"),
    { method: "DELETE", path: "/customers/ext_told", repeats: true },
    { method: "DELETE", path: "/customers/ext_before-all", repeats: true },
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

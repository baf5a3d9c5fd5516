// Which histories make a server work the most? The lines of each, as `import` takes them. The requests that meet them are in meetings.ts.
import { type Chance, oneOf } from "./seed.ts";

/** How many of each, at the full size. */
export interface Sizes {
  readonly customers: number;
  readonly clicks: number;
  readonly leads: number;
  readonly refunds: number;
  readonly campaigns: number;
  readonly foreign: number;
  readonly names: number;
  readonly days: number;
  readonly updates: number;
}

export const FULL: Sizes = {
  customers: 100_000,
  clicks: 1_000_000,
  leads: 100_000,
  refunds: 10_000,
  campaigns: 10_000,
  foreign: 1_000_000,
  names: 50_000,
  days: 4000,
  updates: 20_000,
};

const DAY_MS = 86_400_000;
const START = Date.parse("2025-01-01T00:00:00Z");
export const at = (day: number, milliseconds = 0) => new Date(START + day * DAY_MS + milliseconds).toISOString();

/** The lines of all histories, one after the other. */
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
  // A customer with very many visitorIds and emails.
  for (let index = 0; index < sizes.names; index += 1) {
    const names = { externalId: "roamer", visitorId: `roams-${index}`, email: `roamer-${index}@example.com` };
    yield { type: "lead", eventId: `roamed-${index}`, timestamp: at(40, index * 1000), ...names };
  }
  // A customer who bought on very many days, each time after a click of another campaign.
  for (let index = 0; index < sizes.days; index += 1) {
    const campaign = `daily-${index}`;
    yield { type: "click", clickId: `daily-${index}`, externalId: "daily", timestamp: at(400 - index), campaign };
    yield { type: "sale", orderId: `daily-${index}`, externalId: "daily", timestamp: at(400 - index, 3_600_000), value: 9 };
  }
  // Conversions of an alias whose owner is known by another name, which none of them says.
  yield { type: "lead", eventId: "first-alias", email: "many@example.com", aliases: ["crm:first"], timestamp: at(50) };
  for (let index = 0; index < sizes.leads; index += 1)
    yield { type: "lead", eventId: `of-alias-${index}`, aliases: ["crm:many", "crm:first"], timestamp: at(51, index * 100) };
  // A customer who is told again and again, and many who are told the same email.
  yield { type: "customer", externalIds: ["told"], createdAt: at(60) };
  for (let index = 0; index < sizes.updates; index += 1)
    yield updateOf("told", index, { name: `Told ${index}`, metadata: { visits: index } });
  for (let index = 0; index < sizes.updates; index += 1) {
    yield { type: "customer", externalIds: [`sharing-${index}`], createdAt: at(61, index) };
    yield updateOf(`sharing-${index}`, index, { email: "everybody@example.com" });
  }
}

/** A line of `export workspace`: what `POST /customers` has stored. */
function updateOf(
  customer: string,
  index: number,
  profile: { readonly email?: string; readonly name?: string; readonly metadata?: object },
): object {
  const when = at(61, index * 1000);
  return { type: "profile_update", customer, externalId: customer, at: when, calledAt: when, email: profile.email, profile };
}

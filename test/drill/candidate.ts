// Whom does an attacker guess at? People whose every datum follows from a number, and who sent entries with and without keys of their own.
import type { Victim } from "./victim.ts";

const padded = (number: number) => String(number).padStart(6, "0");
const AT = "2026-01-05T09:00:00Z";

/** What is known of candidate `number`: the attacker can list it for every candidate. */
export function detailsOf(number: number) {
  const id = padded(number);
  return {
    externalId: `user-${id}`,
    email: `guess.${id}@example.com`,
    aliases: [`stripe:guess.${id}`],
    name: `Guess ${id}`,
    visitorId: `visitor-${id}`,
    url: `https://shop.example.com/page-${id}?user=user-${id}`,
    referrer: `https://mail.example.com/page-${id}`,
  };
}

/** How any of these details is recognized in plain text, in whatever case; the first group is the candidate's number. */
export const PLAIN = /(?:user-|guess[. ]|visitor-|page-)(\d{6})/gi;

/** The entries of a candidate that have no key of their own, so that the program makes one of their content. */
export function keylessEntriesOf(number: number): Record<string, unknown>[] {
  const { externalId, email, aliases, name, visitorId, url, referrer } = detailsOf(number);
  return [
    { type: "custom", event: "paid", aliases, timestamp: AT },
    { type: "lead", externalId, email, name, timestamp: AT },
    { type: "lead", email, name },
    { type: "click", externalId, visitorId, url, referrer, timestamp: AT },
    { type: "click", email, url },
    { type: "custom", event: "visit", externalId, url, timestamp: AT },
    { type: "sale", externalId, email, value: 20, timestamp: AT },
  ];
}

/** A request of the candidate with a guessable Idempotency-Key. */
export interface KeyedRequest {
  readonly path: string;
  readonly body: Record<string, unknown>;
  readonly key: string;
}

export function keyedRequestsOf(number: number): KeyedRequest[] {
  const { externalId, email, name, visitorId, url } = detailsOf(number);
  return [
    {
      path: "/customers",
      body: { externalId, email, name, visitorId, createdAt: "2026-01-01T00:00:00Z" },
      key: `create-user-${padded(number)}`,
    },
    { path: "/events", body: { type: "lead", externalId, email, url, timestamp: AT }, key: `lead-user-${padded(number)}` },
  ];
}

/** Tells a server all of it, and entries with keys of their own besides. */
export async function tellCandidate(victim: Victim, number: number): Promise<void> {
  const send = async (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}, method = "POST") => {
    const { status, text } = await victim.ask(method, path, body, headers);
    if (status >= 300) throw new Error(`${method} ${path} answers ${status}: ${text}`);
  };
  const { externalId, email, aliases, name, visitorId, url, referrer } = detailsOf(number);
  for (const { path, body, key } of keyedRequestsOf(number)) await send(path, body, { "idempotency-key": key });
  const [first, ...others] = keylessEntriesOf(number);
  await send("/events", first);
  await send("/events", others);
  await send("/events", [
    { type: "click", clickId: crypto.randomUUID(), visitorId, url, referrer, externalId, email, name },
    { type: "sale", orderId: crypto.randomUUID(), externalId, email, value: 30, url },
    { type: "lead", eventId: crypto.randomUUID(), visitorId, email, aliases, metadata: { email, name } },
  ]);
  await send(`/customers/ext_${externalId}`, { name: `${name} again`, aliases, metadata: { email } }, {}, "PATCH");
}

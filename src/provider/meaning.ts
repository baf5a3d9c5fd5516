// How is the meaning of a delivery made? Sales, refunds, customers and milestones are put together here, the same way for all providers.
import { toIso } from "../value/instant.ts";
import type { Money } from "./amount.ts";
import type { Effect, Meaning, Named, ProviderEntry, SaidProfile, SaidStatus } from "./effect.ts";
import { toAlias } from "./identity.ts";
import type { Provider } from "./provider.ts";

export const ignored = (reason: string): { readonly ignored: string } => ({ ignored: reason });
export const OTHER_TYPE = ignored("this type of event brings nothing");
export const UNREADABLE = ignored("it lacks an id, an amount or a time that is needed");
export const NO_MILESTONE = ignored("the subscription brings no milestone and names nobody anew");
export const TEST_MODE = ignored("it is of the provider's test mode: WEBHOOK_TEST_MODE=true counts it");
export const NOTHING_PAID = ignored("nothing was paid");

/** How long an orderId within another key may be, beside an amount and an instant. */
const MOST_IN_KEY = 200;

/** What a payment says of itself. An undefined part could not be read. `at`: when it was made, in milliseconds since 1970 UTC. */
interface Payment {
  readonly orderId: string | undefined;
  readonly at: number | undefined;
  readonly money: Money | undefined;
}

const entryEffect = (entry: ProviderEntry): Effect => ({ kind: "entry", entry });

/** A sale, unless nothing was paid. */
export function sale({ orderId, at, money }: Payment, named: Named, status?: "pending"): Meaning {
  if (orderId === undefined || at === undefined || !money) return UNREADABLE;
  if (money.value <= 0) return NOTHING_PAID;
  return [entryEffect({ ...named, type: "sale", orderId, timestamp: toIso(at), ...money, ...(status && { status }) })];
}

/** An orderId as a part of another key, which is 255 characters long at most: the digest of a long one. */
const toKeyPart = (orderId: string): string =>
  orderId.length <= MOST_IN_KEY ? orderId : new Bun.CryptoHasher("sha256").update(orderId).digest("hex");

/**
 * All that has been refunded of a sale until `until`, as a file says it for its newest date, or a provider whose refunds have no ids. `at`: when,
 * or when the sale was if that is not known.
 */
export function refundTotal(sold: { readonly orderId: string; readonly at: number }, money: Money, until: number): Effect {
  const { orderId, at } = sold;
  const eventId = `${toKeyPart(orderId)}:refunded:${money.value}@${toIso(until)}`;
  return entryEffect({ type: "refund", eventId, orderId, timestamp: toIso(at), ...money, totalUntil: toIso(until) });
}

/** A status of a refund. One said for a time before its entry would lose against the one of the entry itself, so it is said for that time. */
export function refundStatus(key: string, status: SaidStatus["status"], at: number, refundAt: number): Effect {
  return { kind: "status", status: { type: "refund", key, status, at: Math.max(at, refundAt) } };
}

/** Money that goes back, known by `key`. `decided`: what became of it, if that is decided, and for when it is said. */
export function refund(
  { key, orderId, at, money }: Payment & { readonly key: string | undefined },
  decided?: { readonly status: SaidStatus["status"]; readonly at: number },
): Meaning {
  if (key === undefined || orderId === undefined || at === undefined || !money || money.value <= 0) return UNREADABLE;
  const entry = entryEffect({ type: "refund", eventId: key, orderId, timestamp: toIso(at), ...money });
  return decided ? [entry, refundStatus(key, decided.status, decided.at, at)] : [entry];
}

/** A custom entry. */
export function milestone(event: string, eventId: string, at: number, named: Named): Effect {
  return entryEffect({ ...named, type: "custom", event, eventId, timestamp: toIso(at) });
}

/** A profile, if it says something. */
export function profile(said: SaidProfile): Effect[] {
  const { alias: _alias, at: _at, ...told } = said;
  return Object.values(told).some((each) => each !== undefined) ? [{ kind: "profile", profile: said }] : [];
}

/**
 * A provider's customer: an entry dated with their creation, the same whichever event tells of them, and what is said of them now.
 * `ids`: as in `toAlias`; undefined if they could not be read.
 */
export function customer(
  provider: Provider,
  ids: readonly (string | undefined)[],
  createdAt: number | undefined,
  said: Omit<SaidProfile, "alias">,
): Meaning {
  const known = ids.filter((id) => id !== undefined);
  if (known.length < ids.length || createdAt === undefined) return UNREADABLE;
  const alias = toAlias(provider, ...known);
  return [milestone("customer_created", alias, createdAt, { aliases: [alias] }), ...profile({ ...said, alias })];
}

/**
 * The names for an entry that several events tell, of which each may know other names by then: the alias alone, which never changes. What else
 * is known goes into a profile, said for the event's time. Without an alias, all names.
 */
export function byAlias(named: Named, at: number): { names: Named; told: Effect[] } {
  const { aliases, externalId, email, name, country, clickId } = named;
  const [alias] = aliases ?? [];
  if (alias === undefined) return { names: named, told: [] };
  return { names: { aliases: [alias] }, told: profile({ alias, at, externalId, email, name, country, clickId }) };
}

/** The meaning of an event by its type: that of its reader, unless there is none, or the event cannot be read at all. */
export function readBy<Event>(
  readers: Readonly<Record<string, (event: Event) => Meaning>>,
  type: string,
  event: Event | undefined,
): Meaning {
  const read = Object.hasOwn(readers, type) ? readers[type] : undefined;
  if (!read) return OTHER_TYPE;
  return event === undefined ? UNREADABLE : read(event);
}

// What is the key of an entry, by which a replay is recognized? (definitions §1, "Key")
import { createHash } from "node:crypto";
import { CLICK, DEFAULTED, REFUND, SALE } from "../../db/schema.ts";
import type { Secret } from "../../db/secret.ts";
import { type Draft, isDefaulted } from "./draft.ts";

export const DIGEST_LENGTH = 27;
export const CLICK_ID_PREFIX = "clk_";

/** The value with the keys of all its objects sorted, so that equal content has equal JSON. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  );
}

/** The same JSON object with its keys sorted. */
export function canonicalJson(json: string): string {
  return JSON.stringify(sortKeys(JSON.parse(json)));
}

/** 160 bits of SHA-256. It would confirm a guess at the content, so it is never stored as it is. */
function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, DIGEST_LENGTH);
}

/** What is stored instead of a digest: a hash with the secret. It is the same for the same content, and useless without the secret. */
export function conceal(digested: string, secret: Secret): string {
  return secret.hash(digested).slice(0, DIGEST_LENGTH);
}

/** The content as sent, as text. Defaults are left out, so that it does not depend on when the entry was received. */
function contentOf(draft: Draft): string {
  const { defaulted, at, value, metadata, source, campaign, medium, currency, status, aliases, totalUntil, ...rest } = draft;
  return JSON.stringify({
    ...rest,
    at: isDefaulted(defaulted, "timestamp") ? null : at,
    source: isDefaulted(defaulted, "source") ? null : source,
    campaign: isDefaulted(defaulted, "campaign") ? null : campaign,
    medium: isDefaulted(defaulted, "medium") ? null : medium,
    currency,
    // A refund had no status once. Its key must stay the same.
    status: draft.type === REFUND && status === "approved" ? null : status,
    value: value === null ? null : String(value),
    metadata: metadata === null ? null : canonicalJson(metadata),
    // There were no aliases and no totals of refunds once either.
    ...(aliases !== null && { aliases }),
    ...(totalUntil !== null && { totalUntil }),
  });
}

/**
 * The key of an entry within its type: its own id if it has one, else a hash of its content. Without a timestamp, or with `alwaysNew`, the
 * hash gets a random ending, so that each call is a new entry; log order still goes by content. A click without a `clickId` uses its key as
 * one. The hash needs the secret, because keys outlive an erasure and must not confirm a guess at the person.
 */
export function keyOf(draft: Draft, secret: Secret, alwaysNew = false): string {
  const own = draft.type === CLICK ? draft.clickId : draft.type === SALE ? draft.orderId : null;
  const given = own ?? draft.eventId;
  const prefix = draft.type === CLICK ? CLICK_ID_PREFIX : "";
  if (own !== null) return own;
  if (given !== null) return draft.type === CLICK ? prefix + conceal(digest(`eventId ${given}`), secret) : given;
  const content = prefix + conceal(digest(contentOf(draft)), secret);
  return alwaysNew || isDefaulted(draft.defaulted, "timestamp") ? `${content}.${crypto.randomUUID().slice(0, 13)}` : content;
}

/** The draft; a click without a `clickId` gets its key as one. */
export function withClickId(draft: Draft, key: string): Draft {
  return draft.type === CLICK && draft.clickId === null
    ? { ...draft, clickId: key, defaulted: draft.defaulted | DEFAULTED.clickId }
    : draft;
}

// By what is an entry known again? (definitions §1, "Key")
import { createHash } from "node:crypto";
import { CLICK, DEFAULTED, SALE } from "../../db/schema.ts";
import type { Secret } from "../../db/secret.ts";
import { type Draft, isDefaulted } from "./draft.ts";

export const DIGEST_LENGTH = 27;
export const CLICK_ID_PREFIX = "clk_";

/** A value with its objects' keys in order, so that equal contents have equal texts. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  );
}

/** The same JSON object in one fixed order of keys. */
export function canonicalJson(json: string): string {
  return JSON.stringify(sortKeys(JSON.parse(json)));
}

/** 160 bits of SHA-256: tells contents apart, and would tell a guess from another, so it is never stored as it is. */
function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, DIGEST_LENGTH);
}

/** What is stored in its place: the same for the same content, and nothing to who lacks the secret. */
export function conceal(digested: string, secret: Secret): string {
  return secret.hash(digested).slice(0, DIGEST_LENGTH);
}

/** The whole content as sent: what was filled in takes no part, so it must not depend on when the entry came. */
function contentOf(draft: Draft): string {
  const { defaulted, at, value, metadata, source, campaign, medium, currency, status, ...rest } = draft;
  return JSON.stringify({
    ...rest,
    at: isDefaulted(defaulted, "timestamp") ? null : at,
    source: isDefaulted(defaulted, "source") ? null : source,
    campaign: isDefaulted(defaulted, "campaign") ? null : campaign,
    medium: isDefaulted(defaulted, "medium") ? null : medium,
    currency,
    status,
    value: value === null ? null : String(value),
    metadata: metadata === null ? null : canonicalJson(metadata),
  });
}

/**
 * The key of an entry within its type. Lacking one and a timestamp (or when `alwaysNew`), each sending gets a key of its own,
 * which still begins with the content's hash, so that log order goes by content. A click without a `clickId` is given its key as one.
 * Keys made of content are hashed with the secret: they stay after an erasure, and must not confirm a guess at the person.
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

/** Gives a click without a `clickId` the one made for it. */
export function withClickId(draft: Draft, key: string): Draft {
  return draft.type === CLICK && draft.clickId === null
    ? { ...draft, clickId: key, defaulted: draft.defaulted | DEFAULTED.clickId }
    : draft;
}

// What is in the log, and in which order? Entries and profile updates as sent, with defaults filled in (definitions §1, §2, §6).
import { type Decimal, readDecimal } from "./amount.ts";
import type { Name } from "./names.ts";
import { readInstant, type Zone } from "./zone.ts";

export const TYPES = ["click", "lead", "sale", "custom", "refund"] as const;
export type EntryType = (typeof TYPES)[number];
const CREATION = 5;

/** One entry of `POST /events`. */
export interface Sent {
  type: EntryType;
  timestamp: string | number;
  externalId?: string;
  email?: string;
  aliases?: string[];
  name?: string;
  avatar?: string;
  country?: string;
  clickId?: string;
  visitorId?: string;
  event?: string;
  eventId?: string;
  orderId?: string;
  value?: number;
  currency?: string;
  status?: string;
  link?: string;
  campaign?: string;
  source?: string;
  medium?: string;
  url?: string;
  referrer?: string;
  metadata?: Record<string, unknown>;
  /** Of a total of refunds, which comes with a file and not through POST /events: up to when it knows of refunds. */
  totalUntil?: string;
}

/** A status for an instant. */
export interface Said {
  at: number;
  status: string;
}

/** The statuses for one instant, the one that counts first. */
const SAID_FIRST = ["fraud", "rejected", "approved", "pending"];

/** The status that counts: the one said for the newest instant; of those for the same, what was said of an entry, then the first of SAID_FIRST. */
export function statusOf(sent: Said, said: readonly Said[]): string {
  const newest = Math.max(sent.at, ...said.map(({ at }) => at));
  const last = said.filter(({ at }) => at === newest).map(({ status }) => status);
  return SAID_FIRST.find((status) => last.includes(status)) ?? sent.status;
}

export interface Entry {
  type: EntryType;
  at: number;
  key: string;
  email: string | undefined;
  aliases: readonly string[];
  clickId: string | undefined;
  visitorId: string | undefined;
  value: Decimal | undefined;
  currency: string | undefined; // of a refund: as sent
  status: string; // by all that was said of it so far
  /** What was said of it besides what was sent with it, in the order of the calls. */
  said: Said[];
  link: string | undefined;
  campaign: string | undefined;
  source: string | undefined;
  medium: string | undefined;
  sent: Sent;
  content: string; // to recognize replays
  /** The customer whom the externalId led to on arrival. */
  declaredCustomerId: number | undefined;
  /** The customer who owned it when they were erased. */
  erasedCustomerId: number | undefined;
}

/** The content of a POST or PATCH of /customers. */
export interface ProfileUpdate {
  sequence: number;
  customerId: number;
  known: Name | undefined; // told of a customer known by this name alone
  isCreation: boolean;
  at: number;
  calledAt: number;
  key: string;
  emails: readonly string[]; // that this brings, beside the one that the customer was known by
  aliases: readonly string[]; // likewise
  clickId: string | undefined;
  visitorId: string | undefined;
  source: string | undefined;
  campaign: string | undefined;
  profile: Record<string, unknown>;
}

/** Compares text by code points. */
export function comparePoints(a: string, b: string): number {
  const left = Array.from(a, (character) => character.codePointAt(0) ?? 0);
  const right = Array.from(b, (character) => character.codePointAt(0) ?? 0);
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function isProfileUpdate(item: Entry | ProfileUpdate): item is ProfileUpdate {
  return "isCreation" in item;
}

function rank(item: Entry | ProfileUpdate): number {
  return isProfileUpdate(item) ? CREATION : TYPES.indexOf(item.type);
}

/** Log order: time, type, key; of two calls, the earlier one. */
export function byLogOrder(a: Entry | ProfileUpdate, b: Entry | ProfileUpdate): number {
  return (
    a.at - b.at ||
    rank(a) - rank(b) ||
    comparePoints(a.key, b.key) ||
    (isProfileUpdate(a) ? a.sequence : 0) - (isProfileUpdate(b) ? b.sequence : 0)
  );
}

/** Trimmed and lower-cased. */
export function plainEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** In NFC, each once. */
export function plainAliases(aliases: readonly string[] | null | undefined): string[] {
  return [...new Set((aliases ?? []).map((alias) => alias.normalize("NFC")))];
}

/** Blank text counts as absent. */
export function unlessBlank(text: string | null | undefined): string | undefined {
  return text === null || text === undefined || text.trim() === "" ? undefined : text;
}

function parameterOf(url: string | undefined, name: string): string | undefined {
  return url !== undefined && URL.canParse(url) ? unlessBlank(new URL(url).searchParams.get(name)) : undefined;
}

function hostOf(referrer: string | undefined): string | undefined {
  if (referrer === undefined || !URL.canParse(referrer)) return undefined;
  return unlessBlank(new URL(referrer).hostname.replace(/^www\./, ""));
}

/** An entry as the log stores it. `currency` is the workspace's. */
export function toEntry(sent: Sent, zone: Zone, currency: string): Entry {
  const at = readInstant(sent.timestamp, zone);
  const aliases = plainAliases(sent.aliases);
  const money = sent.type !== "click" && sent.value !== undefined;
  const defaulted = {
    ...sent,
    timestamp: at,
    externalId: sent.externalId?.normalize("NFC"),
    email: sent.email === undefined ? undefined : plainEmail(sent.email),
    aliases: aliases.length === 0 ? undefined : aliases,
    currency: sent.currency ?? (money && sent.type !== "refund" ? currency : undefined),
    status: sent.status ?? "approved",
    link: unlessBlank(sent.link),
    campaign: unlessBlank(sent.campaign),
    source: unlessBlank(sent.source),
    medium: unlessBlank(sent.medium),
  };
  const content = JSON.stringify(defaulted, Object.keys(defaulted).sort());
  return {
    type: sent.type,
    at,
    key: (sent.type === "click" ? sent.clickId : sent.type === "sale" ? sent.orderId : undefined) ?? sent.eventId ?? content,
    email: defaulted.email,
    aliases,
    clickId: sent.clickId,
    visitorId: sent.visitorId,
    value: sent.value === undefined ? undefined : readDecimal(sent.value),
    currency: defaulted.currency,
    status: defaulted.status,
    said: [],
    link: defaulted.link,
    campaign: defaulted.campaign ?? parameterOf(sent.url, "utm_campaign"),
    source: defaulted.source ?? parameterOf(sent.url, "utm_source") ?? hostOf(sent.referrer),
    medium: defaulted.medium ?? parameterOf(sent.url, "utm_medium"),
    sent,
    content,
    declaredCustomerId: undefined,
    erasedCustomerId: undefined,
  };
}

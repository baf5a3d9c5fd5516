// How does the input of an entry become a draft? All bad fields are reported together.
import { CLICK, CUSTOM, DEFAULTED, ENTRY_TYPES, REFUND, SALE } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import { EntryInput } from "../entry/input.ts";
import { check } from "../http/check.ts";
import { UNKNOWN_CURRENCY_DECIMALS } from "../ledger/refund-total.ts";
import { isRefundStatus } from "../ledger/status.ts";
import { butNot, colon } from "../value/echo.ts";
import type { Detail } from "../value/error.ts";
import { checkInstant } from "../value/instant.ts";
import { decimalsOf, MAX_MINOR, parseDecimal, requireDecimals } from "../value/money.ts";
import { toNames } from "../value/text.ts";
import type { Draft } from "./draft.ts";
import { originOf, present } from "./origin.ts";

/**
 * A value in minor units of its currency, or its problem. Without a currency it is in ten-thousandths: on a refund, which takes the currency
 * of its sale, and where the currency is unknown because another field is bad.
 */
function checkValue(value: number, type: number, currency: string | null): { minor: bigint } | { message: string } {
  const decimals = currency === null ? UNKNOWN_CURRENCY_DECIMALS : requireDecimals(currency);
  const decimal = parseDecimal(value);
  if (decimal === undefined) return { message: "must be a number" };
  if (decimal.digits < 0n) return { message: `must not be negative${type === SALE ? ", send a refund instead" : ""}${colon(value)}` };
  if (type === REFUND && decimal.digits === 0n) return { message: `must be above 0${butNot(value)}` };
  if (decimal.scale > decimals)
    return { message: `must not have more than ${decimals} decimals in ${currency ?? "any currency"}${colon(value)}` };
  const minor = decimal.digits * 10n ** BigInt(decimals - decimal.scale);
  const most = currency === null ? BigInt(MAX_MINOR) * 10n ** BigInt(UNKNOWN_CURRENCY_DECIMALS) : BigInt(MAX_MINOR);
  if (minor <= most) return { minor };
  const inMajor = currency === null ? MAX_MINOR : MAX_MINOR / 10 ** decimals;
  return { message: `must be at most ${inMajor}${currency === null ? "" : ` ${currency}`} (10^12 minor units)${butNot(value)}` };
}

/** The required fields that are missing from an entry of this type. An unknown type (below 0) requires nothing. */
function checkNeeds(input: Partial<EntryInput>, type: number, byVisitor: boolean): Detail[] {
  const details: Detail[] = [];
  const need = (path: string, message: string) => void details.push({ path, message });
  if (type < 0) return details;
  const conversion = type !== REFUND && type !== CLICK;
  if (conversion && !input.externalId && !input.email && !input.aliases?.length && !input.clickId && !(byVisitor && input.visitorId))
    need("externalId", "is required, unless email, aliases or clickId is given");
  if (type === SALE && input.value == null) need("value", "is required for a sale");
  if (type === CUSTOM && !input.event) need("event", "is required for a custom entry");
  if (type === REFUND && !input.orderId) need("orderId", "is required for a refund: send the orderId of its sale");
  if (type === CLICK && input.status != null) need("status", "is not allowed for a click: conversions and refunds have one");
  if (type === REFUND && input.status != null && !isRefundStatus(input.status))
    need("status", `must be approved or rejected for a refund${butNot(input.status)}`);
  return details;
}

/**
 * Checks one entry in the shape of `/events`. Gives its draft, or all its bad fields; with `most`, about so many of them. `byVisitor`: a visitorId
 * is enough to name whose it is, as in the APIs of others.
 */
export function parseEntry(
  raw: unknown,
  context: Pick<Context, "calendar" | "now" | "config">,
  { most, byVisitor = false }: { readonly most?: number | undefined; readonly byVisitor?: boolean } = {},
): { draft: Draft } | { details: Detail[] } {
  const checked = check(EntryInput, raw, { ...(most !== undefined && { most }) });
  const details = "details" in checked ? checked.details : [];
  const input: Partial<EntryInput> = "details" in checked ? checked.sound : checked.value;
  const type = input.type === undefined ? -1 : ENTRY_TYPES.indexOf(input.type);
  const named = new Set(details.map(({ path }) => path));
  const isNaming = ["externalId", "email", "clickId"].some((path) => named.has(path)) || [...named].some((path) => /^aliases\b/.test(path));
  details.push(...checkNeeds(input, type, byVisitor).filter(({ path }) => !named.has(path) && !(path === "externalId" && isNaming)));
  const origin = originOf(input);
  let defaulted = origin.defaulted;

  let at = context.now();
  if (input.timestamp == null) defaulted |= DEFAULTED.timestamp;
  else {
    const instant = checkInstant(input.timestamp, context);
    if ("at" in instant) at = instant.at;
    else details.push({ path: "timestamp", message: instant.message });
  }

  if (input.currency != null && decimalsOf(input.currency) === undefined)
    details.push({ path: "currency", message: `must be an ISO 4217 currency code${butNot(input.currency)}` });
  const currency = input.currency ?? (type === REFUND || input.value == null ? null : context.config.currency);
  // If the currency or the type is bad, the value is only checked for what no currency allows.
  const isCurrencyKnown = currency !== null && decimalsOf(currency) !== undefined && !named.has("currency");
  const judge = isCurrencyKnown && (type >= 0 || input.currency != null) ? currency : null;
  let value: bigint | null = null;
  if (input.value != null) {
    const money = checkValue(input.value, type, judge);
    if ("minor" in money) value = money.minor;
    else details.push({ path: "value", message: money.message });
  }
  if (details.length > 0) return { details };

  return {
    draft: {
      type,
      at,
      defaulted,
      externalId: input.externalId?.normalize("NFC") ?? null,
      email: input.email?.trim().toLowerCase() ?? null,
      aliases: input.aliases?.length ? JSON.stringify(toNames(input.aliases)) : null,
      name: input.name ?? null,
      avatar: input.avatar ?? null,
      country: input.country ?? null,
      clickId: input.clickId ?? null,
      visitorId: input.visitorId ?? null,
      event: input.event ?? null,
      eventId: input.eventId ?? null,
      orderId: input.orderId ?? null,
      value,
      currency,
      status: type === CLICK ? null : (input.status ?? "approved"),
      link: present(input.link),
      campaign: origin.campaign,
      source: origin.source,
      medium: origin.medium,
      url: present(input.url),
      referrer: present(input.referrer),
      metadata: input.metadata ? JSON.stringify(input.metadata) : null,
      totalUntil: null,
    },
  };
}

// Is this entry the same as the one stored under its key, or a different one? (definitions §1, "Replay")
import { REFUND } from "../../db/schema.ts";
import { toAliases } from "../ledger/name.ts";
import { UNKNOWN_CURRENCY_DECIMALS } from "../ledger/refund-total.ts";
import type { Detail } from "../value/error.ts";
import { requireDecimals } from "../value/money.ts";
import { type Draft, isDefaulted } from "./draft.ts";
import { canonicalJson } from "./key.ts";

/** The stored columns that are compared, named as in a draft. */
export interface SentRow extends Omit<Draft, "value"> {
  value: string | null; // as text: a refund's ten-thousandths can be wider than a double
}

const PLAIN = [
  "externalId",
  "email",
  "aliases",
  "name",
  "avatar",
  "country",
  "visitorId",
  "event",
  "eventId",
  "orderId",
  "status",
  "link",
  "url",
  "referrer",
  "totalUntil",
] as const;
const FOUND = ["campaign", "source", "medium"] as const;

/** Compares value and currency. A refund without a currency is in that of its sale, so both values are compared in ten-thousandths. */
function sameMoney(sent: SentRow, draft: Draft, saleCurrency: string | null): { value: boolean; currency: boolean } {
  if (draft.type !== REFUND)
    return { value: sent.value === (draft.value === null ? null : String(draft.value)), currency: sent.currency === draft.currency };
  const inTenThousandths = (value: bigint | null, currency: string | null) =>
    value === null
      ? null
      : value * 10n ** BigInt(UNKNOWN_CURRENCY_DECIMALS - (currency === null ? UNKNOWN_CURRENCY_DECIMALS : requireDecimals(currency)));
  return {
    value:
      inTenThousandths(sent.value === null ? null : BigInt(sent.value), sent.currency) === inTenThousandths(draft.value, draft.currency),
    currency: (sent.currency ?? saleCurrency ?? draft.currency) === (draft.currency ?? saleCurrency ?? sent.currency),
  };
}

/** The fields in which a replay differs from the first entry; empty if it is the same. Values are not repeated. */
export function differences(sent: SentRow, draft: Draft, saleCurrency: string | null): Detail[] {
  // A field that was erased with its customer cannot be compared. Of aliases, those of others are still there.
  const isGone = (field: (typeof PLAIN)[number]) => {
    if (!isDefaulted(sent.defaulted, "erased")) return false;
    return (
      sent[field] === null || (field === "aliases" && toAliases(sent.aliases).every((alias) => toAliases(draft.aliases).includes(alias)))
    );
  };
  const fields: string[] = PLAIN.filter((field) => sent[field] !== draft[field] && !isGone(field));
  for (const field of FOUND)
    if ((isDefaulted(sent.defaulted, field) ? null : sent[field]) !== (isDefaulted(draft.defaulted, field) ? null : draft[field]))
      fields.push(field);
  if (!isDefaulted(sent.defaulted | draft.defaulted, "timestamp") && sent.at !== draft.at) fields.push("timestamp");
  if (!isDefaulted(sent.defaulted | draft.defaulted, "clickId") && sent.clickId !== draft.clickId) fields.push("clickId");
  const same = sameMoney(sent, draft, saleCurrency);
  if (!same.value) fields.push("value");
  if (!same.currency) fields.push("currency");
  const metadata = (json: string | null) => (json === null ? null : canonicalJson(json));
  const isMetadataGone = isDefaulted(sent.defaulted, "erased") && sent.metadata === null;
  if (metadata(sent.metadata) !== metadata(draft.metadata) && !isMetadataGone) fields.push("metadata");
  return fields.map((path) => ({ path, message: "differs from what was first recorded" }));
}

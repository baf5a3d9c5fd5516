// What may a web page record with a publishable key? Clicks and leads, dated now, without a name of a person.
import { type TSchema, Type } from "@sinclair/typebox";
import { EntryInput } from "../entry/input.ts";
import { check } from "../http/check.ts";
import { OneOf } from "../http/wire.ts";
import type { Detail } from "../value/error.ts";

const { clickId, visitorId, event, url, referrer, link, campaign, source, medium } = EntryInput.properties;

/** Has no externalId, email or other profile field, so that no visitor can claim an identity, and no value, so that none can invent revenue. */
const BrowserEntry: TSchema = Type.Object({
  type: OneOf(["click", "lead"], { description: "What kind of entry this is." }),
  ...{ clickId, visitorId, event, url, referrer, link, campaign, source, medium },
});

const REASON = "a publishable key may not send it, because it is in every visitor's hands: send it from your server with a secret key";
/** The fields that only a server may send. */
const SECRET_FIELDS = new Set(Object.keys(EntryInput.properties).filter((name) => !(name in BrowserEntry.properties)));

/** The problems of an entry from a browser: all that any entry can have, and fields that a publishable key may not send. */
export function browserProblems(raw: unknown): Detail[] {
  const checked = check(BrowserEntry, raw);
  if (!("details" in checked)) return [];
  return checked.details.map(({ path, message }) => {
    if (SECRET_FIELDS.has(path)) return { path, message: `is not allowed: ${REASON}` };
    return { path, message: path === "type" ? `${message}; a publishable key records clicks and leads only` : message };
  });
}

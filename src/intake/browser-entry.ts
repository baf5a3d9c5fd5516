// What may a page tell of its visitor with a publishable key? Clicks and leads, timed now, that name nobody.
import { type TSchema, Type } from "@sinclair/typebox";
import { EntryInput } from "../entry/input.ts";
import { check } from "../http/check.ts";
import { OneOf } from "../http/wire.ts";
import type { Detail } from "../value/error.ts";

const { clickId, visitorId, event, url, referrer, link, campaign, source, medium } = EntryInput.properties;

/** Without externalId, email and the rest of a profile, no visitor can take over an identity; without value, none can make revenue. */
const BrowserEntry: TSchema = Type.Object({
  type: OneOf(["click", "lead"], { description: "What kind of entry this is." }),
  ...{ clickId, visitorId, event, url, referrer, link, campaign, source, medium },
});

const REASON = "a publishable key may not send it, because it is in every visitor's hands: send it from your server with a secret key";
/** What only a server may say. */
const SECRET_FIELDS = new Set(Object.keys(EntryInput.properties).filter((name) => !(name in BrowserEntry.properties)));

/** What is wrong with an entry from a browser, beyond what is wrong with any. */
export function browserProblems(raw: unknown): Detail[] {
  const checked = check(BrowserEntry, raw);
  if (!("details" in checked)) return [];
  return checked.details.map(({ path, message }) => {
    if (SECRET_FIELDS.has(path)) return { path, message: `is not allowed: ${REASON}` };
    return { path, message: path === "type" ? `${message}; a publishable key records clicks and leads only` : message };
  });
}

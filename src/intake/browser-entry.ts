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

/** What is wrong with an entry from a browser, beyond what is wrong with any. */
export function browserProblems(raw: unknown): Detail[] {
  const checked = check(BrowserEntry, raw);
  return "details" in checked ? checked.details : [];
}

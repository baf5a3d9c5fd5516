// Is a page of a Segment message a visit through a link, and where does it come from?
import { type Fields, type Message, toFields, toText } from "./message.ts";

/** Parameters that mark a visit through a link: UTM, and the click ids of ads, which are never the clickId. */
const MARK = /^(utm_\w+|gclid|gbraid|wbraid|dclid|fbclid|msclkid|ttclid|twclid|li_fat_id|epik|ScCid|irclickid|yclid)$/;
/** Second-level names under which countries register domains. */
const REGISTRIES = /^(?:ac|co|com|edu|go|gov|gob|ne|net|nom|or|org|sch)$/;

/** The part of a host that one owner has: `example.co.uk` of `shop.example.co.uk`. It knows the usual registries, not the Public Suffix List. */
export function siteOf(host: string): string {
  const labels = host.toLowerCase().split(".");
  const isUnderRegistry = labels.at(-1)?.length === 2 && REGISTRIES.test(labels.at(-2) ?? "");
  return labels.slice(isUnderRegistry ? -3 : -2).join(".");
}

/** The campaign of a message's context, which libraries in browsers read from the address. */
export function campaignOf({ campaign }: Fields): { source?: string; campaign?: string; medium?: string } {
  const { name, source, medium } = toFields(campaign);
  const sent = { source: toText(source), campaign: toText(name), medium: toText(medium) };
  return Object.fromEntries(Object.entries(sent).filter(([, text]) => text !== undefined));
}

export interface Visit {
  readonly url: string | undefined;
  /** The page of another site that led here. */
  readonly referrer: string | undefined;
}

/** The visit that a page message tells of; undefined if the page was not reached through a link: no campaign, no ad and no other site. */
export function visitOf({ properties, context }: Message): Visit | undefined {
  const page = toFields(context.page);
  const url = toText(properties.url) ?? toText(page.url);
  const referrer = toText(properties.referrer) ?? toText(page.referrer);
  const [at, from] = [url, referrer].map((each) => (each === undefined ? null : URL.parse(each)));
  const isOutside = at != null && from != null && siteOf(at.hostname) !== siteOf(from.hostname);
  const isMarked = [...(at?.searchParams.keys() ?? [])].some((name) => MARK.test(name));
  if (!isOutside && !isMarked && Object.keys(campaignOf(context)).length === 0) return undefined;
  return { url, referrer: isOutside ? referrer : undefined };
}

// Where does an entry come from? Its source, campaign and medium as sent, or else from its url and referrer (definitions §6).
import { DEFAULTED } from "../../db/schema.ts";
import { textProblem } from "../value/text.ts";

interface Origin {
  source: string | null;
  campaign: string | null;
  medium: string | null;
  /** Bits of DEFAULTED: which of the three were not sent. */
  defaulted: number;
}

/** The text, or null if it is absent or blank. */
export function present(text: string | null | undefined): string | null {
  return text == null || text.trim() === "" ? null : text;
}

/** The same for text from a URL. Text that may not be stored, such as a control character from `%00`, also counts as absent. */
function found(text: string | null): string | null {
  return text !== null && textProblem(text) === undefined ? present(text) : null;
}

function hostOf(referrer: string | null): string | null {
  const url = referrer === null ? null : URL.parse(referrer);
  return url === null ? null : found(url.hostname.replace(/^www\./, ""));
}

/** The origin of an entry. A `url` or `referrer` that cannot be parsed contributes nothing, and is no error. */
export function originOf(sent: {
  source?: string | null | undefined;
  campaign?: string | null | undefined;
  medium?: string | null | undefined;
  url?: string | null | undefined;
  referrer?: string | null | undefined;
}): Origin {
  const [source, campaign, medium] = [present(sent.source), present(sent.campaign), present(sent.medium)];
  const url = source === null || campaign === null || medium === null ? present(sent.url) : null;
  const query = url === null ? undefined : URL.parse(url)?.searchParams;
  const utm = (name: string) => found(query?.get(name) ?? null);
  return {
    source: source ?? utm("utm_source") ?? hostOf(present(sent.referrer)),
    campaign: campaign ?? utm("utm_campaign"),
    medium: medium ?? utm("utm_medium"),
    defaulted:
      (source === null ? DEFAULTED.source : 0) | (campaign === null ? DEFAULTED.campaign : 0) | (medium === null ? DEFAULTED.medium : 0),
  };
}

// What differs on a standby, and on a primary that waits for one? A standby refuses writes and says as of when it answers; a primary may answer a write only once a follower has it.
import type { Following } from "../../db/standby.ts";
import { ApiError } from "../value/error.ts";
import { toIso } from "../value/instant.ts";
import type { Endpoint } from "./endpoint.ts";

const RETRY_SECONDS = 5;
/** How long a write waits for a follower. */
const CONFIRM_MS = 5000;
const AS_OF = "X-Data-As-Of";

/** Does it change anything that a standby has too? Signing in is of this server alone. */
function isWrite({ method, keyInQuery, isOfSession, onlyReads }: Endpoint): boolean {
  return (method !== "GET" || keyInQuery === true) && !isOfSession && !onlyReads;
}

/** Makes the check of an endpoint: on a standby it throws SERVICE_UNAVAILABLE for a write, and for what only a primary gives, with the primary's address. */
export function openStandbyCheck(following: () => Following | undefined): (endpoint: Endpoint) => void {
  return (endpoint) => {
    const now = following();
    if (now === undefined || !(isWrite(endpoint) || endpoint.onPrimaryAlone)) return;
    const what = endpoint.onPrimaryAlone ? "and only a primary can be followed" : "which only reads";
    throw new ApiError("SERVICE_UNAVAILABLE", `This is a standby, ${what}. The primary is at ${now.primary}.`, {
      headers: { "Retry-After": String(RETRY_SECONDS), "X-Primary": now.primary },
    });
  };
}

/** Says on an answer of a standby as of when it is: that of what it has received, or of what it has derived if that is earlier. */
export function withAsOf(response: Response, { asOfAt }: Following): Response {
  const derived = response.headers.get(AS_OF);
  const asOf = toIso(asOfAt);
  if (derived === null || derived > asOf) response.headers.set(AS_OF, asOf);
  return response;
}

/** What FOLLOW_ACK needs to know: the newest change, and whether a follower has said in time that they have it. */
export interface Confirmation {
  newest(): number;
  confirmed(seq: number, milliseconds: number): Promise<boolean>;
}

/** Resolves once a follower has all that is stored now. */
export type Confirm = () => Promise<void>;

/**
 * Gives what a write waits for before it is answered; undefined for an endpoint that only reads. It throws SERVICE_UNAVAILABLE after 5 seconds. A
 * write that changed nothing waits too, because it says that what it repeats is stored.
 */
export function openConfirm(endpoint: Endpoint, { newest, confirmed }: Confirmation): Confirm | undefined {
  if (!isWrite(endpoint)) return undefined;
  return async () => {
    if (await confirmed(newest(), CONFIRM_MS)) return;
    throw new ApiError(
      "SERVICE_UNAVAILABLE",
      "This is stored here, but no standby has confirmed it within 5 seconds (FOLLOW_ACK). Send it again: it is recorded once.",
      { headers: { "Retry-After": String(RETRY_SECONDS) } },
    );
  };
}

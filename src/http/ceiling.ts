// May a request still add data, or has the database grown as large as the operator allows?
import type { Key } from "../access/keyring.ts";
import { ApiError } from "../value/error.ts";
import type { Endpoint } from "./endpoint.ts";

/** So many times the ceiling is left for the shop's own server, after publishable keys are refused. */
export const OWN_SHARE = 1.1;
const RETRY_SECONDS = 300;

/** Throws SERVICE_UNAVAILABLE if the key's request would add data and there is no room for it. */
export type Ceiling = (endpoint: Endpoint, key: Key | undefined) => void;

/** Everything that is not only read may add data, unless its endpoint says otherwise. */
function addsData({ method, keyInQuery, worksWhenFull }: Endpoint): boolean {
  return (method !== "GET" || keyInQuery === true) && !worksWhenFull;
}

/**
 * Opens the ceiling of a database that takes `bytesOf()`. Above `maxBytes` it refuses publishable keys, and 10 % above it everybody who
 * adds data. 0: there is no ceiling.
 */
export function openCeiling(maxBytes: number, bytesOf: () => number): Ceiling {
  if (maxBytes === 0) return () => undefined;
  return (endpoint, key) => {
    if (!addsData(endpoint)) return;
    const isPublishable = key?.isPublishable === true;
    if (bytesOf() <= maxBytes * (isPublishable ? 1 : OWN_SHARE)) return;
    throw new ApiError("SERVICE_UNAVAILABLE", "The database has reached MAX_DATABASE_BYTES, so nothing is added. Try again later.", {
      headers: { "Retry-After": String(RETRY_SECONDS) },
    });
  };
}

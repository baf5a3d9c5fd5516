// What does a webhook say? It is made at each attempt, from the row as it is then and from what the key of the endpoint may read then,
// so nothing of an erased person waits to be sent.
import type { Key } from "../../access/keyring.ts";
import type { Context } from "../../context.ts";
import { toCustomerId } from "../../value/id.ts";
import { toIso } from "../../value/instant.ts";
import { requireDecimals, toMajor } from "../../value/money.ts";
import type { Telling } from "../told.ts";
import type { EndpointRow } from "./endpoints.ts";
import type { MessageRow } from "./messages.ts";

export type Payload = (message: MessageRow, endpoint: Pick<EndpointRow, "thresholdMinor">, key: Key) => string;

/** Opens the function that gives a message as JSON. It throws CatchingUp while very many entries of the customer are being moved. */
export function openPayload({ ledger, config }: Pick<Context, "ledger" | "config">, telling: Telling): Payload {
  const decimals = requireDecimals(config.currency);

  function dataOf({ event, subject }: MessageRow, endpoint: Pick<EndpointRow, "thresholdMinor">, key: Key): unknown {
    if (event === "test") return { test: true };
    if (typeof subject === "string") return JSON.parse(subject);
    const isPersonal = key.scopes.has("links:read");
    const mayRead = isPersonal || key.scopes.has("changes:read");
    if (event === "entry.created" || event === "sale.refunded") return mayRead ? telling.entry(subject, isPersonal) : null;
    const id = toCustomerId(subject);
    if (event === "customer.erased") return { id, erased: true };
    ledger.ensureCustomerFresh(subject);
    const customer = mayRead ? telling.customer(subject, isPersonal) : null;
    const reached =
      event === "ltv.reached" && endpoint.thresholdMinor !== null ? { threshold: toMajor(endpoint.thresholdMinor, decimals) } : {};
    return { id, ...reached, customer };
  }

  return (message, endpoint, key) =>
    JSON.stringify({ type: message.event, timestamp: toIso(message.toldAt), data: dataOf(message, endpoint, key) });
}

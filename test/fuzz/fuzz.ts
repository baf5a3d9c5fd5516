// Does any input break the server? Requests are generated from its own OpenAPI document, and each answer is checked against the document.
import fc from "fast-check";
import { createKey, listKeys, revokeKey } from "../../src/access/api-key.ts";
import { createApp } from "../../src/app/app.ts";
import { MOST_ENDPOINTS } from "../../src/feed/webhooks/endpoints.ts";
import { ADMIN_KEY, openWorld, type World } from "../harness.ts";
import { EVERY_PROVIDER } from "../intake/webhooks/story.ts";
import { breaches } from "./conform.ts";
import { providerOf, signatureOf } from "./delivery.ts";
import { type Caller, holdsBadText, MARKER, type Sent, sentOf } from "./mutate.ts";
import { type Document, type Operation, operationsOf, type Schema } from "./operation.ts";
import { draftOf } from "./value.ts";

export interface Found {
  readonly requests: number;
  readonly byStatus: ReadonlyMap<number, number>;
  /** Documented statuses that did not occur, as `GET /customers 429`. Those from 500 on are not expected to. */
  readonly unseen: readonly string[];
  /** The faults of answers, each with its request. */
  readonly faults: readonly string[];
}

/** How many requests one world gets. Its ids are used again and again, but no customer becomes too large. */
const REQUESTS_PER_WORLD = 1500;
const MOST_FAULTS = 20;
/** Requests with an Idempotency-Key are repeated as soon as so many are waiting. */
const MOST_WAITING = 40;
/** Texts that no answer may contain. */
const NEVER = /SQLITE|\bSELECT\b|\bINSERT\b|\.ts:\d|node_modules|\/work\/|\/home\//;
/** The fields whose values an error may repeat: figures, words of the API, currencies, countries and times. No other value may appear. */
const REPEATED = new Set(
  (
    "type timestamp country value currency status createdAt amount date rate page limit sortBy sortOrder week month lead paying minSales minLtv " +
    "maxLtv firstTouchAfter firstTouchBefore firstSaleAfter firstSaleBefore lastSeenAfter lastSeenBefore createdAfter createdBefore activeIn activePeriod firstSaleWithin " +
    "lastSaleAfter lastSaleBefore statusAt after before wait state format mode pageSize includeExpandedFields dryRun by_charge exported_at " +
    "period end start group_by model window_days months summary explain count threshold eventQuantity Content-Type Content-Length"
  ).split(" "),
);
const NO_PROVIDER = Object.fromEntries(Object.keys(EVERY_PROVIDER).map((name) => [name, undefined]));
const ORIGIN = "https://shop.example";

/** The statuses of HTTP and the gate, which any request may get. */
const OF_ANY = new Set([400, 401, 403, 404, 405, 413, 415, 429]);

interface Target {
  readonly world: World;
  readonly keys: Readonly<Record<Caller, string | undefined>>;
  readonly apps: Readonly<Partial<Record<Caller, World["app"]>>>;
}

function openTarget(): Target {
  const world = openWorld({ config: { snapshotTtl: 30, ...EVERY_PROVIDER } });
  const { workspace: context } = world;
  const revoked = createKey(context, { scopes: ["links:read"], name: "revoked" });
  revokeKey(context, listKeys(context)[0]?.id ?? "");
  // Each with a message that can be sent again. Nothing is called: the address is private.
  for (let number = 0; number < MOST_ENDPOINTS - 10; number += 1)
    context.database.sqlite.exec(`
      INSERT INTO webhook_endpoint VALUES (${number + 1}, 'whe_${number}', 'admin', 'https://127.0.0.1:1/', 'customer.created', NULL, 'whsec_c2VjcmV0', 0, 0, 0, NULL);
      INSERT INTO webhook_message (webhook_id, endpoint, event, subject, told_at, since_at) VALUES ('msg_of_whe_${number}', ${number + 1}, 'test', 0, 0, 0);`);
  const other = (config: object) => createApp({ ...context, config: { ...context.config, ...config } }, { checkAnswers: true });
  return {
    world,
    keys: {
      admin: ADMIN_KEY,
      nobody: undefined,
      malformed: `rg_${MARKER}`,
      revoked,
      narrow: createKey(context, { scopes: ["analytics:read"] }),
      browser: createKey(context, { origins: [ORIGIN] }),
      limited: ADMIN_KEY,
      off: ADMIN_KEY,
    },
    apps: { limited: other({ rateLimit: 1, addressRateLimit: 1 }), off: other({ revenueTracking: false, ...NO_PROVIDER }) },
  };
}

function toRequest(sent: Sent, key: string | undefined): Request {
  const search = sent.query.map(([name, text]) => `${name}=${encodeText(text)}`).join("&");
  const path = sent.operation.path.replace("{id}", sent.id).replace("{delivery}", `msg_of_${sent.id}`);
  const headers = new Headers(sent.body === undefined ? {} : { "content-type": "application/json" });
  for (const [name, value] of Object.entries(sent.headers)) if (/^[\x20-\x7e\xa0-\xff]*$/.test(value)) headers.set(name, value);
  if (key !== undefined) headers.set("authorization", `Bearer ${key}`);
  if (sent.caller === "browser") headers.set("origin", ORIGIN);
  // Callers without a key are those without a signature.
  const provider = key === undefined ? undefined : providerOf(path);
  if (provider && sent.body !== undefined)
    for (const [name, value] of Object.entries(signatureOf(provider, sent.body))) headers.set(name, value);
  const hasBody = sent.body !== undefined && sent.method !== "GET" && sent.method !== "HEAD";
  const init = { method: sent.method, headers, ...(hasBody && { body: sent.body }) };
  return new Request(`http://${sent.host}${path}${search === "" ? "" : `?${search}`}`, init as RequestInit);
}

/** A lone surrogate cannot be percent-encoded, so it is left to `Request`. */
function encodeText(text: string): string {
  return text.isWellFormed() && !text.includes("%") ? encodeURIComponent(text) : text;
}

function describe(sent: Sent): string {
  return `${sent.method} ${sent.operation.path} id=${sent.id.slice(0, 60)} caller=${sent.caller} host=${sent.host} query=${JSON.stringify(sent.query).slice(0, 300)} headers=${JSON.stringify(sent.headers).slice(0, 200)} body=${sent.body?.slice(0, 400)}`;
}

/** The faults of an answer. */
function faultsOf(sent: Sent, operation: Operation, response: Response, text: string, failure: Schema): string[] {
  const { status, headers } = response;
  const documented = operation.answers.has(status);
  const faults: string[] = [];
  const unless = (kept: boolean, what: string) => void (kept || faults.push(what));
  // A busy machine may be too slow for the demo; 503 is for a store that cannot be used in time, and says when to come again.
  if (status === 503) unless(/^\d+$/.test(headers.get("retry-after") ?? ""), "has no Retry-After");
  else unless(status < 500, `is ${status}`);
  unless(headers.get("x-request-id") !== null, "has no X-Request-Id");
  if (!documented)
    unless((sent.isOdd && OF_ANY.has(status)) || (status === 204 && sent.method === "OPTIONS"), `is ${status}, which is not documented`);
  // Arrays are answered with their bad entries, /conversions/* ignores unknown fields, /v1/* leaves out bad ones, and what providers deliver is trimmed.
  if (
    sent.method === operation.method &&
    !["GET", "DELETE"].includes(sent.method) && // whose bodies nobody reads
    sent.body?.startsWith("{") &&
    !/^\/(?:conversions|v1|webhooks)\//.test(operation.path) &&
    holdsBadText(sent.body)
  )
    unless(status >= 400, "takes text that no field takes");
  if (status === 429) unless(/^\d+$/.test(headers.get("retry-after") ?? ""), "has no Retry-After");
  if (status === 405) unless(headers.get("allow") !== null, "has no Allow");
  if (text === "") return faults;
  const media = headers.get("content-type")?.split(";", 1)[0] ?? "";
  if (status < 400 && media !== "application/json") {
    unless(operation.media.get(status)?.includes(media) === true, `is ${media}, which is not documented`);
    return faults;
  }
  // An error without a schema of its own is in the shape of the path's errors, or in that of unknown paths.
  const own = operation.answers.get(status);
  const shapes = status < 400 || (own && !sent.isOdd) ? [own] : [own ?? operation.answers.get(401), failure];
  const body = parse(text);
  unless(body !== undefined, "is no JSON");
  if (body !== undefined && sent.method === sent.operation.method) {
    const found = shapes.map((schema) => (schema ? breaches(schema, body) : []));
    if (found.every((each) => each.length > 0)) faults.push(...(found[0] ?? []));
  }
  if (status >= 400) {
    const error = (body as { error?: { message?: string; details?: { path: string; message: string }[] } }).error;
    const strict = (error?.details ?? []).filter(({ path }) => !REPEATED.has(path.split(".").at(-1) ?? ""));
    // The message of another API's error has the details in it.
    const sentence = (error?.details ?? []).reduce((text, { message }) => text.replaceAll(message, ""), error?.message ?? "");
    const said = [sentence, ...strict.map(({ message }) => message)].join("\n");
    unless(!said.includes(MARKER), "says a value of the input");
    unless(!NEVER.test(text), "says something of the inside");
  }
  return faults;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Sends a number of requests, and repeats some with an Idempotency-Key. The same seed sends the same. */
export async function fuzz(requests: number, seed: number): Promise<Found> {
  const byStatus = new Map<number, number>();
  const seen = new Set<string>();
  const faults: string[] = [];
  let operations: readonly Operation[] = [];
  let sentSoFar = 0;

  /** Sends one request to a world, and records its answer. */
  async function send(target: Target, failure: Schema, sent: Sent): Promise<void> {
    const app = target.apps[sent.caller] ?? target.world.app;
    const response = await app.handle(toRequest(sent, target.keys[sent.caller]));
    const text = await response.text();
    sentSoFar += 1;
    byStatus.set(response.status, (byStatus.get(response.status) ?? 0) + 1);
    // An id such as `count` leads to another route.
    const path = sent.operation.path.replace("{id}", sent.id);
    const method = sent.method === "HEAD" ? "GET" : sent.method; // which is documented for both
    const operationAt = (at: string) => operations.find((each) => each.method === method && each.path === at);
    const operation = operationAt(path) ?? operationAt(sent.operation.path) ?? sent.operation;
    if (sent.method === operation.method) seen.add(`${operation.method} ${operation.path} ${response.status}`);
    for (const fault of faultsOf(sent, operation, response, text, failure))
      if (faults.length < MOST_FAULTS) faults.push(`an answer ${fault}: ${describe(sent)} → ${text.slice(0, 300)}`);
  }

  for (let round = 0; sentSoFar < requests; round += 1) {
    const target = openTarget();
    const described = JSON.parse((await target.world.request("GET", "/docs/json")).text) as Document;
    operations = operationsOf(described);
    const failure = described.components.schemas.Failure ?? {};
    // More writes than reads, so that reports have data and ids meet.
    const weighted = operations.map((operation) => ({ weight: operation.body ? 3 : 2, arbitrary: draftOf(operation) }));
    const size = Math.min(REQUESTS_PER_WORLD, requests - sentSoFar);
    const waiting: Sent[] = [];
    for (const sent of fc.sample(sentOf(fc.oneof(...weighted)), { numRuns: size, seed: seed + round })) {
      await send(target, failure, sent);
      if (sent.method === "POST" && sent.headers["Idempotency-Key"]) waiting.push(sent);
      const again = waiting.length > MOST_WAITING ? waiting.shift() : undefined;
      if (again) await send(target, failure, again);
    }
    for (const app of Object.values(target.apps)) app.close();
    target.world.close();
  }
  const documented = operations.flatMap(({ method, path, answers }) =>
    [...answers.keys()].filter((status) => status < 500).map((status) => `${method} ${path} ${status}`),
  );
  return { requests: sentSoFar, byStatus, unseen: documented.filter((each) => !seen.has(each)), faults };
}

/** The share of answers from 200 to 299. */
export function shareOfSuccess({ requests, byStatus }: Found): number {
  return [...byStatus].reduce((sum, [status, count]) => sum + (status >= 200 && status < 300 ? count : 0), 0) / requests;
}

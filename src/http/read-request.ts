// What is the input of a request? Its path parameters, query and body, with all their problems.
import { Type } from "@sinclair/typebox";
import { ApiError, type Detail, invalid } from "../value/error.ts";
import { MAX_BODY_BYTES, parseJson, readBytes, readJsonBytes, requireBytes, streamBytes } from "./body.ts";
import { type CheckedInput, checkBody, paramProblems } from "./carry-out.ts";
import { type Endpoint, isSigned } from "./endpoint.ts";
import { type Attempt, IDEMPOTENCY_KEY, type Idempotency } from "./idempotency.ts";
import { MAX_PAGE_BODY_BYTES } from "./page-limits.ts";
import { readQuery } from "./query.ts";
import type { RequestContext } from "./request-context.ts";

export type Params = Readonly<Record<string, string | null>>;

/** The input of a request, and its attempt if it has an Idempotency-Key. */
export interface ReadRequest extends CheckedInput {
  readonly attempt: (() => Attempt) | undefined;
}

const NO_PARAMETERS = Type.Object({});
/** How many parsed queries each endpoint caches, and up to which length: a dashboard repeats the same few. */
const MOST_CACHED_QUERIES = 200;
const MOST_CACHED_CHARACTERS = 200;

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Makes the function that reads an endpoint's query strings. It throws 400 for one that is not percent-encoded UTF-8. */
function openQueryReader({ query, keyInQuery, lenient = false }: Endpoint): (search: string, details: Detail[]) => object {
  const schema = query ?? NO_PARAMETERS;
  const cache = new Map<string, object>();
  return (text, details) => {
    if (text === "" && !query) return {};
    const known = cache.get(text);
    if (known) return { ...known };
    if (text.includes("%") && !isEncoded(text))
      throw invalid([{ path: "", message: "is not valid percent-encoded UTF-8" }], "The query cannot be read.");
    const search = new URLSearchParams(text);
    if (keyInQuery) search.delete("key");
    const checked = readQuery(schema, search, { lenient });
    if ("details" in checked) {
      details.push(...checked.details);
      return checked.sound;
    }
    if (cache.size >= MOST_CACHED_QUERIES) cache.clear();
    if (text.length <= MOST_CACHED_CHARACTERS && !keyInQuery) cache.set(text, { ...checked.value });
    return checked.value;
  };
}

/**
 * Makes the function that reads an endpoint's requests. It gives a promise only if there is a body to wait for. `checkCaller` is called if the
 * key is in the body, as soon as the caller is admitted; it throws why they may not call.
 */
export function openRequestReader(
  endpoint: Endpoint,
  idempotency: Pick<Idempotency, "identify">,
  checkCaller: (context: RequestContext) => void,
) {
  const problemsOf = paramProblems(endpoint.path);
  const readSearch = openQueryReader(endpoint);
  const { admission, body: schema, maxBytes = MAX_BODY_BYTES, foreign } = endpoint;

  /** The attempt of a POST with an Idempotency-Key. Its hash covers the path, the query and the body. */
  function attemptOf({ request, key, path, search }: RequestContext, raw: unknown, details: Detail[]): (() => Attempt) | undefined {
    const text = endpoint.method === "POST" && !endpoint.isSafeToRepeat ? request.headers.get("idempotency-key") : null;
    if (text === null) return undefined;
    if (foreign?.hasMessageIds) {
      details.push({ path: "Idempotency-Key", message: "is not used here, because each message has its own messageId" });
      return undefined;
    }
    if (key?.isPublishable) {
      // All visitors of a page share this key. One would get the answer to another, or keep the other's entry out.
      details.push({ path: "Idempotency-Key", message: "is not allowed with a publishable key, because all visitors share the key" });
      return undefined;
    }
    if (IDEMPOTENCY_KEY.test(text)) {
      const content = raw instanceof Uint8Array ? Buffer.from(raw).toString("base64") : raw;
      return () => idempotency.identify(key?.id ?? "", text, JSON.stringify([path, search, content]));
    }
    details.push({ path: "Idempotency-Key", message: "must be 1 to 255 visible ASCII characters, without spaces" });
    return undefined;
  }

  /** The size of the body as its headers say; undefined: only reading tells it, or whose it is. */
  function declaredBytes({ request: { headers }, admitKey }: RequestContext, most: number): number | undefined {
    const length = headers.get("content-length");
    if (length === null || admitKey || headers.has("content-encoding")) return undefined;
    return Number(length) <= most ? Number(length) : undefined;
  }

  /** Counts the entries of a body against the limits. Gives the same body. */
  function countEntries(context: RequestContext, raw: unknown): unknown {
    const { charge } = context;
    if (charge) context.headers = { ...context.headers, ...charge.entries(foreign?.entriesOf?.(raw) ?? raw) };
    return raw;
  }

  /** Parses a body, and admits its caller by the key in it. A body that cannot be read has none. */
  async function admitByBody(context: RequestContext, reading: Promise<Uint8Array>): Promise<unknown> {
    let raw: unknown;
    try {
      raw = await parseJson(await reading, foreign?.bodyLimits);
    } catch (error) {
      if (!(error instanceof ApiError) || error.code === "PAYLOAD_TOO_LARGE") throw error;
    }
    context.admitKey?.(foreign?.keyInBody?.(raw));
    checkCaller(context);
    return raw;
  }

  /**
   * Reads the body, as JSON or bytes, and counts it. Throws 401 if the endpoint requires a signature and there is no valid one, and 429 if
   * the body exceeds a limit.
   */
  async function readRaw(context: RequestContext): Promise<unknown> {
    const { request } = context;
    if (schema === "stream") return streamBytes(request, maxBytes);
    if (schema !== "bytes") {
      const most = context.key?.isPublishable ? Math.min(maxBytes, MAX_PAGE_BODY_BYTES) : maxBytes;
      const declared = declaredBytes(context, most);
      if (declared !== undefined) context.charge?.bytes(declared); // refused before it is read
      const reading = readJsonBytes(request, most, foreign?.takesForms);
      const raw = context.admitKey ? await admitByBody(context, reading) : undefined;
      const json = await reading;
      if (declared === undefined) context.charge?.bytes(json.byteLength);
      return countEntries(context, raw ?? (await parseJson(json, foreign?.bodyLimits)));
    }
    const bytes = await readBytes(request, maxBytes);
    if (isSigned(admission) && !(await admission.verify(request.headers, bytes)))
      throw new ApiError("UNAUTHORIZED", "The signature is missing or not one of this body.");
    return requireBytes(bytes);
  }

  return (context: RequestContext, params: Params): ReadRequest | Promise<ReadRequest> => {
    const toRead = (raw: unknown, query?: object, found: Detail[] = []): ReadRequest => {
      const details = query ? found : problemsOf(params);
      const sound = query ?? readSearch(context.search, details);
      const { body, details: bad } = checkBody(endpoint, raw);
      details.push(...bad);
      return { params, query: sound, body, details, attempt: attemptOf(context, raw, details) };
    };
    if (!schema) {
      const details = problemsOf(params);
      const query = readSearch(context.search, details);
      return { params, query, body: undefined, details, attempt: attemptOf(context, undefined, details) };
    }
    if (isSigned(admission)) return readRaw(context).then((raw) => toRead(raw)); // the signature is checked before any input
    const details = problemsOf(params);
    const query = readSearch(context.search, details);
    return readRaw(context).then((raw) => toRead(raw, query, details));
  };
}

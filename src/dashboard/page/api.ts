// How does the dashboard ask the API? By GETs with the session; whatever changes something carries the key itself.
import { BASE } from "./address.ts";

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Why a request failed, in words for the visitor. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: readonly { readonly path: string; readonly message: string }[];
  /** In how many seconds it may be tried again, if the server says so. */
  readonly retryAfter: number | undefined;

  constructor(status: number, code: string, message: string, details: Problem["details"] = [], retryAfter?: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
    this.retryAfter = retryAfter;
  }
}

/** What the newest answers say about how current they are. */
export interface Freshness {
  /** How many acknowledged entries are not in the figures yet. */
  readonly behind: number;
  readonly asOf: string | undefined;
  /** When the newest report was computed. */
  readonly computedAt: string | undefined;
}

let signedOut: () => void = () => undefined;
let heardFreshness: (freshness: Freshness) => void = () => undefined;
/** Says who is told that the session has ended, and how current the answers are. */
export function listen(told: { signedOut: () => void; freshness: (freshness: Freshness) => void }): void {
  signedOut = told.signedOut;
  heardFreshness = told.freshness;
}

/** The path of a GET with its query. Undefined values are left out. */
export function toUrl(path: string, query: Query = {}, parameters: Readonly<Record<string, string>> = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ""));
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString();
  return `${BASE}${filled}${search === "" ? "" : `?${search}`}`;
}

async function toProblem(response: Response): Promise<Problem> {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  const retryAfter = Number.isFinite(seconds) ? seconds : undefined;
  try {
    const { error } = (await response.json()) as { error: { code: string; message: string; details?: Problem["details"] } };
    return new Problem(response.status, error.code, error.message, error.details, retryAfter);
  } catch {
    return new Problem(
      response.status,
      "UNREADABLE",
      `The server answered ${response.status}, and nothing that can be read.`,
      [],
      retryAfter,
    );
  }
}

interface SendOptions {
  readonly key?: string;
  readonly body?: unknown;
  /** Sent as it is, instead of a `body`. */
  readonly file?: Blob;
  readonly signal?: AbortSignal;
  /**
   * `no-cache` asks the server whether the browser's copy is still right, and whether the caller may still see it. `reload` also goes past
   * the reports that the server keeps.
   */
  readonly cache?: "no-cache" | "reload";
}

/** Sends a request. `key`: for what a session may not do. Throws a Problem for everything but a good answer. */
export async function send(method: string, url: string, options: SendOptions = {}): Promise<Response> {
  const { key, body, file, signal, cache = "no-cache" } = options;
  const headers = new Headers({ "X-Dashboard": "1" });
  if (key !== undefined) headers.set("Authorization", `Bearer ${key}`);
  if (body !== undefined) headers.set("Content-Type", "application/json");
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers,
      cache,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(file && { body: file }),
      ...(signal && { signal }),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new Problem(0, "UNREACHABLE", "The server cannot be reached. Is it running?");
  }
  if (response.ok) return response;
  const problem = await toProblem(response);
  if (response.status === 401 && key === undefined) signedOut();
  throw problem;
}

/** The body of the answer to a GET. */
export async function get<Body>(url: string, options: Pick<SendOptions, "signal" | "cache"> = {}): Promise<Body> {
  const response = await send("GET", url, options);
  const body = (await response.json()) as Body & { readonly data?: { readonly computedAt?: string } };
  heardFreshness({
    behind: Number(response.headers.get("x-behind") ?? 0),
    asOf: response.headers.get("x-data-as-of") ?? undefined,
    computedAt: body.data?.computedAt,
  });
  return body;
}

/** Signs in with a key. */
export async function signIn(key: string): Promise<void> {
  await send("POST", `${BASE}/session`, { key });
}

/** Ends the session. One that has ended already is no failure. */
export async function signOut(): Promise<void> {
  await send("DELETE", `${BASE}/session`).catch((error) => {
    if (!(error instanceof Problem) || error.status !== 401) throw error;
  });
}

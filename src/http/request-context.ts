// What does the server know about a request while it is answered? Its URL is parsed here, once.
import type { Key } from "../access/keyring.ts";
import type { Log } from "../host/log.ts";
import type { Addressee } from "./answer.ts";
import type { Charge } from "./charge.ts";
import type { Asked } from "./endpoint.ts";

/** Counts answered requests, for the metrics. */
export interface RequestCount {
  /** Counts an answered request. `route`: the pattern, never the path. */
  note(method: string, route: string, status: number, milliseconds: number): void;
  /** Counts the answer of a report by its `X-Cache`: `HIT` or `MISS`. */
  noteCache(said: string): void;
}

/** A request, its caller, and the headers of every response to them. */
export class RequestContext implements Addressee, Asked {
  readonly requestId: string = crypto.randomUUID();
  readonly startedAt: number = performance.now();
  readonly request: Request;
  readonly method: string;
  readonly url: string;
  /** The path without the optional prefix `/api`, which has no meaning. */
  readonly path: string;
  /** The query string as it was sent, without its question mark. */
  readonly search: string;
  /** The index in the URL at which the path begins. */
  readonly pathStart: number;
  key: Key | undefined = undefined;
  /** Counts the body against the limits. Undefined: there are none. */
  charge: Charge | undefined = undefined;
  /** The key is in the body: admits the caller once it has been read, or throws why not. Undefined once they are admitted. */
  admitKey: ((text: string | undefined) => void) | undefined = undefined;
  headers: Addressee["headers"] = {};

  constructor(request: Request) {
    const { url } = request;
    const start = url.indexOf("/", url.indexOf("://") + 3);
    const query = url.indexOf("?", start);
    const path = query === -1 ? url.slice(start) : url.slice(start, query);
    this.request = request;
    this.method = request.method;
    this.url = url;
    this.pathStart = start;
    this.path = path.startsWith("/api/") ? path.slice(4) : path === "/api" ? "/" : path;
    this.search = query === -1 ? "" : url.slice(query + 1);
  }

  /** `Cache-Control: no-cache`: the caller wants a fresh answer. */
  get isNoCache(): boolean {
    const header = this.request.headers.get("cache-control");
    return header !== null && /(?:^|[\s,])no-cache(?:$|[\s,=])/i.test(header);
  }

  get ifNoneMatch(): string | null {
    return this.header("if-none-match");
  }

  header(name: string): string | null {
    return this.request.headers.get(name);
  }
}

/** The route in the log of a request that matched no route or was not admitted. */
export const NO_ROUTE = "(none)";

/** Writes one line per request: the route's pattern, never its path, which may hold an `externalId`. */
export function logRequest(
  { log, requests }: { readonly log: Log; readonly requests?: RequestCount },
  { requestId, startedAt, method, key }: RequestContext,
  route: string,
  status: number,
): void {
  const milliseconds = Math.round((performance.now() - startedAt) * 100) / 100;
  // An undefined key is left out of the JSON.
  log.info({ message: "request", requestId, method, route, status, milliseconds, key: key?.id });
  requests?.note(method, route, status, milliseconds);
}

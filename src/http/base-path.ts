// Under which path does the world see the server, and which spelling of a path is the one that routes have?

export interface BasePath {
  /** The request as if it came without the base in front, without doubled slashes and without one at the end; the same one when it did. */
  inner(request: Request): Request;
  /** The request that came in, of one that `inner` gave: the only one whose connection is known. */
  outer(request: Request): Request;
}

/** The path as routes are written: `//customers/` is `/customers`. */
function tidied(path: string): string {
  const single = path.includes("//") ? path.replace(/\/{2,}/g, "/") : path;
  return single.length > 1 && single.endsWith("/") ? single.slice(0, -1) : single;
}

/** `base`: `/analytics`; empty: none. A proxy may pass requests on with it in front, or take it off. */
export function openBasePath(base: string): BasePath {
  const outers = new WeakMap<Request, Request>();

  function withoutBase(path: string): string {
    if (base === "" || !path.startsWith(base)) return path;
    return path.length === base.length ? "/" : path.startsWith("/", base.length) ? path.slice(base.length) : path;
  }

  return {
    inner(request) {
      const { url } = request;
      const start = url.indexOf("/", url.indexOf("://") + 3);
      if (start === -1) return request;
      const query = url.indexOf("?", start);
      const path = query === -1 ? url.slice(start) : url.slice(start, query);
      const wanted = withoutBase(tidied(path));
      if (wanted === path) return request;
      const inner = new Request(url.slice(0, start) + wanted + (query === -1 ? "" : url.slice(query)), request);
      outers.set(inner, request);
      return inner;
    },
    outer: (request) => outers.get(request) ?? request,
  };
}

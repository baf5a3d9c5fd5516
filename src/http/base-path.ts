// Under which path is the server public, and how is a path spelled in the routes?

export interface BasePath {
  /** The request without the base path, double slashes and a trailing slash; the same object if it has none of them. */
  inner(request: Request): Request;
  /** The original of a request that `inner` gave. Only the original has a known connection. */
  outer(request: Request): Request;
}

/** The path as it is spelled in routes: `/customers` for `//customers/`. */
function tidied(path: string): string {
  const single = path.includes("//") ? path.replace(/\/{2,}/g, "/") : path;
  return single.length > 1 && single.endsWith("/") ? single.slice(0, -1) : single;
}

/** `base` is a path such as `/analytics`, or empty. A proxy may keep it in the paths that it passes on, or remove it. */
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

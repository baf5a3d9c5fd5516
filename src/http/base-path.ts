// Under which path does the world see the server? A proxy may pass requests on with that path in front, or take it off.

export interface BasePath {
  /** The request as if it came without the path in front; the same one when it did. */
  inner(request: Request): Request;
  /** The request that came in, of one that `inner` gave: the only one whose connection is known. */
  outer(request: Request): Request;
}

/** `base`: `/analytics`; empty: none. */
export function openBasePath(base: string): BasePath {
  const outers = new WeakMap<Request, Request>();
  return {
    inner(request) {
      if (base === "") return request;
      const start = request.url.indexOf("/", request.url.indexOf("://") + 3);
      if (start === -1 || !request.url.startsWith(`${base}/`, start)) return request;
      const inner = new Request(request.url.slice(0, start) + request.url.slice(start + base.length), request);
      outers.set(inner, request);
      return inner;
    },
    outer: (request) => outers.get(request) ?? request,
  };
}

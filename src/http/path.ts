// Which path of the API does a URL name?

/** The path of a URL without the optional `/api` in front, which means nothing. */
export function toPath(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const query = url.indexOf("?", start);
  const path = start === -1 ? "/" : query === -1 ? url.slice(start) : url.slice(start, query);
  return path.startsWith("/api/") ? path.slice(4) : path;
}

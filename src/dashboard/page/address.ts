// Where is the visitor, and how do they get elsewhere? The whole state of the dashboard is in the URL, so that a link shows the same.
import { useEffect, useState } from "preact/hooks";

/** The path under which the server is public: what precedes `/app/assets/…` in the URL of this script. */
export const BASE: string = new URL(import.meta.url).pathname.replace(/\/app\/assets\/[^/]*$/, "");

export interface Address {
  /** Below the base path: `/app/cohorts`. */
  readonly path: string;
  readonly query: URLSearchParams;
}

type Values = Readonly<Record<string, string | undefined>>;

/** The path without the prefix `/api`, under which the page works too. */
const read = (): Address => ({
  path: location.pathname.slice(BASE.length).replace(/\/+$/, "") || "/",
  query: new URLSearchParams(location.search),
});

const listeners = new Set<(address: Address) => void>();
const tell = (): void => {
  const address = read();
  for (const listener of listeners) listener(address);
};

/** The address, now and after each change. */
export function useAddress(): Address {
  const [address, setAddress] = useState(read);
  useEffect(() => {
    listeners.add(setAddress);
    addEventListener("popstate", tell);
    return () => {
      listeners.delete(setAddress);
      removeEventListener("popstate", tell);
    };
  }, []);
  return address;
}

/** The URL of a screen. Undefined values are left out. */
export function toHref(path: string, values: Values = {}): string {
  const given = Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== "");
  const search = new URLSearchParams(given).toString();
  return `${BASE}${path}${search === "" ? "" : `?${search}`}`;
}

/** Goes to a URL of the dashboard. The top of the page is shown, unless only the query changes. */
export function goTo(href: string, { replace = false } = {}): void {
  const isElsewhere = new URL(href, location.href).pathname !== location.pathname;
  history[replace ? "replaceState" : "pushState"](null, "", href);
  if (isElsewhere) scrollTo(0, 0);
  tell();
}

/** Changes parts of the query, and leaves the rest. Undefined takes a part away. */
export function setQuery(values: Values, options?: { replace?: boolean }): void {
  const { path, query } = read();
  goTo(toHref(path, { ...Object.fromEntries(query), ...values }), options);
}

/** Lets plain clicks on links of the dashboard change the address without loading the page anew. */
export function followLinks(): void {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey && !event.defaultPrevented;
    if (!link || !isPlain || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    const path = link.pathname.slice(BASE.length);
    if (!link.pathname.startsWith(BASE) || !(path === "" || path === "/" || path.startsWith("/app/"))) return;
    event.preventDefault();
    goTo(link.href);
  });
}

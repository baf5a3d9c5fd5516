// How does a test run the script of pages without a browser? In a page made of plain objects, whose requests go to a world.
import { createKey } from "../../src/access/api-key.ts";
import { minifiedScript } from "../../src/browser/routes.ts";
import type { World } from "../harness.ts";

export const ORIGIN = "https://shop.example";

/** What the script offers to the page. */
export interface Regulars {
  clickId(): string | undefined;
  visitorId(): string | undefined;
  lead(event?: string): void;
  consent(isGiven: boolean): void;
}

export interface Visit {
  /** The attributes of the script's tag, as in `dataset`. */
  readonly data?: Readonly<Record<string, string>>;
  readonly referrer?: string;
  /** The type of the navigation. */
  readonly way?: string;
  readonly navigator?: object;
  readonly hasNoCrypto?: boolean;
  /** The address that a router made of it before the script ran. */
  readonly rewritten?: string;
}

export interface Page {
  readonly regulars: Regulars;
  /** Goes to another route of a single-page app. */
  push(path: string): void;
}

/** A memory like `localStorage`. */
class Memory {
  readonly values = new Map<string, string>();
  getItem = (name: string) => this.values.get(name) ?? null;
  setItem = (name: string, value: string) => void this.values.set(name, value);
  removeItem = (name: string) => void this.values.delete(name);
}

/** A browser at the shop, which may visit it many times. `public suffix`: `example`. */
export async function openBrowser(world: World, origin: string = ORIGIN) {
  const code = await minifiedScript();
  const key = createKey(world.workspace, { origins: [origin] });
  const [localStorage, sessionStorage, cookies] = [new Memory(), new Memory(), new Map<string, string>()];
  const sent: { body: Record<string, string>; answer: Promise<Response> }[] = [];
  class HTMLScriptElement {
    readonly src = "https://stats.example/r.js";
    constructor(readonly dataset: Readonly<Record<string, string>>) {}
  }
  class PerformanceNavigationTiming {
    constructor(
      readonly name: string,
      readonly type: string,
    ) {}
  }

  function fetch(url: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("origin", origin);
    const answer = world.app.handle(new Request(url, { method: "POST", headers, body: String(init.body) }));
    sent.push({ body: JSON.parse(String(init.body)), answer });
    return answer;
  }

  /** Opens an address: a path, or a whole URL. */
  function open(
    address: string,
    { data = {}, referrer = "", way = "navigate", navigator = {}, rewritten, hasNoCrypto = false }: Visit = {},
  ): Page {
    const location = new URL(rewritten ?? address, origin);
    const tag = new HTMLScriptElement({ key, ...data });
    const document = {
      currentScript: tag,
      referrer,
      get cookie() {
        return [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      },
      set cookie(text: string) {
        const [pair = "", ...attributes] = text.split(";");
        const [name = "", value = ""] = pair.split("=");
        const isPublicSuffix = attributes.includes("domain=example");
        if (attributes.includes("max-age=0")) cookies.delete(name);
        else if (!isPublicSuffix) cookies.set(name, value);
      },
    };
    const history = {
      pushState: (_state: unknown, _title: string, path: string) => void Object.assign(location, { href: new URL(path, location).href }),
    };
    const window: { regulars?: Regulars } = {};
    const performance = { getEntriesByType: () => [new PerformanceNavigationTiming(new URL(address, origin).href, way)] };
    const globals = {
      window,
      document,
      location,
      history,
      navigator,
      performance,
      localStorage,
      sessionStorage,
      fetch,
      HTMLScriptElement,
      PerformanceNavigationTiming,
      ...(hasNoCrypto && { crypto: undefined }),
    };
    new Function(...Object.keys(globals), code)(...Object.values(globals));
    if (!window.regulars) throw new Error("The script did not start.");
    return { regulars: window.regulars, push: (path) => history.pushState(undefined, "", path) };
  }

  return {
    key,
    open,
    localStorage,
    sessionStorage,
    cookies,
    /** The bodies that were sent so far. */
    bodies: () => sent.map(({ body }) => body),
    /** The statuses of their answers. */
    statuses: async () => (await Promise.all(sent.map(({ answer }) => answer))).map(({ status }) => status),
    /** Closes the tab: the next visit is another session. */
    endSession: () => sessionStorage.values.clear(),
  };
}

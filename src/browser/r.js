// What does a page run to say where its visitors come from? `GET /r.js` serves this file minified. README, "Visits of your pages", explains it.
// It must never disturb the page: it throws nothing, has one global, and reads no clickId from an address unless the page says so.

(() => {
  const tag = document.currentScript ?? document.querySelector('script[data-key][src*="/r.js"]');
  if (!(tag instanceof HTMLScriptElement) || "regulars" in window) return;
  const { key, server, consent, storage, clickParam, ignore = "", respectGpc, bots } = tag.dataset;

  const NAME = "regulars";
  const COOKIE_SECONDS = 400 * 86_400; // the most that browsers allow
  const FIRST_RETRY_MS = 2000;
  const LAST_RETRY_MS = 60_000;
  /** The parameters that mark a visit through a link. All others are cut from addresses, because they may be secret or personal. */
  const MARK = /^(utm_\w+|gclid|gbraid|wbraid|dclid|fbclid|msclkid|ttclid|twclid|li_fat_id|epik|ScCid|irclickid|yclid|cid|dub_id|via|ref)$/;
  /** Hosts where a visitor pays or signs in. Coming back from one is the same visit. */
  const DETOUR =
    /^(checkout|buy|billing|invoice|hooks|pay|payments)\.(stripe|klarna|paddle|shopify|adyen|mollie)\.com$|^www\.mollie\.com$|(^|\.)paypal\.com$|\.lemonsqueezy\.com$|(^|\.)polar\.sh$|^shop\.app$|^(accounts\.google|appleid\.apple|login\.live|login\.microsoftonline)\.com$/;
  const entries = `${(server ?? tag.src.replace(/\/r\.js.*$/, "")).replace(/\/$/, "")}/events`;

  /** Runs something that a browser may forbid, such as storage. @template T @param {() => T} work */
  const attempt = (work) => {
    try {
      return work();
    } catch {
      return undefined;
    }
  };
  const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

  const isOptedOut = respectGpc !== undefined && "globalPrivacyControl" in navigator && navigator.globalPrivacyControl === true;
  const isSilent = isOptedOut || (navigator.webdriver && bots === undefined);
  const isStoring = storage !== "none";
  /** Whether entries may be sent and ids stored; undefined while the page waits for consent. @type {boolean | undefined} */
  let isAllowed;
  /** What waits for consent. @type {(() => void)[]} */
  let waiting = [];
  let [visitorId, clickId, agreed] = ["", "", ""];
  /** Addresses that were counted in this session. */
  let seen = "";
  /** The widest domain that accepts a cookie, so that subdomains share the ids. @type {string | undefined} */
  let domain;

  /** @param {string} name */
  const readCookie = (name) =>
    document.cookie
      .split("; ")
      .find((each) => each.startsWith(`${name}=`))
      ?.slice(name.length + 1);
  /** @param {string} name @param {string} value @param {string} of @param {number} seconds */
  const writeCookie = (name, value, of, seconds) => {
    const place = `${of && `;domain=${of}`}${location.protocol === "https:" ? ";secure" : ""}`;
    // The Cookie Store API is not in every browser, and not on pages without TLS.
    Reflect.set(document, "cookie", `${name}=${value};path=/;samesite=lax;max-age=${seconds}${place}`);
  };
  const domainOf = () => {
    const labels = location.hostname.split(".");
    for (let from = labels.length - 2; from >= 0; from -= 1) {
      const wide = labels.slice(from).join(".");
      writeCookie(`${NAME}-try`, "1", wide, 9);
      const isKept = readCookie(`${NAME}-try`);
      writeCookie(`${NAME}-try`, "", wide, 0);
      if (isKept) return wide;
    }
    return "";
  };
  const ownDomain = () => {
    domain ??= attempt(domainOf) ?? "";
    return domain;
  };

  const load = () => {
    const kept = attempt(() => readCookie(NAME)) ?? attempt(() => localStorage.getItem(NAME)) ?? "";
    [, visitorId = "", clickId = "", agreed = ""] = /^([\da-f]*)\|([^|]*)\|(1?)$/.exec(kept) ?? [];
    clickId = attempt(() => decodeURIComponent(clickId)) ?? "";
    seen = attempt(() => sessionStorage.getItem(NAME)) ?? "";
  };
  const save = () => {
    if (!isStoring) return;
    const kept = `${visitorId}|${encodeURIComponent(clickId)}|${agreed}`;
    attempt(() => writeCookie(NAME, kept, ownDomain(), COOKIE_SECONDS));
    attempt(() => localStorage.setItem(NAME, kept));
    attempt(() => seen && sessionStorage.setItem(NAME, seen));
  };
  const forget = () => {
    visitorId = clickId = agreed = seen = "";
    waiting = [];
    attempt(() => readCookie(NAME) !== undefined && writeCookie(NAME, "", ownDomain(), 0));
    attempt(() => localStorage.removeItem(NAME));
    attempt(() => sessionStorage.removeItem(NAME));
  };

  /** A click is sent again when it did not arrive: its clickId makes it a replay. @param {{ type: string, [field: string]: unknown }} entry @param {number} [wait] */
  const send = (entry, wait = FIRST_RETRY_MS) => {
    const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json" };
    // `origin`: whatever the page's own policy, the server gets the page's origin, and no address.
    fetch(entries, { method: "POST", keepalive: true, credentials: "omit", referrerPolicy: "origin", headers, body: JSON.stringify(entry) })
      .then(({ status }) => status === 429 || status > 499)
      .catch(() => true)
      .then((isLost) => {
        if (isLost && entry.type === "click" && wait < LAST_RETRY_MS) setTimeout(() => isAllowed && send(entry, wait * 5), wait);
      });
  };

  const ensureVisitorId = () => {
    if (isStoring && !visitorId) visitorId = random();
    return visitorId || undefined;
  };
  /** The parts of an address that may be sent. @param {URL} address */
  const marksOf = ({ searchParams }) =>
    new URLSearchParams([...searchParams].filter(([name]) => MARK.test(name) || name === clickParam)).toString();
  /** @param {string} address @param {string} marks */
  const toUrl = (address, marks) => {
    const { origin, pathname } = new URL(address);
    return `${origin}${pathname}${marks && `?${marks}`}`.slice(0, 8192);
  };
  /** @param {string} host */
  const isOwn = (host) => {
    const own = (isStoring && ownDomain()) || location.hostname.replace(/^www\./, "");
    return host === own || host.endsWith(`.${own}`) || own.endsWith(`.${host.replace(/^www\./, "")}`);
  };
  /** @param {string} host */
  const isDetour = (host) => DETOUR.test(host) || ignore.split(/[\s,]+/).some((each) => each !== "" && `.${host}`.endsWith(`.${each}`));

  /** Sends a click if the visitor came through a link. @param {string} address @param {string} [referrer] absent: within the page */
  const visit = (address, referrer) => {
    const from = referrer ? new URL(referrer) : undefined;
    const url = new URL(address);
    const marks = marksOf(url);
    const isInside = referrer === undefined || (from !== undefined && isOwn(from.hostname));
    if (from && !isInside && isDetour(from.hostname)) return;
    if (!marks && (isInside || !from)) return;
    // Within the site a router may carry the marks from page to page.
    const place = isInside ? marks : `${from?.hostname ?? ""}${url.pathname}?${marks}`;
    if (seen.split("\n").includes(place)) return;
    seen = `${seen}${marks}\n${place}\n`.slice(-10_000);
    clickId = (clickParam && url.searchParams.get(clickParam)?.slice(0, 255).trim()) || random();
    const outside = from && !isInside ? `${from.protocol}//${from.host}${from.pathname}`.slice(0, 8192) : undefined;
    const click = { type: "click", clickId, visitorId: ensureVisitorId(), url: toUrl(address, marks), referrer: outside };
    save();
    send(click);
  };

  /** Does something now, or once consent is given. @param {() => void} work */
  const whenAllowed = (work) => {
    if (isAllowed) attempt(work);
    else if (isAllowed === undefined) waiting.push(work);
  };
  const start = () => {
    isAllowed = true;
    if (visitorId) save(); // the cookie lives longer
    for (const work of waiting.splice(0)) attempt(work);
  };

  const begin = () =>
    attempt(() => {
      if (isSilent) {
        isAllowed = false;
        if (isOptedOut) forget();
        return;
      }
      load();
      const [navigation] = performance.getEntriesByType("navigation");
      const way = navigation instanceof PerformanceNavigationTiming ? navigation.type : "";
      // A router may have rewritten the address before this script ran.
      const landing = navigation && /^https?:/.test(navigation.name) ? navigation.name : location.href;
      const { referrer } = document;
      if (way !== "reload" && way !== "back_forward") whenAllowed(() => visit(landing, referrer));
      if (consent !== "required" || agreed) start();
    });

  const { pushState } = history;
  attempt(() => {
    history.pushState = function (...given) {
      pushState.apply(this, given);
      const { href } = location;
      whenAllowed(() => visit(href));
    };
  });
  Object.assign(window, {
    [NAME]: Object.freeze({
      /** The id of the latest click or lead; undefined if there is none or nothing may be stored. */
      clickId: () => (isAllowed && clickId) || undefined,
      /** The id of this browser; undefined if nothing may be stored. */
      visitorId: () =>
        attempt(() => {
          const id = isAllowed && ensureVisitorId();
          if (id) save();
          return id || undefined;
        }),
      /** Records a lead, such as a newsletter. @param {string} [event] */
      lead: (event) => {
        const { href } = location;
        whenAllowed(() => {
          clickId ||= random();
          const lead = { type: "lead", event, clickId, visitorId: ensureVisitorId(), url: toUrl(href, marksOf(new URL(href))) };
          save();
          send(lead);
        });
      },
      /** Allows everything and remembers it, or forgets everything. @param {boolean} isGiven */
      consent: (isGiven) => {
        if (isSilent) return;
        if (!isGiven) {
          isAllowed = false;
          forget();
          return;
        }
        agreed = "1";
        start();
        save();
      },
    }),
  });
  if ("prerendering" in document && document.prerendering) document.addEventListener("prerenderingchange", begin, { once: true });
  else begin();
})();

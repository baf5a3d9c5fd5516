// GET / and GET /app/…: the dashboard's page and what it loads. Everything is served from this host, and every figure is the API's.
import { Type } from "@sinclair/typebox";
import { type Endpoint, endpoint } from "../http/endpoint.ts";
import { notFound } from "../value/error.ts";
import { type Bundle, loadBundle } from "./bundle.ts";

/** Nothing of another host, nothing inline. `require-trusted-types-for` also refuses text as markup. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

const HEADERS = { "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer" };
const PAGE_HEADERS = {
  ...HEADERS,
  "Content-Type": "text/html; charset=utf-8",
  "Content-Security-Policy": CONTENT_SECURITY_POLICY,
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cache-Control": "no-cache",
};
/** The name of an asset changes with its content. */
const ASSET_HEADERS = { ...HEADERS, "Cache-Control": "public, max-age=31536000, immutable", Vary: "Accept-Encoding" };

/** Each screen, and where the assets are from there. */
const SCREENS: readonly (readonly [path: string, assets: string])[] = [
  ["/", "app/assets/"],
  ["/app/cohorts", "assets/"],
  ["/app/ltv", "assets/"],
  ["/app/customers", "assets/"],
  ["/app/customers/:id", "../assets/"],
  ["/app/attribution", "assets/"],
  ["/app/data", "assets/"],
];

/** The page with its assets under the path `from`. The bundler writes `./name`, or `/name` into a binary. */
function toHtml({ html, assets }: Bundle, from: string): string {
  let text = html;
  for (const name of assets.keys()) text = text.replaceAll(`"./${name}"`, `"/${name}"`).replaceAll(`"/${name}"`, `"${from}${name}"`);
  return text;
}

/** The endpoints of the page. `basePath` is the path under which callers reach the server, or empty. */
export function dashboardEndpoints(basePath: string): Endpoint[] {
  let bundle: Promise<Bundle> | undefined;
  // A failure is not kept, so that the next request tries again.
  const load = () =>
    (bundle ??= loadBundle().catch((error) => {
      bundle = undefined;
      throw error;
    }));
  // `lenient`: the query of a screen is the page's own.
  const common = {
    method: "GET",
    admission: "open",
    hidden: true,
    lenient: true,
    tag: "Dashboard",
    answers: { 200: Type.Unknown() },
  } as const;
  const screens = SCREENS.map(([path, assets]) =>
    endpoint({
      ...common,
      path,
      summary: path,
      async handle() {
        const from = basePath === "" ? assets : `${basePath}/app/assets/`;
        return new Response(toHtml(await load(), from), { headers: PAGE_HEADERS });
      },
    }),
  );
  const asset = endpoint({
    ...common,
    path: "/app/assets/:name",
    summary: "/app/assets/:name",
    async handle({ params, asked }) {
      const found = (await load()).assets.get(params.name ?? "");
      if (!found) throw notFound("file");
      const gzip = /\bgzip\b/.test(asked.header("accept-encoding") ?? "");
      const headers = { ...ASSET_HEADERS, "Content-Type": found.type, ...(gzip && { "Content-Encoding": "gzip" }) };
      return new Response(gzip ? found.gzipped : found.plain, { headers });
    },
  });
  return [...screens, asset];
}

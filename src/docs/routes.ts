// GET /docs: Swagger UI with the OpenAPI document, and the definitions of the numbers. Everything is served from this host.
import { Type } from "@sinclair/typebox";
import type { AnyElysia } from "elysia";
import icon from "swagger-ui-dist/favicon-32x32.png" with { type: "file" };
import style from "swagger-ui-dist/swagger-ui.css" with { type: "file" };
import bundle from "swagger-ui-dist/swagger-ui-bundle.js" with { type: "file" };
import { type Endpoint, endpoint } from "../http/endpoint.ts";
import definitionsStyle from "./definitions.css" with { type: "text" };
import definitionsPage from "./definitions.html" with { type: "text" };

/** Inline styles are allowed because Swagger UI sets them. Inline scripts are not. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The page of the definitions needs nothing but its style sheet. */
const TEXT_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

// The URLs are relative, so that the page also works under /api and behind a proxy's prefix.
const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>regulars API</title>
    <link rel="icon" type="image/png" href="docs/icon.png">
    <link rel="stylesheet" href="docs/swagger-ui.css">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="docs/swagger-ui.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({
  url: "docs/json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "list",
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
});
`;

const HEADERS = { "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "max-age=3600" };

/** A redirect from `/` to the documentation, for a server without a dashboard. */
export function homeEndpoint(basePath: string): Endpoint {
  return endpoint({
    method: "GET",
    path: "/",
    admission: "open",
    hidden: true,
    tag: "Docs",
    summary: "/",
    answers: { 302: Type.Unknown() },
    handle: () => new Response(null, { status: 302, headers: { Location: `${basePath}/docs` } }),
  });
}

/**
 * The pages of the documentation. `endpoints` are the documented ones, `app` gives the app in which they are
 * mounted, and `basePath` is the path under which callers reach the server.
 */
export function docsEndpoints(endpoints: readonly Endpoint[], basePath: string, app: () => AnyElysia): Endpoint[] {
  let document: Promise<string> | undefined;
  // The generator is loaded at the first request, so that the server starts sooner.
  const generateDocument = async () => JSON.stringify((await import("./document.ts")).openApiDocument(app(), endpoints, basePath));
  type Body = string | Blob | Promise<string>;
  const page = (path: string, type: string, body: () => Body, headers: Readonly<Record<string, string>> = {}): Endpoint =>
    endpoint({
      method: "GET",
      path,
      admission: "open",
      hidden: true,
      tag: "Docs",
      summary: path,
      answers: { 200: Type.Unknown() },
      handle: async () => new Response(await body(), { headers: { ...HEADERS, "Content-Type": type, ...headers } }),
    });
  return [
    page("/docs", "text/html; charset=utf-8", () => PAGE, {
      "Content-Security-Policy": CONTENT_SECURITY_POLICY,
      "Cache-Control": "no-cache",
    }),
    page("/docs/start.js", "text/javascript; charset=utf-8", () => START),
    page("/docs/swagger-ui.js", "text/javascript; charset=utf-8", () => Bun.file(bundle)),
    page("/docs/swagger-ui.css", "text/css; charset=utf-8", () => Bun.file(style)),
    page("/docs/definitions", "text/html; charset=utf-8", () => String(definitionsPage), {
      "Content-Security-Policy": TEXT_POLICY,
      "Cache-Control": "no-cache",
    }),
    page("/docs/definitions.css", "text/css; charset=utf-8", () => definitionsStyle),
    page("/docs/icon.png", "image/png", () => Bun.file(icon)),
    page("/docs/json", "application/json", () => (document ??= generateDocument()), {
      "Cache-Control": "no-cache",
    }),
  ];
}

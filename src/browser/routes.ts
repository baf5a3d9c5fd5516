// GET /r.js: the script that says where a page's visitors come from.
import { Type } from "@sinclair/typebox";
import { type Endpoint, endpoint } from "../http/endpoint.ts";
import source from "./r.js" with { type: "text" };

const HEADERS = {
  "Content-Type": "text/javascript; charset=utf-8",
  "Cache-Control": "public, max-age=3600",
  "X-Content-Type-Options": "nosniff",
  // Pages of every origin load it, also those that isolate themselves or check its integrity.
  "Access-Control-Allow-Origin": "*",
  "Cross-Origin-Resource-Policy": "cross-origin",
  Vary: "Accept-Encoding",
};

/** The script as it is served: the source, minified in memory. It is the same text for the same version. */
export async function minifiedScript(): Promise<string> {
  const file = "/r.js";
  const { outputs } = await Bun.build({ entrypoints: [file], files: { [file]: source }, target: "browser", minify: true });
  if (!outputs[0]) throw new Error("r.js could not be minified.");
  return outputs[0].text();
}

export function browserEndpoints(): Endpoint[] {
  let script: Promise<string> | undefined;
  // A failure is not kept, so that the next request tries again.
  const load = () => {
    script ??= minifiedScript().catch((error) => {
      script = undefined;
      throw error;
    });
    return script;
  };
  return [
    endpoint({
      method: "GET",
      path: "/r.js",
      admission: "open",
      hidden: true,
      lenient: true, // a query, such as ?v=2, is the page's way past its cache
      tag: "Intake",
      summary: "The script for web pages",
      answers: { 200: Type.Unknown() },
      async handle({ asked }) {
        const text = await load();
        if (!/\bgzip\b/.test(asked.header("accept-encoding") ?? "")) return new Response(text, { headers: HEADERS });
        return new Response(Bun.gzipSync(text), { headers: { ...HEADERS, "Content-Encoding": "gzip" } });
      },
    }),
  ];
}

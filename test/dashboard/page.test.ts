// Is the page served with its policy, from this host alone, and does it weigh little?
import { afterAll, expect, test } from "bun:test";
import { openWorld } from "../harness.ts";

const world = openWorld();
afterAll(() => world.close());
const NOBODY = { authorization: "" };

const SCREENS = ["/", "/app/cohorts", "/app/ltv?show=retention", "/app/customers?search=ann", "/app/customers/ext_ann%2Fb"];

const assetsOf = (html: string) => [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = ""]) => path);

test.each(SCREENS)("%s is the page, under a policy that allows nothing of others and nothing inline", async (path) => {
  const { status, headers, text } = await world.request("GET", path, undefined, NOBODY);
  expect(status).toBe(200);
  expect(headers.get("content-security-policy")).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  );
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
  expect(text).not.toMatch(/<script>|<style|style="|https?:\/\//);
  const assets = assetsOf(text);
  expect(assets.length).toBeGreaterThanOrEqual(3);
  for (const asset of assets) {
    const found = await world.request("GET", new URL(asset, `http://localhost${path}`).pathname, undefined, NOBODY);
    expect([asset, found.status]).toEqual([asset, 200]);
    expect(found.headers.get("cache-control")).toContain("immutable");
  }
});

test("under a base path the assets are found there", async () => {
  const behind = openWorld({ config: { basePath: "/analytics" } });
  const { text } = await behind.request("GET", "/analytics/app/ltv", undefined, NOBODY);
  for (const asset of assetsOf(text)) expect(asset).toStartWith("/analytics/app/assets/");
  expect((await behind.request("GET", assetsOf(text)[0] ?? "", undefined, NOBODY)).status).toBe(200);
  behind.close();
});

test("POST is refused, and so is a file that is not there", async () => {
  expect((await world.request("POST", "/", undefined, NOBODY)).status).toBe(405);
  expect((await world.request("GET", "/app/assets/none.js", undefined, NOBODY)).status).toBe(404);
});

test("all of it weighs at most 60 kB, compressed", async () => {
  const html = await world.request("GET", "/", undefined, NOBODY);
  let bytes = Bun.gzipSync(html.text).byteLength;
  for (const asset of assetsOf(html.text)) {
    const response = await world.app.handle(new Request(`http://localhost/${asset}`, { headers: { "accept-encoding": "gzip, br" } }));
    expect(response.headers.get("content-encoding")).toBe("gzip");
    expect(response.headers.get("vary")).toContain("Accept-Encoding");
    bytes += (await response.arrayBuffer()).byteLength;
  }
  expect(bytes).toBeLessThanOrEqual(60_000);
});

// Is what the README says of the script for pages and of other APIs so? The script in a browser is tested in test/slow/page-script.test.ts.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ADMIN_KEY, openWorld } from "./harness.ts";

const ROOT = join(import.meta.dir, "..");
const README = readFileSync(join(ROOT, "README.md"), "utf8");
const SCRIPT = readFileSync(join(ROOT, "src/browser/r.js"), "utf8");

test("the line of HTML loads the script from the server", async () => {
  const path = /<script async src="https:\/\/stats\.example\.com(\/[^"]+)" data-key="rgp_…"><\/script>/.exec(README)?.[1] ?? "";
  const world = openWorld();
  expect((await world.request("GET", path, undefined, { authorization: "" })).headers.get("content-type")).toStartWith("text/javascript");
  await world.close();
});

test("the README explains every attribute that the script reads", () => {
  const [, read = ""] = /const \{([^}]*)\} = tag\.dataset/.exec(SCRIPT) ?? [];
  const names = read.split(",").map((each) => each.trim().split(" ")[0] ?? "");
  const toAttribute = (name: string) => `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const explained = new Set([...README.matchAll(/`(data-[a-z-]+)|(data-key)=/g)].map(([, attribute, key]) => attribute ?? key));
  expect([...explained].sort()).toEqual(names.map(toAttribute).sort());
});

test("the README explains every function of the script", () => {
  const functions = [...README.matchAll(/window\.regulars\?\.(\w+)\(/g)].map(([, name]) => name);
  const offered = [...SCRIPT.matchAll(/^ {6}(\w+): \(/gm)].map(([, name]) => name);
  expect(offered).toHaveLength(4);
  expect(functions).toEqual(offered);
});

test("the sale in the section on Dub is answered as it says", async () => {
  const [, path = "", body = "", answer = ""] =
    /curl -s http:\/\/127\.0\.0\.1:3000(\/dub\/\S+) [^\n]*\n +-d '([^']+)'\n```\n```json\n([^\n]+)/.exec(README) ?? [];
  const world = openWorld();
  expect((await world.request("POST", path, body)).text).toBe(answer);
  await world.close();
});

test("the order in the section on Segment is answered as it says, with the key as the user name", async () => {
  const [, path = "", body = "", answer = ""] =
    /curl -s http:\/\/127\.0\.0\.1:3000(\/v1\/\S+) -u "\$KEY:"[^\n]*\n +-d '([^']+)'\n```\n```json\n([^\n]+)/.exec(README) ?? [];
  const world = openWorld();
  const authorization = `Basic ${Buffer.from(`${ADMIN_KEY}:`).toString("base64")}`;
  expect((await world.request("POST", path, body, { authorization })).text).toBe(answer);
  expect((await world.request<object>("GET", "/customers/ext_user_43")).body.data).toMatchObject({ ltv: 27.5 });
  await world.close();
});

// Are the definitions on the page those of the program? Its worked example is sent to an app, and every figure on the page is asked for.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openWorld, type World } from "../harness.ts";

interface Request {
  method: string;
  path: string;
  body: unknown;
}

interface Figure {
  ask: string;
  at: string;
  text: string;
}

const unescaped = (text: string) => text.replaceAll("&amp;", "&").replaceAll("&lt;", "<").replaceAll("&gt;", ">");

/** The requests of the example, as the page shows them: a line with method and path, then the body. */
function readRequests(html: string): Request[] {
  return [...html.matchAll(/<pre class="request">\n(\S+) (\S+)\n([\s\S]*?)<\/pre>/g)].map(([, method = "", path = "", body = ""]) => ({
    method,
    path,
    body: body.trim() === "" ? undefined : JSON.parse(unescaped(body)),
  }));
}

/** The figures of the example, each with where it comes from. */
function readFigures(html: string): Figure[] {
  return [...html.matchAll(/<output data-ask="([^"]+)" data-at="([^"]+)">([^<]*)<\/output>/g)].map(([, ask = "", at = "", text = ""]) => ({
    ask: unescaped(ask),
    at,
    text: unescaped(text),
  }));
}

/** What stands at a dotted place of an answer. */
function valueAt(data: unknown, at: string): unknown {
  return at.split(".").reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], data);
}

let world: World;
let html: string;
let headers: Headers;
beforeAll(async () => {
  world = openWorld({ config: { timezone: "Europe/Berlin", currency: "USD" } });
  ({ text: html, headers } = await world.request("GET", "/docs/definitions", undefined, { authorization: "" }));
});
afterAll(() => world.close());

describe("the worked example", () => {
  test("gives the figures that the page shows", async () => {
    world.clock.set(/<time id="now" datetime="([^"]+)"/.exec(html)?.[1] ?? "");
    const requests = readRequests(html);
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual(["POST /events", "PUT /rates", "DELETE /customers/ext_cleo"]);
    for (const { method, path, body } of requests) {
      const { status, body: answer } = await world.request<{ rejected?: number }>(method, path, body);
      expect([status, answer.data.rejected ?? 0]).toEqual([200, 0]);
    }
    const figures = readFigures(html);
    expect(figures.length).toBe(html.split("<output").length - 1);
    expect(figures.length).toBeGreaterThan(80);
    const answers = new Map<string, unknown>();
    const found: Figure[] = [];
    for (const { ask, at } of figures) {
      if (!answers.has(ask)) answers.set(ask, (await world.request("GET", ask)).body.data);
      found.push({ ask, at, text: String(valueAt(answers.get(ask), at)) });
    }
    expect(found).toEqual(figures);
  });

  test("shows every field of a cohort, of a cell and of revenue over time", async () => {
    const shown = new Set(readFigures(html).map(({ at }) => at.split(".").at(-1)));
    const { body } = await world.request<{ totals: object }>("GET", "/customers/cohorts");
    const curves = await world.request<{ cohorts: { periods: object[] }[] }>("GET", "/customers/ltv-cohorts");
    const revenue = await world.request<{ totals: object }>("GET", "/customers/revenue");
    const fields = [
      ...Object.keys(body.data.totals),
      ...Object.keys(revenue.body.data.totals),
      ...Object.keys(curves.body.data.cohorts[0]?.periods[0] ?? {}),
    ];
    expect(fields.filter((field) => !shown.has(field))).toEqual(["period"]);
  });
});

describe("the page", () => {
  test("has the ten sections, each in the table of contents", () => {
    const sections = [...html.matchAll(/<h2>§(\d+) /g)].map(([, number]) => Number(number));
    expect(sections).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    for (const number of sections) expect(html).toContain(`<a href="#s${number}">§${number} `);
  });

  test("is open, loads its own style sheet alone, and may do nothing else", async () => {
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("unsafe");
    expect(html).not.toMatch(/<script|<img|style="|https?:\/\//);
    const { status, headers: style } = await world.request("GET", "/docs/definitions.css", undefined, { authorization: "" });
    expect([status, style.get("content-type")]).toEqual([200, "text/css; charset=utf-8"]);
  });

  test("is linked from the description of the API", async () => {
    const { text } = await world.request("GET", "/docs/json", undefined, { authorization: "" });
    expect((JSON.parse(text) as { info: { description: string } }).info.description).toContain("(docs/definitions)");
  });

  test("is well-formed: every element that opens closes", () => {
    const open: string[] = [];
    for (const [, slash, name = ""] of html.matchAll(/<(\/?)([a-z0-9]+)[^>]*>/g)) {
      if (["meta", "link", "br"].includes(name)) continue;
      if (slash === "") open.push(name);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });
});

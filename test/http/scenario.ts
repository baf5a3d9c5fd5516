// What is a test of one request? Data: who asks what, which status comes, and what the answer must say and must not.
import { expect, test } from "bun:test";
import { createKey, listKeys, revokeKey } from "../../src/access/api-key.ts";
import { newKeyText } from "../../src/access/key-format.ts";
import { SCOPES, type Scope } from "../../src/access/keyring.ts";
import { openWorld, type World } from "../harness.ts";

/** Who asks: nobody, a key with every scope or one, or one that is no good. */
export type Asker = "nobody" | "admin" | "malformed" | "unknown" | "revoked" | "expired" | "conversions" | Scope;

export interface Scenario {
  /** What is particular about it; the test is named by the status, the request and this. */
  readonly name?: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly key?: Asker; // default: admin
  readonly body?: unknown; // a text goes as it is
  readonly headers?: Readonly<Record<string, string>>;
  readonly contains?: readonly string[];
  readonly lacks?: readonly string[];
  /** Headers of the answer, each with the value it must have. */
  readonly answers?: Readonly<Record<string, string | RegExp>>;
  /** The paths of `error.details`, in any order. */
  readonly fields?: readonly string[];
  /** Settings of the world in which it plays. */
  readonly world?: Parameters<typeof openWorld>[0];
  readonly before?: (world: World) => unknown;
}

/** What no answer may ever say. */
const NEVER = [/SQLITE/i, /\bSELECT\b|\bINSERT\b/, /\bat .*\.ts:\d/, /node_modules/];

/** The header that makes a request somebody's. */
export function headersOf(world: World, asker: Asker): Record<string, string> {
  if (asker === "nobody") return { authorization: "" };
  if (asker === "admin") return {};
  if (asker === "malformed") return { authorization: "Bearer rg_nonsense" };
  // Of the right form and checksum, but never stored.
  if (asker === "unknown") return { authorization: `Bearer ${newKeyText()}` };
  if (asker === "conversions") return { authorization: `Bearer ${createKey(world.workspace, { isForConversions: true })}` };
  const known = SCOPES.find((scope) => scope === asker);
  const expiresAt = asker === "expired" ? world.clock.now() : undefined;
  const key = createKey(world.workspace, { scopes: known ? [known] : SCOPES, name: asker, expiresAt });
  if (asker === "revoked") revokeKey(world.workspace, listKeys(world.workspace).find(({ name }) => name === asker)?.id ?? "");
  return { authorization: `Bearer ${key}` };
}

/** Plays scenarios, each in a world of its own. */
export function play(scenarios: readonly Scenario[]): void {
  for (const scenario of scenarios) {
    const { method, path, status, key = "admin", body, headers = {}, contains = [], lacks = [], answers = {}, fields, name } = scenario;
    test(`${status} ${method} ${path.slice(0, 80)}${name ? `: ${name}` : ""}`, async () => {
      const world = openWorld(scenario.world);
      await scenario.before?.(world);
      const reply = await world.request(method, path, body, { ...headersOf(world, key), ...headers });
      expect(`${reply.status} ${reply.text}`).toStartWith(String(status));
      for (const part of contains) expect(reply.text).toContain(part);
      for (const part of lacks) expect(reply.text).not.toContain(part);
      const isFile = reply.headers.get("content-type") === "application/vnd.sqlite3"; // the database itself
      for (const part of isFile ? [] : NEVER) expect(reply.text).not.toMatch(part);
      for (const [header, value] of Object.entries(answers))
        if (value instanceof RegExp) expect(reply.headers.get(header) ?? "").toMatch(value);
        else expect(reply.headers.get(header)).toBe(value);
      if (fields) expect((reply.body.error?.details ?? []).map((detail) => detail.path).sort()).toEqual([...fields].sort());
      expect(reply.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      if (status >= 400 && reply.text !== "") expect(reply.body.error?.requestId).toBe(String(reply.headers.get("x-request-id")));
      world.close();
    });
  }
}

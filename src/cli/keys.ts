// How are API keys made, listed and revoked from the command line?
import { defineCommand } from "citty";
import { createKey, listKeys, revokeKey } from "../access/api-key.ts";
import { SCOPES, type Scope } from "../access/keyring.ts";
import type { Context } from "../context.ts";
import { parseInstant, toIso } from "../value/instant.ts";
import { Failure } from "./failure.ts";
import { strict } from "./strict.ts";
import { withWorkspace } from "./workspace.ts";

const create = defineCommand({
  meta: { name: "create", description: "Make a key and print it, alone, to standard output. It is shown this once" },
  args: {
    scope: {
      type: "string",
      description: `What the key opens, separated by commas: ${SCOPES.join(", ")}`,
      valueHint: "a,b",
    },
    origin: {
      type: "string",
      description:
        "Makes a publishable key instead, which may stand in pages of these origins, separated by commas: it records clicks and leads, and no more",
      valueHint: "https://a,https://b",
    },
    expires: { type: "string", description: "Until when it is good: days from now, as 90d, or a date, as 2027-01-31", valueHint: "when" },
    name: { type: "string", description: "A name, to tell it from others in the list", valueHint: "name" },
  },
  plugins: [strict],
  run: ({ args }) => {
    if ((args.scope === undefined) === (args.origin === undefined))
      throw new Failure("A key needs --scope, or --origin for a publishable one, and not both: see regulars keys create --help.", 2);
    const opens = args.origin === undefined ? { scopes: toScopes(args.scope ?? "") } : { origins: toOrigins(args.origin) };
    return withWorkspace((context) => {
      const expiresAt = args.expires === undefined ? undefined : toExpiry(args.expires, context);
      console.log(createKey(context, { ...opens, expiresAt, ...(args.name && { name: args.name }) }));
    });
  },
});

const list = defineCommand({
  meta: { name: "list", description: "List the keys: id, first characters, name, scopes, when made and last used" },
  plugins: [strict],
  run: () =>
    withWorkspace((context) => {
      for (const key of listKeys(context)) {
        const used = key.lastUsedAt === null ? "never used" : `used ${toIso(key.lastUsedAt)}`;
        const state = [
          key.revokedAt === null ? used : `revoked ${toIso(key.revokedAt)}`,
          key.expiresAt === null ? undefined : `${key.expiresAt > context.now() ? "expires" : "expired"} ${toIso(key.expiresAt)}`,
        ].filter((each) => each !== undefined);
        const opens = key.origins === null ? key.scopes : `publishable from ${key.origins}`;
        console.log([key.id, `${key.start}…`, key.name ?? "-", opens, `made ${toIso(key.createdAt)}`, ...state].join("  "));
      }
    }),
});

const revoke = defineCommand({
  meta: { name: "revoke", description: "Revoke a key: it opens nothing from now on" },
  args: { id: { type: "positional", description: "The key's id, from keys list", required: true } },
  plugins: [strict],
  run: ({ args }) =>
    withWorkspace((context) => {
      if (!revokeKey(context, args.id)) throw new Failure(`No active key has the id ${args.id}: see regulars keys list.`);
      console.error(`Revoked ${args.id}.`);
    }),
});

export const keysCommand = defineCommand({
  meta: { name: "keys", description: "Make, list and revoke API keys" },
  subCommands: { create, list, revoke },
});

/** Origins as a browser names them: scheme, host and port, in lower case, without a path. */
function toOrigins(text: string): string[] {
  const names = [...new Set(text.split(",").map((name) => name.trim()))];
  const bad = names.filter((name) => !/^https?:/.test(name) || URL.parse(name)?.origin !== name);
  if (bad.length > 0) throw new Failure(`Not an origin such as https://shop.example: ${bad.join(", ") || "(empty)"}.`, 2);
  return names;
}

function toExpiry(text: string, { now, calendar }: Pick<Context, "now" | "calendar">): number {
  const [, days] = /^(\d{1,5})d$/.exec(text) ?? [];
  const at = days === undefined ? parseInstant(text, calendar) : now() + Number(days) * 86_400_000;
  if (at === undefined || at <= now())
    throw new Failure("--expires must be a number of days such as 90d, or a future date such as 2027-01-31.", 2);
  return at;
}

function toScopes(text: string): Scope[] {
  const names = [...new Set(text.split(",").map((name) => name.trim()))];
  const unknown = names.filter((name) => !SCOPES.includes(name as Scope));
  if (unknown.length > 0) throw new Failure(`Unknown scope: ${unknown.join(", ") || "(empty)"}. The scopes are ${SCOPES.join(", ")}.`, 2);
  return names as Scope[];
}

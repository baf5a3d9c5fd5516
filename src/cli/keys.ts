// How are API keys made, listed and revoked from the command line?
import { defineCommand } from "citty";
import { SCOPES, type Scope } from "../auth.ts";
import { toIso } from "../instant.ts";
import { createKey, listKeys, revokeKey } from "../key.ts";
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
      required: true,
    },
    name: { type: "string", description: "A name, to tell it from others in the list", valueHint: "name" },
  },
  plugins: [strict],
  run: ({ args }) => {
    const scopes = toScopes(args.scope);
    return withWorkspace((context) => console.log(createKey(context, { scopes, ...(args.name && { name: args.name }) })));
  },
});

const list = defineCommand({
  meta: { name: "list", description: "List the keys: id, first characters, name, scopes, when made and last used" },
  plugins: [strict],
  run: () =>
    withWorkspace((context) => {
      for (const key of listKeys(context)) {
        const used = key.lastUsedAt === null ? "never used" : `used ${toIso(key.lastUsedAt)}`;
        const state = key.revokedAt === null ? used : `revoked ${toIso(key.revokedAt)}`;
        console.log([key.id, `${key.start}…`, key.name ?? "-", key.scopes, `made ${toIso(key.createdAt)}`, state].join("  "));
      }
    }),
});

const revoke = defineCommand({
  meta: { name: "revoke", description: "Revoke a key: it opens nothing from now on" },
  args: { id: { type: "positional", description: "The key's id, from keys list", required: true } },
  plugins: [strict],
  run: ({ args }) =>
    withWorkspace((context) => {
      if (!revokeKey(context, args.id)) throw new Failure(`There is no key ${args.id} that is not revoked: see regulars keys list.`);
      console.error(`Revoked ${args.id}.`);
    }),
});

export const keysCommand = defineCommand({
  meta: { name: "keys", description: "Make, list and revoke API keys" },
  subCommands: { create, list, revoke },
});

function toScopes(text: string): Scope[] {
  const names = [...new Set(text.split(",").map((name) => name.trim()))];
  const unknown = names.filter((name) => !SCOPES.includes(name as Scope));
  if (unknown.length > 0) throw new Failure(`Unknown scope: ${unknown.join(", ") || "(empty)"}. There are ${SCOPES.join(", ")}.`, 2);
  return names as Scope[];
}

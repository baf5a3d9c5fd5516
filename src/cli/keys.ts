// How does the command line create, list and revoke API keys?
import { defineCommand } from "citty";
import { createKey, type KeyRow, listKeys, type NewKey, revokeKey } from "../access/api-key.ts";
import { isConversionKey } from "../access/key-format.ts";
import { SCOPES, type Scope } from "../access/keyring.ts";
import type { Context } from "../context.ts";
import { openCalendar } from "../value/calendar.ts";
import { parseInstant, toIso } from "../value/instant.ts";
import { toDistance } from "./distance.ts";
import { Failure } from "./failure.ts";
import { strict } from "./strict.ts";
import { readSettings, withWorkspace } from "./workspace.ts";

const create = defineCommand({
  meta: { name: "create", description: "Create a key and print it. It is shown only once" },
  args: {
    scope: {
      type: "string",
      description: `The scopes of the key, separated by commas: ${SCOPES.join(", ")}`,
      valueHint: "a,b",
    },
    origin: {
      type: "string",
      description:
        "Create a key for web pages of these origins (separated by commas). Without --scope it is publishable, and only records clicks and leads; with scopes that read, a page of your own can show reports",
      valueHint: "https://a,https://b",
    },
    conversions: {
      type: "boolean",
      description: "Create a conversion key instead, which may stand in URLs (?key=). It only records conversions by GET",
    },
    expires: { type: "string", description: "When the key expires: a number of days (90d) or a date (2027-01-31)", valueHint: "when" },
    name: { type: "string", description: "A name to recognize it by in the list", valueHint: "name" },
  },
  plugins: [strict],
  run: ({ args }) => {
    const opens = toOpens(args);
    const { timezone, clock } = readSettings();
    const expiresAt =
      args.expires === undefined ? undefined : toExpiry(args.expires, { calendar: openCalendar(timezone), now: () => clock ?? Date.now() });
    return withWorkspace(
      (context) => {
        console.log(createKey(context, { ...opens, expiresAt, ...(args.name && { name: args.name }) }));
      },
      { writes: true },
    );
  },
});

const list = defineCommand({
  meta: { name: "list", description: "List the keys: id, first characters, name, scopes, and when each was created and last used" },
  plugins: [strict],
  run: () =>
    withWorkspace((context) => {
      const now = context.now();
      const keys = listKeys(context);
      for (const key of keys) console.log(toLine(key, now));
      console.error(
        keys.length === 0
          ? "There are no keys yet: start the server, which prints one, or see `regulars keys create --help`."
          : "The time of last use is saved up to 30 seconds late.",
      );
    }),
});

const revoke = defineCommand({
  meta: { name: "revoke", description: "Revoke a key. It stops working within a second" },
  args: { id: { type: "positional", description: "The id of the key, from `regulars keys list`", required: true } },
  plugins: [strict],
  run: ({ args }) => {
    // Checked first, so that a wrong id does not create a database.
    if (!/^key_\w+$/.test(args.id)) throw new Failure(`${args.id} is not the id of a key, such as key_k3J9…: see regulars keys list.`, 2);
    return withWorkspace(
      (context) => {
        if (!revokeKey(context, args.id)) throw new Failure(`No active key has the id ${args.id}: see regulars keys list.`);
        console.error(`Revoked ${args.id}.`);
      },
      { writes: true },
    );
  },
});

export const keysCommand = defineCommand({
  meta: { name: "keys", description: "Create, list and revoke API keys" },
  subCommands: { create, list, revoke },
});

/** One key as a line, with its times relative to `now`. */
function toLine(key: KeyRow, now: number): string {
  const when = (verb: string, at: number) => `${verb} ${toIso(at)} (${toDistance(at - now)})`;
  return [
    key.id,
    `${key.start}…`,
    key.name ?? "-",
    toUse(key),
    when("created", key.createdAt),
    key.lastUsedAt === null ? "never used" : when("used", key.lastUsedAt),
    ...(key.revokedAt === null ? [] : [when("revoked", key.revokedAt)]),
    ...(key.expiresAt === null ? [] : [when(key.expiresAt > now ? "expires" : "expired", key.expiresAt)]),
  ].join("  ");
}

/** What the key may be used for. */
function toUse({ start, scopes, origins }: KeyRow): string {
  if (origins !== null) return scopes === "" ? `publishable from ${origins}` : `${scopes} from ${origins}`;
  return isConversionKey(start) ? "conversions by GET" : scopes;
}

/** What the new key may do, from the options that are given. Throws a Failure for none, and for those that do not go together. */
function toOpens({
  scope,
  origin,
  conversions,
}: {
  scope?: string | undefined;
  origin?: string | undefined;
  conversions?: boolean | undefined;
}): NewKey {
  const hasOther = scope !== undefined || origin !== undefined;
  if (hasOther === (conversions === true))
    throw new Failure(
      "A key needs --scope, --origin (for web pages) or both, or only --conversions (for URLs). See regulars keys create --help.",
      2,
    );
  if (conversions) return { isForConversions: true };
  const scopes = scope === undefined ? [] : toScopes(scope);
  if (origin === undefined) return { scopes };
  const writing = scopes.filter((each) => !each.endsWith(":read") || each === "backup:read");
  if (writing.length > 0)
    throw new Failure(`A key with --origin can only read: leave out ${writing.join(", ")}. Pages record with a key without --scope.`, 2);
  return { scopes, origins: toOrigins(origin) };
}

/** Origins in the form of a browser: scheme, host and port, in lower case, without a path. Throws a Failure for anything else. */
function toOrigins(text: string): string[] {
  const names = [...new Set(text.split(",").map((name) => name.trim()))];
  const bad = names.filter((name) => !/^https?:/.test(name) || URL.parse(name)?.origin !== name);
  if (bad.length > 0)
    throw new Failure(`Not an origin: ${bad.join(", ") || "(empty)"}. Use scheme and host only, such as https://shop.example.`, 2);
  return names;
}

function toExpiry(text: string, { now, calendar }: Pick<Context, "now" | "calendar">): number {
  const [, days] = /^(\d{1,5})d$/.exec(text) ?? [];
  const at = days === undefined ? parseInstant(text, calendar) : now() + Number(days) * 86_400_000;
  if (at === undefined || at <= now())
    throw new Failure("--expires must be a number of days (90d) or a date in the future (2027-01-31).", 2);
  return at;
}

function toScopes(text: string): Scope[] {
  const names = [...new Set(text.split(",").map((name) => name.trim()))];
  const unknown = names.filter((name) => !SCOPES.includes(name as Scope));
  if (unknown.length > 0)
    throw new Failure(`Unknown scope: ${unknown.join(", ") || "(empty)"}. Use one or more of ${SCOPES.join(", ")}.`, 2);
  return names as Scope[];
}

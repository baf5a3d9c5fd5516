// How is a profile update stored? With the names that it brings, and then its claims are resolved.
import { sql } from "drizzle-orm";
import { profileUpdate } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import type { Name } from "../ledger/name.ts";
import type { ProfileChange } from "../ledger/profile.ts";

/** The fields of a profile update. An absent field stays as it is, null clears it. */
export interface ProfileUpdateFields extends ProfileChange {
  externalId?: string | undefined;
  /** In NFC, each once. They are added to those there are. */
  aliases?: readonly string[] | undefined;
  clickId?: string | undefined;
  visitorId?: string | undefined;
}

/** The fields that are only used if the customer is created. */
export interface CreationFields {
  createdAt?: number | undefined;
  source: string | null;
  campaign: string | null;
}

/** Whose profile update it is: a customer's with this externalId, or one's who is known by a name alone; neither, and it names them itself. */
export interface Told {
  readonly customerId: number;
  readonly externalId: string | null;
  readonly known?: Name | undefined;
}

/** When and how a profile update was told. Instants are in milliseconds. */
export interface Telling {
  readonly calledAt: number;
  /** From when it claims; for a creation, its `createdAt`. */
  readonly at: number;
  readonly creation?: Pick<CreationFields, "source" | "campaign"> | undefined;
  /** It was said for `calledAt`, an instant of another system's. */
  readonly isSaid?: boolean;
  /** The email that it claims, if that is not `fields.email`. */
  readonly email?: string | null;
  /** What the call said to make a customer, if whether it makes one depends on who is there. */
  readonly call?: Partial<CreationFields> | undefined;
}

/** What is kept of a call, so that it can be decided anew. `after`: the id of the last entry before it. `createdAt` is in milliseconds. */
export interface StoredCall extends Partial<CreationFields> {
  readonly after: number;
}

export interface UpdateStore {
  /** Stores a profile update within a write, resolves its claims, and gives its customer. */
  store(told: Told, fields: ProfileUpdateFields, telling: Telling): number;
  /** Is this profile update stored already? Then it is noted that it came again. */
  isStored(told: Told, fields: ProfileUpdateFields, telling: Telling): boolean;
}

function profileOf({ externalId: _, aliases: __, clickId: ___, visitorId: ____, ...profile }: ProfileUpdateFields): ProfileChange {
  return profile;
}

function toRow({ customerId, externalId, known }: Told, fields: ProfileUpdateFields, telling: Telling) {
  const { calledAt, at, creation, isSaid = false, email = fields.email ?? null } = telling;
  const { aliases = [], clickId = null, visitorId = null } = fields;
  return {
    customerId,
    knownEmail: externalId === null && known?.kind === "email" ? known.value : null,
    knownAlias: externalId === null && known?.kind === "alias" ? known.value : null,
    isSaid: isSaid ? 1 : 0,
    isCreation: creation ? 1 : 0,
    at,
    calledAt,
    key: externalId ?? known?.value ?? "",
    email,
    aliases: aliases.length === 0 ? null : JSON.stringify(aliases),
    clickId,
    visitorId,
    source: creation?.source ?? null,
    campaign: creation?.campaign ?? null,
    profile: JSON.stringify(profileOf(fields)),
  };
}

const FIELDS = [
  ...["customerId", "knownEmail", "knownAlias", "isSaid", "isCreation", "at", "calledAt", "key", "email", "aliases", "clickId"],
  ...["visitorId", "source", "campaign", "profile", "call"],
] as const satisfies readonly string[];

export function openUpdateStore({ database, ledger }: Pick<Context, "database" | "ledger">): UpdateStore {
  const { orm, sqlite } = database;
  const values = Object.fromEntries(FIELDS.map((field) => [field, sql.placeholder(field)])) as Record<
    (typeof FIELDS)[number],
    ReturnType<typeof sql.placeholder>
  >;
  const insert = orm.insert(profileUpdate).values(values).returning({ id: profileUpdate.id }).prepare();
  const lastEntry = sqlite.prepare<[], number | null>("SELECT max(id) FROM entry").pluck();
  const insertAlias = sqlite.prepare(`INSERT INTO profile_update_alias (alias, profile_update_id) VALUES (?, ?)`);
  const findSame = sqlite
    .prepare<ReturnType<typeof toRow>, number>(
      `SELECT id FROM profile_update WHERE (customer_id = :customerId OR known_email = :knownEmail OR known_alias = :knownAlias) AND called_at = :calledAt AND at = :at
     AND is_creation = :isCreation AND is_said = :isSaid AND key = :key AND email IS :email AND aliases IS :aliases AND click_id IS :clickId AND visitor_id IS :visitorId
     AND known_email IS :knownEmail AND known_alias IS :knownAlias AND source IS :source AND campaign IS :campaign AND profile = :profile`,
    )
    .pluck();

  return {
    store(told, fields, telling) {
      const call = telling.call && JSON.stringify({ after: lastEntry.get() ?? 0, ...telling.call } satisfies StoredCall);
      const { id } = insert.get({ ...toRow(told, fields, telling), call: call ?? null });
      for (const alias of fields.aliases ?? []) insertAlias.run(alias, id);
      return ledger.identity.resolveProfileUpdate(id);
    },
    isStored(told, fields, telling) {
      const id = findSame.get(toRow(told, fields, telling));
      if (id !== undefined) ledger.ways.repeated("profile_update", id);
      return id !== undefined;
    },
  };
}

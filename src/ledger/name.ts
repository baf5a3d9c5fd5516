// Which customer do names mean, and whose is an email or an alias? The rule and the two tables of definitions §5, "Identity".
import type { Database } from "../../db/database.ts";
import type { profileUpdate } from "../../db/schema.ts";
import type { Claimant, ClaimKind, ClaimRow, Claims } from "./claim.ts";

/** The aliases of a column that holds them as JSON; null for none. */
export const toAliases = (json: string | null): readonly string[] => (json === null ? [] : (JSON.parse(json) as string[]));

export type NameKind = Extract<ClaimKind, "email" | "alias">;
export interface Name {
  readonly kind: NameKind;
  readonly value: string;
}

export interface BroughtNames {
  /** An entry has one at most. Of several, only the first one can name the customer. */
  readonly emails: readonly string[];
  readonly aliases: readonly string[];
}

/** An entry or a profile update, with the names that it brings. */
export interface Bringer extends BroughtNames {
  readonly claimant: Claimant;
  /** The customer of its externalId; null without one. */
  readonly declaredCustomerId: number | null;
  /** The name that the customer of a PATCH was known by, having no externalId: whoever it belongs to is the customer of the PATCH. */
  readonly known?: Name;
}

/** A name whose owner or rank has changed. `fromId` is the former owner, null for nobody. */
export interface NameChange extends Name {
  readonly fromId: number | null;
  /** Whose claim changed it. */
  readonly by: Claimant;
}

export interface Names {
  /** The customer that an email or alias belongs to: by a claim, else the one who is known by it alone. */
  ownerOf(kind: NameKind, value: string): number | undefined;
  /** The customer that an entry or profile update names; null if it names nobody. Whoever is not known yet is created. */
  customerOf(bringer: Bringer): number | null;
  /** Asserts the claims to its names. Returns the names whose owner or rank this changes. */
  assert(bringer: Bringer): NameChange[];
  /** The customer without externalId who certainly becomes part of whoever brings these names with an externalId, if there is one. */
  findJoining(names: BroughtNames): number | undefined;
  /** May somebody without externalId become part of whoever brings these names with an externalId? */
  mayJoin(names: BroughtNames): boolean;
  /** The rank of its claims to names of a kind: the column of the table of definitions §5. Undefined: it makes none. */
  rankOf(bringer: Bringer, kind: NameKind): number | undefined;
}

/** The ranks of the tables: with an externalId, and with what else an alias is brought with. */
const DECLARED = 1;
const LINKED = 2;
const ALONE = 3;

const isBy = (row: ClaimRow, claimant: Claimant) => row.entryId === claimant.entryId && row.profileUpdateId === claimant.profileUpdateId;

/** `now` is the clock, for when a customer is created. All functions must be called within a write. */
export function openNames({ sqlite }: Database, claims: Claims, now: () => number): Names {
  const findKnown = {
    email: sqlite.prepare<[string], number>(`SELECT id FROM customer WHERE known_email = ?`).pluck(),
    alias: sqlite.prepare<[string], number>(`SELECT id FROM customer WHERE known_alias = ?`).pluck(),
  };
  const create = {
    email: sqlite.prepare(`INSERT INTO customer (known_email, created_at, updated_at) VALUES (:value, :at, :at)`),
    alias: sqlite.prepare(`INSERT INTO customer (known_alias, created_at, updated_at) VALUES (:value, :at, :at)`),
  };

  type NamesRow = Pick<typeof profileUpdate.$inferSelect, "email" | "aliases" | "knownEmail" | "knownAlias">;
  const namesOfEntry = sqlite.prepare<[id: number], NamesRow>(
    `SELECT email, aliases, NULL AS knownEmail, NULL AS knownAlias FROM entry WHERE id = ?`,
  );
  const namesOfUpdate = sqlite.prepare<[id: number | null], NamesRow>(
    `SELECT email, aliases, known_email AS knownEmail, known_alias AS knownAlias FROM profile_update WHERE id = ?`,
  );
  const findNames = sqlite.prepare<[id: number], Pick<NamesRow, "knownEmail" | "knownAlias">>(
    `SELECT known_email AS knownEmail, known_alias AS knownAlias FROM customer WHERE id = ?`,
  );

  /** The customer who is known by this name alone. */
  function ensureKnown({ kind, value }: Name): number {
    return findKnown[kind].get(value) ?? Number(create[kind].run({ value, at: now() }).lastInsertRowid);
  }

  /** The customer of the first alias that belongs to an externalId. */
  function externalOf(aliases: readonly string[]): number | undefined {
    for (const alias of aliases) {
      const row = claims.find("alias", alias);
      if (row?.rank === DECLARED) return row.customerId;
    }
    return undefined;
  }

  function ranksOf({ declaredCustomerId, emails, aliases }: Bringer): Record<NameKind, number | undefined> {
    if (declaredCustomerId !== null) return { email: DECLARED, alias: DECLARED };
    if (externalOf(aliases) !== undefined) return { email: LINKED, alias: LINKED };
    return { email: aliases.length > 0 ? ALONE : undefined, alias: emails.length > 0 ? LINKED : ALONE };
  }

  /** The customer, where the names that `isHeld` are claimed by this bringer: such a name leads back to it, so it is a customer of its own. */
  function customerOf(bringer: Bringer, isHeld: (name: Name) => boolean): number | null {
    const { claimant, declaredCustomerId, emails, aliases, known } = bringer;
    if (declaredCustomerId !== null) return declaredCustomerId;
    const ownerOf = (name: Name): number => {
      const row = claims.find(name.kind, name.value);
      return row === undefined || isHeld(name) || isBy(row, claimant) ? ensureKnown(name) : row.customerId;
    };
    const external = externalOf(aliases);
    if (known !== undefined) {
      const isLinked = known.kind === "email" && external !== undefined && isHeld(known);
      return isLinked ? external : ownerOf(known);
    }
    if (external !== undefined) return external;
    for (const value of aliases) {
      const row = claims.find("alias", value);
      if (row?.rank === LINKED && !isBy(row, claimant) && !isHeld({ kind: "alias", value })) return row.customerId;
    }
    const [email, alias] = [emails[0], aliases[0]];
    if (email !== undefined) return ownerOf({ kind: "email", value: email });
    return alias === undefined ? null : ownerOf({ kind: "alias", value: alias });
  }

  /** Does the claimant of this claim bring the name as well? */
  function brings({ entryId, profileUpdateId }: ClaimRow, { kind, value }: Name): boolean {
    const row = entryId !== null ? namesOfEntry.get(entryId) : namesOfUpdate.get(profileUpdateId);
    if (row === undefined) return false;
    return kind === "email"
      ? row.email === value || row.knownEmail === value
      : row.knownAlias === value || toAliases(row.aliases).includes(value);
  }

  /** The name that a customer without externalId is known by. */
  function knownOf(customerId: number): Name | undefined {
    const row = findNames.get(customerId);
    if (row?.knownEmail != null) return { kind: "email", value: row.knownEmail };
    return row?.knownAlias == null ? undefined : { kind: "alias", value: row.knownAlias };
  }

  const ownerOf = (kind: NameKind, value: string) => claims.ownerOf(kind, value) ?? findKnown[kind].get(value);

  return {
    ownerOf,
    findJoining({ emails, aliases }) {
      for (const [kind, values] of [["email", emails] as const, ["alias", aliases] as const])
        for (const value of values) {
          const id = findKnown[kind].get(value);
          if (id !== undefined && ownerOf(kind, value) === id) return id;
        }
      // The name that they are known by was brought with this alias, so it belongs to the externalId as soon as the alias does.
      for (const alias of aliases) {
        const row = claims.find("alias", alias);
        const known = row === undefined || row.rank === DECLARED ? undefined : knownOf(row.customerId);
        if (row && known && ownerOf(known.kind, known.value) === row.customerId && brings(row, known)) return row.customerId;
      }
      return undefined;
    },
    mayJoin: ({ emails, aliases }) =>
      emails.some((email) => claims.find("email", email)?.rank === ALONE || findKnown.email.get(email) !== undefined) ||
      aliases.some((alias) => (claims.find("alias", alias)?.rank ?? DECLARED) > DECLARED || findKnown.alias.get(alias) !== undefined),
    customerOf: (bringer) =>
      customerOf(bringer, ({ kind, value }) => {
        const row = claims.find(kind, value);
        return row !== undefined && isBy(row, bringer.claimant);
      }),
    rankOf: (bringer, kind) => ranksOf(bringer)[kind],
    assert(bringer) {
      const { claimant, emails, aliases } = bringer;
      if (emails.length + aliases.length === 0) return [];
      const ranks = ranksOf(bringer);
      const held = [
        ...emails.map((value) => ({ kind: "email", value, rank: ranks.email }) as const),
        ...aliases.map((value) => ({ kind: "alias", value, rank: ranks.alias }) as const),
      ].filter(({ kind, value, rank }) => rank !== undefined && claims.isWinning(kind, value, rank, claimant));
      if (held.length === 0) return [];
      const customerId = customerOf(bringer, (name) => held.some(({ kind, value }) => kind === name.kind && value === name.value));
      const changes: NameChange[] = [];
      for (const { kind, value, rank = DECLARED } of held) {
        // The externalId of whoever brings an email with one of its aliases, even where a PATCH was sent to somebody else.
        const toId = (kind === "email" && rank === LINKED ? externalOf(bringer.aliases) : undefined) ?? customerId;
        if (toId === null) continue;
        const before = claims.find(kind, value);
        claims.put(kind, value, rank, claimant, toId);
        if (before?.rank !== rank || before.customerId !== toId)
          changes.push({ kind, value, fromId: before?.customerId ?? null, by: claimant });
      }
      return changes;
    },
  };
}

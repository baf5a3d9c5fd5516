// Which customer do names mean, and whose is an email or an alias? Read from the log, independently of src/ledger (definitions §5, the rule and
// the two tables).
import type { Database } from "../../db/database.ts";
import { PROFILE_UPDATE } from "../../db/schema.ts";
import { compareLogOrder } from "../value/log-order.ts";

export type NameKind = "email" | "alias";

/** The columns of an entry or a profile update that bring names. `aliases` is JSON. */
export interface Named {
  readonly entryId: number | null;
  readonly profileUpdateId: number | null;
  readonly at: number;
  readonly type: number;
  readonly key: string;
  /** The customer of an externalId. */
  readonly declaredCustomerId: number | null;
  readonly email: string | null;
  readonly aliases: string | null;
  /** The name that the customer of a PATCH was known by. */
  readonly knownEmail: string | null;
  readonly knownAlias: string | null;
}

/** What decides whose a name is: the customer of an externalId, or the entry or profile update whose customer's it is. */
interface Winner {
  readonly customerId: number | undefined;
  readonly by: Named | undefined;
  /** The name was brought with an email or with an alias of an externalId. */
  readonly isLinked: boolean;
}

export interface Names {
  /** The owner of a name by the claims to it; undefined if nothing claims it. */
  ownerOfClaimed(kind: NameKind, value: string): number | undefined;
  /** The customer that an entry or profile update names. */
  customerOf(named: Named): number | undefined;
}

/** The columns of `Named`, of entries and of profile updates. */
export const NAMED_ENTRY = `id AS entryId, NULL AS profileUpdateId, at, type, key, declared_customer_id AS declaredCustomerId, email, aliases,
  NULL AS knownEmail, NULL AS knownAlias`;
export const NAMED_UPDATE = `NULL AS entryId, id AS profileUpdateId, at, ${PROFILE_UPDATE} AS type, key,
  CASE WHEN known_email IS NULL AND known_alias IS NULL AND NOT (is_said AND key = '') THEN customer_id END AS declaredCustomerId,
  email, aliases, known_email AS knownEmail, known_alias AS knownAlias`;

const MOST_REMEMBERED = 50_000;
const toList = (aliases: string | null): string[] => (aliases === null ? [] : (JSON.parse(aliases) as string[]));
const present = (texts: readonly (string | null)[]) => texts.filter((text) => text !== null);
const emailsOf = ({ knownEmail, email }: Named) => present([knownEmail, email]);
const aliasesOf = ({ knownAlias, aliases }: Named) => [...present([knownAlias]), ...toList(aliases)];
const isSame = (a: Named, b: Named) => a.entryId === b.entryId && a.profileUpdateId === b.profileUpdateId;

export function openNames({ sqlite }: Database): Names {
  const isBringing = "type <> 4 AND erased_customer_id IS NULL";
  const bringers = {
    email: sqlite.prepare<{ value: string }, Named>(
      `SELECT ${NAMED_ENTRY} FROM entry WHERE email = :value AND ${isBringing} AND (declared_customer_id IS NOT NULL OR aliases IS NOT NULL)
       UNION ALL SELECT ${NAMED_UPDATE} FROM profile_update WHERE email = :value OR known_email = :value`,
    ),
    alias: sqlite.prepare<{ value: string }, Named>(
      `SELECT ${NAMED_ENTRY} FROM entry WHERE id IN (SELECT entry_id FROM entry_alias WHERE alias = :value) AND ${isBringing}
       UNION ALL SELECT ${NAMED_UPDATE} FROM profile_update
       WHERE id IN (SELECT profile_update_id FROM profile_update_alias WHERE alias = :value) OR known_alias = :value`,
    ),
  };
  const findKnown = {
    email: sqlite.prepare<[string], number>(`SELECT id FROM customer WHERE known_email = ?`).pluck(),
    alias: sqlite.prepare<[string], number>(`SELECT id FROM customer WHERE known_alias = ?`).pluck(),
  };
  const winners = new Map<string, Winner>();
  const owners = new Map<string, number | undefined>();
  const externals = new Map<string, number | undefined>();
  const remember = <Value>(map: Map<string, Value>, key: string, value: Value): Value => {
    if (map.size >= MOST_REMEMBERED) map.clear();
    map.set(key, value);
    return value;
  };

  const inOrder = (kind: NameKind, value: string) => bringers[kind].all({ value }).sort(compareLogOrder);

  function externalOf(aliases: readonly string[]): number | undefined {
    for (const alias of aliases) {
      const found = externals.has(alias)
        ? externals.get(alias)
        : remember(
            externals,
            alias,
            inOrder("alias", alias).find((each) => each.declaredCustomerId !== null)?.declaredCustomerId ?? undefined,
          );
      if (found !== undefined) return found;
    }
    return undefined;
  }

  const isDeclared = (kind: NameKind, value: string) => inOrder(kind, value).some((each) => each.declaredCustomerId !== null);

  function winnerOf(kind: NameKind, value: string): Winner {
    return winners.get(`${kind} ${value}`) ?? remember(winners, `${kind} ${value}`, findWinner(kind, value));
  }

  function findWinner(kind: NameKind, value: string): Winner {
    const all = inOrder(kind, value);
    const declared = all.find((each) => each.declaredCustomerId !== null);
    if (declared) return { customerId: declared.declaredCustomerId ?? undefined, by: undefined, isLinked: false };
    const linked = all.find((each) => externalOf(aliasesOf(each)) !== undefined || (kind === "alias" && emailsOf(each).length > 0));
    if (linked && kind === "email") return { customerId: externalOf(aliasesOf(linked)), by: undefined, isLinked: true };
    const by = linked ?? all.find((each) => aliasesOf(each).length > 0);
    return { customerId: by ? undefined : findKnown[kind].get(value), by, isLinked: linked !== undefined };
  }

  function ownerOf(kind: NameKind, value: string): number | undefined {
    const name = `${kind} ${value}`;
    if (owners.has(name)) return owners.get(name);
    const { customerId, by } = winnerOf(kind, value);
    return remember(owners, name, by === undefined ? customerId : customerOf(by));
  }

  /** The owner of a name, for an entry or profile update: where the name leads back to that, it is a customer of its own. */
  function ownerFor(kind: NameKind, value: string, named: Named): number | undefined {
    const { by } = winnerOf(kind, value);
    return by !== undefined && isSame(by, named) ? findKnown[kind].get(value) : ownerOf(kind, value);
  }

  function customerOf(named: Named): number | undefined {
    const { declaredCustomerId, knownEmail, knownAlias } = named;
    if (declaredCustomerId !== null) return declaredCustomerId;
    if (knownEmail !== null) return ownerFor("email", knownEmail, named);
    if (knownAlias !== null) return ownerFor("alias", knownAlias, named);
    const [emails, aliases] = [emailsOf(named), aliasesOf(named)];
    const external = externalOf(aliases);
    if (external !== undefined) return external;
    for (const alias of aliases) {
      const { by, isLinked } = winnerOf("alias", alias);
      if (by !== undefined && isLinked && !isSame(by, named)) return ownerOf("alias", alias);
    }
    const [email, alias] = [emails[0], aliases[0]];
    if (email !== undefined) return ownerFor("email", email, named);
    return alias === undefined ? undefined : ownerFor("alias", alias, named);
  }

  return {
    ownerOfClaimed(kind, value) {
      const { customerId, by, isLinked } = winnerOf(kind, value);
      // Without a claim, the owner is whoever is known by the name alone.
      return by === undefined && !isLinked && !isDeclared(kind, value) ? undefined : (customerId ?? ownerOf(kind, value));
    },
    customerOf,
  };
}

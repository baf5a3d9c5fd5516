// Which customer do names mean, and whose is an email or an alias? The rule and the two tables of definitions §5, read from the whole list.
import { byLogOrder, comparePoints, type Entry, type ProfileUpdate } from "./log.ts";

export interface Name {
  kind: "email" | "alias";
  value: string;
}

/** An entry or a profile update, with the names that it brings. */
interface Bringer {
  item: Entry | ProfileUpdate;
  /** The customer of its externalId. */
  declared: number | undefined;
  emails: readonly string[];
  aliases: readonly string[];
  /** The name that the customer of a PATCH was known by. */
  known: Name | undefined;
}

export interface Names {
  /** The customer of an email or alias; undefined if nobody ever had it. */
  ownerOf(name: Name): number | undefined;
  /** The customer that an entry names. */
  nameOf(entry: Entry): number | undefined;
  /** The customer of a profile update. */
  tellerOf(update: ProfileUpdate): number;
  /** The aliases of a customer, by code points. */
  aliasesOf(customerId: number): string[];
}

/** `known` gives the customer who is known by a name alone, and makes them if they are not there unless `isThere` is asked first. */
export interface Known {
  of(name: Name): number;
  has(name: Name): boolean;
  all(): readonly [Name, number][];
}

function toBringer(item: Entry | ProfileUpdate): Bringer {
  if ("isCreation" in item) {
    const { customerId, known, emails, aliases } = item;
    return { item, declared: known === undefined ? customerId : undefined, emails, aliases, known };
  }
  const { declaredCustomerId: declared, email, aliases } = item;
  return { item, declared, emails: email === undefined ? [] : [email], aliases, known: undefined };
}

export function openNames(entries: readonly Entry[], updates: readonly ProfileUpdate[], known: Known): Names {
  const told = entries.filter((entry) => entry.type !== "refund" && entry.erasedCustomerId === undefined);
  const bringers = [...told, ...updates].sort(byLogOrder).map(toBringer);
  const memory = new Map<string, { owner: number; by: Bringer | undefined }>();
  const externals = new Map<string, number>();
  for (const { declared, aliases } of bringers)
    for (const alias of aliases) if (declared !== undefined && !externals.has(alias)) externals.set(alias, declared);
  const externalOf = (aliases: readonly string[]) => aliases.map((alias) => externals.get(alias)).find((id) => id !== undefined);

  const brings = ({ emails, aliases }: Bringer, { kind, value }: Name) => (kind === "email" ? emails : aliases).includes(value);
  const first = (name: Name, holds: (bringer: Bringer) => boolean) => bringers.find((bringer) => brings(bringer, name) && holds(bringer));
  const linker = (name: Name) =>
    first(name, ({ emails, aliases }) => externalOf(aliases) !== undefined || (name.kind === "alias" && emails.length > 0));

  /** The table of the name: its owner, and the entry or update whose customer that is. */
  function resolve(name: Name): { owner: number; by: Bringer | undefined } {
    const found = memory.get(JSON.stringify(name));
    if (found) return found;
    const resolved = compute(name);
    memory.set(JSON.stringify(name), resolved);
    return resolved;
  }

  function compute(name: Name): { owner: number; by: Bringer | undefined } {
    const both = first(name, ({ declared }) => declared !== undefined);
    if (both?.declared !== undefined) return { owner: both.declared, by: undefined };
    const linked = linker(name);
    if (linked && name.kind === "email") return { owner: externalOf(linked.aliases) ?? 0, by: undefined };
    const by = linked ?? first(name, ({ aliases }) => aliases.length > 0);
    if (by === undefined) return { owner: known.of(name), by };
    memory.set(JSON.stringify(name), { owner: Number.NaN, by }); // so that it is noticed where the name leads back
    return { owner: customerOf(by), by };
  }

  /** The owner of a name as this bringer sees it: where the name leads back to it, it is a customer of its own. */
  function ownerFor(name: Name, bringer: Bringer): number {
    const { owner, by } = resolve(name);
    return by === bringer ? known.of(name) : owner;
  }

  function customerOf(bringer: Bringer): number {
    const { declared, emails, aliases, known: knownBy } = bringer;
    if (declared !== undefined) return declared;
    if (knownBy !== undefined) return ownerFor(knownBy, bringer);
    const external = externalOf(aliases);
    if (external !== undefined) return external;
    for (const value of aliases) {
      const linked = linker({ kind: "alias", value });
      if (linked !== undefined && linked !== bringer) return ownerFor({ kind: "alias", value }, bringer);
    }
    const [email, alias] = [emails[0], aliases[0]];
    if (email !== undefined) return ownerFor({ kind: "email", value: email }, bringer);
    return ownerFor({ kind: "alias", value: alias ?? "" }, bringer);
  }

  const ownerOf = (name: Name) => (bringers.some((bringer) => brings(bringer, name)) || known.has(name) ? resolve(name).owner : undefined);
  const broughtAliases = new Set(bringers.flatMap(({ aliases }) => aliases));
  const byItem = new Map(bringers.map((bringer) => [bringer.item, bringer]));

  return {
    ownerOf,
    nameOf(entry) {
      const bringer = byItem.get(entry) ?? toBringer(entry);
      const { declared, emails, aliases } = bringer;
      return declared === undefined && emails.length + aliases.length === 0 ? undefined : customerOf(bringer);
    },
    tellerOf: (update) => (update.known === undefined ? update.customerId : resolve(update.known).owner),
    aliasesOf(customerId) {
      const alone = known.all().flatMap(([{ kind, value }]) => (kind === "alias" ? [value] : []));
      const all = new Set([...broughtAliases, ...alone]);
      return [...all].filter((value) => ownerOf({ kind: "alias", value }) === customerId).sort(comparePoints);
    },
  };
}

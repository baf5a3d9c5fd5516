// Under which names is a customer known, and what was told about them?
import type { DataOf } from "./answers.ts";
import { country } from "./format.ts";
import { WORDS } from "./words.ts";

/** How many aliases are shown. */
const MOST_ALIASES = 10;

type Person = DataOf<"/customers/{id}">;

function Fact({ name, value }: { readonly name: string; readonly value: string | null }) {
  if (value === null) return null;
  return (
    <div>
      <dt>
        <bdi>{name}</bdi>
      </dt>
      <dd>
        <bdi>{value}</bdi>
      </dd>
    </div>
  );
}

export function KnownAs({ person }: { readonly person: Person }) {
  const words = WORDS.customer;
  const aliases = person.aliases.slice(0, MOST_ALIASES);
  const further = person.aliasCount - aliases.length;
  const metadata = Object.entries(person.metadata ?? {});
  return (
    <section>
      <h2>{words.knownAs}</h2>
      <dl class="facts">
        <Fact name={words.id} value={person.id} />
        <Fact name={words.externalId} value={person.externalId} />
        <Fact name={words.email} value={person.email} />
        {aliases.map((alias) => (
          <Fact key={alias} name={words.alias} value={alias} />
        ))}
        <Fact name={words.alias} value={further > 0 ? words.furtherAliases(further) : null} />
        <Fact name={words.firstSource} value={[person.source, person.campaign].filter((each) => each !== "(none)").join(" · ")} />
        <Fact name={words.country} value={person.country === null ? null : country(person.country)} />
        {metadata.map(([name, value]) => (
          <Fact key={name} name={name} value={typeof value === "string" ? value : JSON.stringify(value)} />
        ))}
      </dl>
    </section>
  );
}

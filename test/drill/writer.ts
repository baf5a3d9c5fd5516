// What does a client send that remembers every answer? Single entries, arrays, upserts and erasures, each repeated until it is answered.
import type { Sent } from "../oracle/log.ts";
import type { Upsert } from "../oracle/operation.ts";
import { between, type Chance, chanceFor, oneOf } from "./seed.ts";
import type { Victim } from "./victim.ts";

/** The clock of the servers of these writers. Everything they send happened in the 23 months before. */
export const CLOCK = "2026-06-15T12:00:00.000Z";
const SPAN_MS = 700 * 86_400_000;
const SHOPPERS = 400;
const MOST_IN_ARRAY = 30;

export type Person = Upsert & { externalId: string };
type Act = { entries: Sent[]; single: boolean } | { person: Person } | { erase: string };

/** Everything that clients sent and that was answered. */
export class Answers {
  /** By type and id, as `2 order-7`. */
  readonly entries = new Map<string, Sent>();
  /** The first write about each person, which creates them, in the order of the answers. */
  readonly created: Person[] = [];
  /** The last name that was answered. */
  readonly names = new Map<string, string>();
  readonly erased = new Set<string>();
  /** What was sent and is not answered yet. */
  readonly open = new Set<Act>();
  requests = 0;
  /** Unexpected answers. */
  readonly odd: string[] = [];
}

const TYPES = ["click", "lead", "sale", "custom", "refund"] as const;

/** The key by which an entry is found in the database: `2 order-7`. */
export function nameOf({ type, clickId, orderId, eventId }: Sent): string {
  return `${TYPES.indexOf(type)} ${type === "click" ? clickId : type === "sale" ? orderId : eventId}`;
}

/** The part of a person's name by which it is searched in files. */
export function markOf(externalId: string): string {
  return `zq7${externalId.replaceAll("-", "x")}q7z`;
}

export class Writer {
  readonly #name: string;
  readonly #chance: Chance;
  readonly #answers: Answers;
  /** People who were recorded and not erased, with the number of their last version. */
  readonly #persons: { externalId: string; version: number }[] = [];
  readonly #sales: { orderId: string; timestamp: string; refunded: boolean }[] = [];
  #count = 0;
  #open: Act | undefined;

  constructor(seed: number, name: string, answers: Answers) {
    this.#name = name;
    this.#chance = chanceFor(seed, "writer", name);
    this.#answers = answers;
  }

  /** Sends one thing after another until `until` is true or the server is gone. */
  async run(victim: Victim, until: () => boolean): Promise<void> {
    while (!until()) {
      this.#open ??= this.#next();
      this.#answers.open.add(this.#open);
      try {
        await this.#send(victim, this.#open);
      } catch {
        return; // no answer: it is sent again to the next server
      }
      this.#answers.requests += 1;
      this.#answers.open.delete(this.#open);
      this.#open = undefined;
    }
  }

  /** Sends again what is still unanswered, and nothing new. */
  async settle(victim: Victim): Promise<void> {
    await this.run(victim, () => this.#open === undefined);
  }

  async #send(victim: Victim, act: Act): Promise<void> {
    const answers = this.#answers;
    if ("entries" in act) {
      const { status, data } = await victim.ask<{ rejected?: number }>("POST", "/events", act.single ? act.entries[0] : act.entries);
      if (status !== 200 && status !== 201) return this.#odd(act, status);
      if (data.rejected) return this.#odd(act, status);
      for (const entry of act.entries) answers.entries.set(nameOf(entry), entry);
    } else if ("person" in act) {
      const { externalId, name } = act.person;
      const { status } = await victim.ask("POST", "/customers", act.person);
      if (status !== 200 && status !== 201) return this.#odd(act, status);
      if (!answers.names.has(externalId)) answers.created.push(act.person);
      answers.names.set(externalId, String(name));
    } else {
      const { status } = await victim.ask("DELETE", `/customers/ext_${act.erase}`);
      // 404: the server was killed before its first answer arrived.
      if (status !== 200 && status !== 404) return this.#odd(act, status);
      answers.erased.add(act.erase);
    }
  }

  #odd(act: Act, status: number): void {
    if (this.#answers.odd.length < 5) this.#answers.odd.push(`${status} to ${JSON.stringify(act).slice(0, 200)}`);
  }

  #next(): Act {
    const dice = this.#chance.pick(100);
    if (dice < 45) return { entries: [this.#entry()], single: true };
    if (dice < 60) return { entries: Array.from({ length: between(this.#chance, 2, MOST_IN_ARRAY) }, () => this.#entry()), single: false };
    const person = this.#persons[0];
    if (dice >= 88 && person && this.#persons.length > 3) {
      this.#persons.shift();
      return { erase: person.externalId };
    }
    return { person: this.#person() };
  }

  #id(kind: string): string {
    this.#count += 1;
    return `${kind}-${this.#name}-${this.#count}`;
  }

  #instant(): string {
    return new Date(Date.parse(CLOCK) - this.#chance.pick(SPAN_MS)).toISOString();
  }

  #person(): Person {
    const again = this.#persons.length > 5 && this.#chance.pick(2) === 0 ? oneOf(this.#chance, this.#persons) : undefined;
    const externalId = again?.externalId ?? this.#id("p");
    const version = (again?.version ?? 0) + 1;
    if (again) again.version = version;
    else this.#persons.push({ externalId, version });
    const mark = markOf(externalId);
    return {
      externalId,
      name: `${mark} v${version}`,
      email: `${mark}@example.com`,
      metadata: { note: mark.repeat(between(this.#chance, 1, 60)) },
      createdAt: this.#instant(),
      source: oneOf(this.#chance, ["google", "news", "friend"]),
    };
  }

  #entry(): Sent {
    const chance = this.#chance;
    const persons = this.#persons.slice(0, -1); // the last one's upsert may be unanswered
    const externalId = persons.length > 2 && chance.pick(3) === 0 ? oneOf(chance, persons).externalId : `shopper-${chance.pick(SHOPPERS)}`;
    const timestamp = this.#instant();
    const from = { source: oneOf(chance, ["google", "bing", "news"]), campaign: oneOf(chance, ["spring", "autumn", "none"]) };
    const dice = chance.pick(100);
    const sale = this.#sales.length > 0 ? oneOf(chance, this.#sales) : undefined;
    if (dice < 10 && sale && !sale.refunded) {
      sale.refunded = true;
      return {
        type: "refund",
        eventId: this.#id("r"),
        orderId: sale.orderId,
        timestamp: new Date(Date.parse(sale.timestamp) + 60_000).toISOString(),
      };
    }
    if (dice < 60) {
      const orderId = this.#id("o");
      this.#sales.push({ orderId, timestamp, refunded: false });
      return { type: "sale", orderId, externalId, timestamp, value: between(chance, 0, 99_999) / 100, ...from };
    }
    if (dice < 80) return { type: "click", clickId: this.#id("c"), externalId, timestamp, ...from };
    return { type: "lead", eventId: this.#id("l"), externalId, timestamp };
  }
}

// What was sent to a server and to the oracle beside it, and which customer of the one is which of the other?

import type { Facts } from "./oracle/derive.ts";
import type { Sent } from "./oracle/log.ts";
import type { Operation } from "./oracle/operation.ts";
import { customer } from "./oracle/people.ts";
import { canonical } from "./oracle/questions.ts";
import type { RandomLog } from "./oracle/random-log.ts";
import { openServer } from "./oracle/server.ts";
import { Api, content } from "./oracle/through-api.ts";
import { World } from "./oracle/world.ts";

interface Settings {
  timezone: string;
  currency: string;
  attributionWindowDays: number;
  now: number;
}

/** A customer as listed, and the oracle's facts about them. */
export interface Person {
  listed: Record<string, unknown>;
  facts: Facts;
}

export interface Told extends Disposable {
  readonly api: Api;
  readonly world: World;
  /** Sends an operation to both. */
  tell(operation: Operation): Promise<void>;
  /** All listed customers by id, matched to the oracle's by content. */
  people(): Promise<Map<string, Person>>;
}

/** Opens a server and an oracle, both empty. */
export function openTold(settings: Settings): Told {
  const server = openServer(settings);
  const api = new Api(server);
  const world = new World(settings);
  return {
    api,
    world,
    async tell(operation) {
      await api.apply(operation, world);
      world.apply(operation);
    },
    async people() {
      const live = [...world.derived.facts.values()].filter((facts) => !facts.erased);
      const byContent = new Map(live.map((facts) => [canonical(customer(world, facts)), facts]));
      const people = new Map<string, Person>();
      for (const listed of await api.customers()) {
        const facts = byContent.get(canonical(content(listed)));
        if (!facts) throw new Error(`the oracle knows nobody like ${JSON.stringify(listed)}`);
        people.set(String(listed.id), { listed, facts });
      }
      return people;
    },
    [Symbol.dispose]: () => server[Symbol.dispose](),
  };
}

/** Sends a random log to both, the entries of each segment in one array. */
export async function tellLog({ timezone, segments }: RandomLog): Promise<Told> {
  const told = openTold({ timezone, currency: "USD", attributionWindowDays: 30, now: 0 });
  for (const { now, entries, statuses, call } of segments) {
    await told.tell({ op: "clock", now });
    await told.api.events(entries);
    for (const entry of entries) told.world.apply({ op: "event", ...entry });
    for (const status of statuses) await told.tell(status);
    await told.tell(call);
  }
  return told;
}

const FIXTURES = `${import.meta.dir}/fixtures`;

export interface Golden {
  config: Omit<Settings, "now"> & { now: string };
  requests: { path: string; status: number }[];
}

/** The requests and settings of a golden world. */
export async function readGolden(name: "small-world" | "cdnow"): Promise<Golden & { settings: Settings }> {
  const golden = (await Bun.file(`${FIXTURES}/${name}.expected.json`).json()) as Golden;
  return { ...golden, settings: { ...golden.config, now: Date.parse(golden.config.now) } };
}

/** The small world, sent line by line. */
export async function tellSmallWorld(): Promise<Told> {
  const { settings } = await readGolden("small-world");
  const told = openTold(settings);
  const text = await Bun.file(`${FIXTURES}/small-world.ndjson`).text();
  for (const line of text.trim().split("\n")) {
    const { note: _, expect: __, ...operation } = JSON.parse(line) as Operation & { note?: string; expect?: string };
    await told.tell(operation as Operation);
  }
  return told;
}

/** The lines of the CDNOW file as sales (line n is the order `cdnow-n`). */
export async function readCdnow(path: string): Promise<Sent[]> {
  const lines = (await Bun.file(path).text()).trim().split("\n");
  return lines.map((line, index) => {
    const [externalId = "", date = "", , value = ""] = line.trim().split(/\s+/);
    const timestamp = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T00:00:00Z`;
    return { type: "sale", orderId: `cdnow-${index + 1}`, externalId, timestamp, value: Number(value), currency: "USD" };
  });
}

// Is the server right? The same log is sent to the server and to the oracle, and every answer is compared.
import { answer } from "./answer.ts";
import type { Chance } from "./arrange.ts";
import { differences } from "./golden-rules.ts";
import type { Sent } from "./log.ts";
import type { StatusCall } from "./operation.ts";
import { customer } from "./people.ts";
import { canonical, PERSONAL, personal, TOTALS } from "./questions.ts";
import type { Segment } from "./random-log.ts";
import { openServer } from "./server.ts";
import { Api, content } from "./through-api.ts";
import { World } from "./world.ts";
import { readInstant } from "./zone.ts";

const NOTHING: ReadonlySet<string> = new Set();
const SETTINGS = { currency: "USD", attributionWindowDays: 30, now: 0 };

/** How a log is sent. */
export interface Manner {
  /** Send entries in random batches, or all of a segment in one array. */
  batches?: Chance;
  /** Say statuses before their entries, as the adapters of providers can. */
  early?: boolean;
  /** Recompute everything derived after each call. */
  rebuilding?: boolean;
  /** Read reports after every call, so that derived data is brought up to date step by step. */
  asking?: boolean;
  /** Ask only some of the questions, drawn for every customer; else all of them. */
  drawing?: Chance;
}

/** How many questions are drawn about all customers, and about each one. */
const DRAWN = { totals: 8, personal: 2 };

function drawn(questions: readonly string[], most: number, chance: Chance | undefined): readonly string[] {
  return chance === undefined ? questions : Array.from({ length: most }, () => questions[chance.pick(questions.length)] ?? "");
}

/** Compares all answers of the API with the oracle's. Gives the first few differences. */
async function judge(api: Api, world: World, chance?: Chance): Promise<string[]> {
  const faults: string[] = [];
  const compare = (path: string, wanted: unknown, got: unknown) => {
    const found = differences(content(wanted), content(got), NOTHING);
    if (found.length > 0) faults.push(`${path}\n    ${found.slice(0, 6).join("\n    ")}`);
  };
  const live = [...world.derived.facts.values()].filter((facts) => !facts.erased);
  const byContent = new Map(live.map((facts) => [canonical(customer(world, facts)), facts]));
  const listed = await api.customers();
  const [ours, oracles] = [listed.map((one) => canonical(content(one))).sort(), [...byContent.keys()].sort()];
  const extra = ours.filter((one) => !byContent.has(one));
  const missing = oracles.filter((one) => !ours.includes(one));
  if (extra.length + missing.length > 0)
    faults.push(`/customers\n  only ours     ${extra.join("\n    ")}\n  only oracle's ${missing.join("\n    ")}`);
  for (const path of drawn(TOTALS, DRAWN.totals, chance)) compare(path, answer(world, path).data, await api.ask(path));
  for (const one of listed) {
    const facts = byContent.get(canonical(content(one)));
    if (facts)
      for (const path of drawn(PERSONAL, DRAWN.personal, chance))
        compare(`${one.externalId} ${path}`, personal(world, facts, path), await api.ask(`/customers/${one.id}${path}`));
  }
  return faults;
}

const subjectOf = ({ orderId, type = "refund", eventId }: StatusCall) =>
  orderId === undefined ? ({ type, key: eventId ?? "" } as const) : ({ type: "sale", key: orderId } as const);

/** Has its entry arrived, or does it come in this segment? A refund that is approved early could take the room of others before they come. */
function canBeEarly(status: StatusCall, entries: readonly Sent[]): boolean {
  const { type, key } = subjectOf(status);
  if (type === "refund" && status.status === "approved") return false;
  return entries.some((entry) => entry.type === type && (type === "sale" ? entry.orderId : entry.eventId) === key);
}

const instantOf = ({ statusAt = 0 }: StatusCall, world: World) => readInstant(statusAt, world.zone);

/** Sends the same log to the oracle and the API. Gives the API's wrong answers; an answer of 5xx is one too. */
export async function faultsOf(timezone: string, segments: readonly Segment[], manner: Manner): Promise<string[]> {
  return compared(timezone, segments, manner).catch((error: unknown) => [String(error)]);
}

async function compared(timezone: string, segments: readonly Segment[], manner: Manner): Promise<string[]> {
  using server = openServer({ ...SETTINGS, timezone });
  const api = new Api(server);
  const world = new World({ ...SETTINGS, timezone });
  const faults: string[] = [];
  const before: Sent[] = [];
  const isEarly = (status: StatusCall) => manner.early === true && canBeEarly(status, before);
  for (const { now, entries, statuses, call } of segments) {
    before.push(...entries);
    world.apply({ op: "clock", now });
    server.setNow(now);
    for (const status of statuses) if (isEarly(status)) server.say(subjectOf(status), status.status, instantOf(status, world));
    for (let from = 0; from < entries.length; ) {
      const size = manner.batches ? 1 + manner.batches.pick(6) : entries.length;
      const batch = entries.slice(from, from + size);
      const wanted = batch.map((entry) => world.apply({ op: "event", ...entry }));
      const got = await api.events(batch, true);
      got.forEach((outcome, index) => {
        if (outcome !== wanted[index]) faults.push(`${JSON.stringify(batch[index])}: ours ${outcome}, oracle's ${wanted[index]}`);
      });
      from += size;
    }
    for (const status of statuses) {
      const got = isEarly(status) ? undefined : await api.apply(status, world);
      const wanted = world.apply(status);
      if (got !== undefined && got !== wanted) faults.push(`${JSON.stringify(status)}: ours ${got}, oracle's ${wanted}`);
    }
    if (manner.asking && faults.length === 0) faults.push(...(await judge(api, world)));
    const got = await api.apply(call, world);
    const wanted = world.apply(call);
    if (got !== wanted) faults.push(`${JSON.stringify(call)}: ours ${got}, oracle's ${wanted}`);
    if (manner.rebuilding) await server.rebuild();
    if (faults.length > 0) return faults;
  }
  return await judge(api, world, manner.drawing);
}

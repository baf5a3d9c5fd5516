// Which random batches are imported and undone? Items of a random log, some of which come by imports, some by other ways, some by both.
import fc from "fast-check";
import { ENTRY_TYPES, REFUND, type Status } from "../../../db/schema.ts";
import type { ProfileUpdateFields } from "../../../src/customer/store-update.ts";
import { openProfileUpdates } from "../../../src/customer/update-profile.ts";
import { emptyReport } from "../../../src/intake/import/report.ts";
import { openImportStore } from "../../../src/intake/import/store.ts";
import { openUndo } from "../../../src/intake/import/undo.ts";
import { parseEntry } from "../../../src/intake/parse-entry.ts";
import { parseRate, storeRate } from "../../../src/intake/rate.ts";
import { openRecorder } from "../../../src/intake/record.ts";
import { openStatuses } from "../../../src/intake/status.ts";
import { isRefundStatus, type SaidStatus } from "../../../src/ledger/status.ts";
import { OTHER_WAYS } from "../../../src/ledger/way.ts";
import { ADMIN_KEY, openWorld, type World } from "../../harness.ts";
import { differences } from "../../oracle/golden-rules.ts";
import { plainAliases, plainEmail, type Sent } from "../../oracle/log.ts";
import type { Operation, StatusCall } from "../../oracle/operation.ts";
import { canonical, PERSONAL, TOTALS } from "../../oracle/questions.ts";
import { type RandomLog, randomLog } from "../../oracle/random-log.ts";
import { Api, content } from "../../oracle/through-api.ts";
import { readInstant, Zone } from "../../oracle/zone.ts";
import { verifyWorld } from "../../verify/world.ts";

/** One thing that is told, at `now`, by these ways: 0 stands for all that are no imports. */
export interface Item {
  readonly now: number;
  readonly ways: readonly number[];
  readonly what: Sent | StatusCall | Extract<Operation, { op: "customer" | "rate" }>;
}

export interface Batches {
  readonly timezone: string;
  readonly items: readonly Item[];
}

const keyOf = (sent: Sent) =>
  `${sent.type} ${(sent.type === "click" ? sent.clickId : sent.type === "sale" ? sent.orderId : undefined) ?? sent.eventId}`;

/** Whether a refund is refused depends on what is there, so refunds are of the whole sale or of whole units. */
function plainRefund(sent: Sent): Sent {
  if (sent.type !== "refund") return sent;
  const { currency: _, value, ...rest } = sent;
  if (rest.totalUntil !== undefined) return { ...rest, value: Math.max(1, Math.floor(value ?? 1)) };
  return value === undefined || value < 1 ? rest : { ...rest, value: Math.floor(value) };
}

/** The items of a log, each key with one content. `waysOf` draws the ways of an item. */
function toItems({ segments }: RandomLog, waysOf: (index: number) => readonly number[]): Item[] {
  const known = new Set<string>();
  const items: Item[] = [];
  const add = (now: number, what: Item["what"]) => void items.push({ now, what, ways: waysOf(items.length) });
  for (const { now, entries, statuses, call } of segments) {
    for (const entry of entries) {
      if (known.has(keyOf(entry))) continue;
      known.add(keyOf(entry));
      add(now, plainRefund(entry));
    }
    for (const status of statuses) add(now, status);
    if (call.op === "customer" || call.op === "rate") add(now, call);
  }
  return items;
}

const WAYS: readonly (readonly number[])[] = [[0], [0], [0], [1], [1], [2], [2], [1, 0], [0, 1], [1, 2], [2, 1], [1, 2, 0], [1, 1]];

export const randomBatches: fc.Arbitrary<Batches> = fc
  .tuple(randomLog, fc.array(fc.nat({ max: WAYS.length - 1 }), { minLength: 120, maxLength: 120 }))
  .map(([log, draws]) => ({
    timezone: log.timezone,
    items: toItems(log, (index) => WAYS[draws[index % draws.length] ?? 0] ?? [0]),
  }));

const normalized = ({
  externalId,
  email,
  aliases,
  createdAt: _,
  source: __,
  campaign: ___,
  ...rest
}: Extract<Operation, { op: "customer" }>) => {
  const { op: ____, ...fields } = rest;
  return {
    ...fields,
    externalId: externalId.normalize("NFC"),
    ...(email !== undefined && { email: email === null ? null : plainEmail(email) }),
    ...(aliases && { aliases: plainAliases(aliases) }),
  } as ProfileUpdateFields & { externalId: string };
};

/** A world in which items can be told by imports, which can be undone. */
export function openBatches(timezone: string, reassignAtOnce = 3) {
  const world: World = openWorld({ config: { timezone, currency: "USD" }, checkAnswers: false, reassignAtOnce, now: 0 });
  const { workspace } = world;
  const { ledger, database } = workspace;
  const store = openImportStore(database.sqlite, workspace.now);
  const undo = openUndo(workspace, store, 0);
  const recorder = openRecorder(workspace);
  const statuses = openStatuses(workspace);
  const profiles = openProfileUpdates(workspace);
  for (const name of ["one", "two", "three"]) ledger.write(() => store.add({ name, options: {}, state: "done", report: emptyReport() }));

  function carryOut(what: Item["what"]): void {
    if (!("op" in what)) {
      const { totalUntil, ...sent } = what;
      const parsed = parseEntry(sent, workspace);
      if ("details" in parsed) throw new Error(JSON.stringify([what, parsed.details]));
      const until = totalUntil === undefined ? null : readInstant(totalUntil, new Zone(timezone));
      recorder.record({ ...parsed.draft, totalUntil: until }, { isMeasured: false });
    } else if (what.op === "status") {
      const { type = "refund", orderId, eventId, status, statusAt = 0 } = what;
      const subject = orderId === undefined ? { type: ENTRY_TYPES.indexOf(type), key: eventId ?? "" } : { type: 2, key: orderId };
      const isAllowed = status !== "refunded" && (subject.type !== REFUND || isRefundStatus(status as Status));
      if (isAllowed) statuses.say(subject, status as SaidStatus, readInstant(statusAt, new Zone(timezone)));
    } else if (what.op === "rate") {
      const { op: _, ...raw } = what;
      const rate = parseRate(raw, workspace);
      if (!("details" in rate)) storeRate(workspace, rate);
    } else {
      const { createdAt, source, campaign } = what;
      const orBlank = (text: string | undefined) => (text === undefined || text.trim() === "" ? null : text);
      profiles.upsert(normalized(what), {
        createdAt: createdAt === undefined ? undefined : Date.parse(createdAt),
        source: orBlank(source),
        campaign: orBlank(campaign),
      });
    }
  }

  return {
    world,
    async tell({ now, what, ways }: Item, only: (way: number) => boolean = () => true): Promise<void> {
      world.clock.set(now);
      for (const way of ways.filter(only)) {
        ledger.write(() => (way === OTHER_WAYS ? carryOut(what) : ledger.ways.asImport(way, () => carryOut(what))));
        await ledger.allReassigned();
      }
    },
    async undo(id: number): Promise<void> {
      ledger.write(() => undo.begin(store.require(id)));
      await undo.finish(id);
    },
    /** Begins or goes on to undo, and stops after one write. */
    async undoSome(id: number): Promise<void> {
      ledger.write(() => undo.begin(store.require(id)));
      await undo.finish(id, { isStopped: () => true });
    },
    /** What the second implementation finds wrong with what is stored. */
    async verify(): Promise<unknown[]> {
      return [...(await verifyWorld(world, "stored")).kept];
    },
    /** Every answer, in words that do not depend on ids. */
    async answers(): Promise<Map<string, unknown>> {
      await ledger.catchUp();
      const api = new Api({ key: ADMIN_KEY, setNow: world.clock.set, handle: (request) => world.app.handle(request) });
      const found = new Map<string, unknown>();
      for (const path of TOTALS) found.set(path, content(await api.ask(path)));
      const people = new Map<string, number>();
      for (const customer of await api.customers()) {
        const name = canonical(content(customer));
        const nth = people.get(name) ?? 0;
        people.set(name, nth + 1);
        const personal = await Promise.all(PERSONAL.map(async (path) => content(await api.ask(`/customers/${customer.id}${path}`))));
        found.set(`${name} ${nth}`, personal);
      }
      return found;
    },
  };
}

/** What differs between two worlds' answers. */
export function compareAnswers(wanted: ReadonlyMap<string, unknown>, got: ReadonlyMap<string, unknown>): string[] {
  return [...new Set([...wanted.keys(), ...got.keys()])].flatMap((key) => {
    if (!wanted.has(key)) return [`only after undo: ${key}`];
    if (!got.has(key)) return [`missing after undo: ${key}`];
    const found = differences(wanted.get(key), got.get(key), new Set());
    return found.length > 0 ? [`${key}: ${found.slice(0, 4).join("; ")}`] : [];
  });
}

// Is everything that was answered on disk when the power is cut? The disk is rebuilt for many moments, from a trace of the server's writes and syncs.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseCustomerId, parseEntryId } from "../../src/value/id.ts";
import { type Drill, Faults, type Order } from "./drill.ts";
import { Disk, FATES } from "./power-image.ts";
import { chanceFor, oneOf } from "./seed.ts";
import { integrityOf, openStore } from "./store.ts";
import { readTrace, type Step, straceTo } from "./trace.ts";
import { innerPid, PROGRAM, startVictim, WEAKENED } from "./victim.ts";
import { Answers, CLOCK, Writer } from "./writer.ts";

const WRITERS = 8;
const REQUESTS = 600;
const DATABASE = "regulars.db";

/** What an answer promises to be stored. */
interface Said {
  entries: number[];
  erased: number[];
  /** Customers with the version that their name must have at least. */
  named: { externalId: string; version: number }[];
}

const versionOf = (name: string | null) => Number(/ v(\d+)$/.exec(name ?? "")?.[1] ?? -1);

function toSaid(text: string): Said {
  const all = (pattern: RegExp, parse: (id: string) => number | undefined) =>
    [...text.matchAll(pattern)].map(([, id = ""]) => parse(id) ?? -1);
  const [, externalId = "", name = ""] = (text.includes('"created":') && /"externalId":"([^"]+)".*?"name":"([^"]+)"/.exec(text)) || [];
  return {
    entries: all(/"id":"(ent_\w+)"/g, parseEntryId),
    erased: all(/"id":"(cus_\w+)","deleted":true/g, parseCustomerId),
    named: externalId === "" ? [] : [{ externalId, version: versionOf(name) }],
  };
}

/** How many of the answered things an image lacks, and its other faults. */
function missingIn(path: string, said: readonly Said[]): { missing: number; damage: string } {
  try {
    const store = openStore(path);
    try {
      const integrity = integrityOf(store);
      if (integrity !== "ok") return { missing: 0, damage: integrity };
      const entries = new Set(store.prepare("SELECT id FROM entry").pluck().all());
      const erased = new Set(store.prepare("SELECT id FROM customer WHERE deleted_at IS NOT NULL").pluck().all());
      const rows = store.prepare("SELECT external_id AS id, name FROM customer WHERE external_id IS NOT NULL").all() as {
        id: string;
        name: string | null;
      }[];
      const names = new Map(rows.map(({ id, name }) => [id, versionOf(name)]));
      const gone = store.prepare("SELECT count(*) FROM customer WHERE external_id IS NULL").pluck().get() as number;
      let missing = 0;
      for (const each of said) {
        missing += each.entries.filter((id) => !entries.has(id)).length + each.erased.filter((id) => !erased.has(id)).length;
        // A customer without a name was erased meanwhile.
        missing += each.named.filter(({ externalId, version }) => (names.get(externalId) ?? (gone > 0 ? version : -1)) < version).length;
      }
      return { missing, damage: "" };
    } finally {
      store.close();
    }
  } catch (error) {
    return { missing: said.length === 0 ? 0 : 1, damage: said.length === 0 ? "" : String(error) };
  }
}

/** Traces a server under load. Gives the steps, and what the clients were answered. */
async function trace({ seed }: Order, folder: string, command: readonly string[]): Promise<{ steps: Step[]; answers: Answers }> {
  mkdirSync(folder);
  const path = join(folder, "trace");
  const victim = await startVictim({ folder, env: { CLOCK }, wrapper: straceTo(path), command });
  const answers = new Answers();
  const writers = Array.from({ length: WRITERS }, (_, index) => new Writer(seed, `power-${index}`, answers));
  await Promise.all(writers.map((writer) => writer.run(victim, () => answers.requests >= REQUESTS)));
  process.kill(innerPid(victim.pid), "SIGTERM");
  await victim.exited;
  const steps = await readTrace(path, DATABASE);
  rmSync(path);
  return { steps, answers };
}

async function cutAll(order: Order, name: string, command: readonly string[]) {
  const chance = chanceFor(order.seed, "power", name);
  const folder = join(order.folder, name);
  const { steps, answers } = await trace(order, folder, command);
  const ends = steps.flatMap(({ kind }, index) => (kind === "answer" ? [index] : []));
  const first = ends[0] ?? 0;
  // Half of the cuts are right after an answer, which is the most critical moment.
  const cuts = Array.from({ length: order.rounds }, (_, index) =>
    index % 2 === 0 ? oneOf(chance, ends) : first + chance.pick(steps.length - first),
  );
  cuts.sort((a, b) => a - b);

  const disk = new Disk();
  const said: Said[] = [];
  const found = { images: 0, losing: 0, lost: 0, damaged: 0, damage: "", steps: steps.length, answered: 0, sent: answers.entries.size };
  for (const [index, step] of steps.entries()) {
    disk.take(step);
    if (step.kind === "answer") said.push(toSaid(step.text));
    for (; cuts[0] === index; cuts.shift()) {
      const image = join(folder, "image");
      disk.cut(image, FATES[found.images % FATES.length] ?? "dropped", chance);
      const { missing, damage } = missingIn(join(image, DATABASE), said);
      found.images += 1;
      found.lost += missing;
      if (missing > 0) found.losing += 1;
      if (damage !== "") [found.damaged, found.damage] = [found.damaged + 1, damage];
    }
  }
  found.answered = said.reduce((sum, { entries }) => sum + entries.length, 0);
  return found;
}

export const power: Drill = {
  name: "power",
  promise: "… and through a power cut",
  rounds: { full: 600, quick: 60 },
  needs: { strace: "strace" },
  async run(order) {
    const faults = new Faults();
    const full = await cutAll(order, "full", [...PROGRAM, "serve"]);
    faults.unless(full.lost === 0, `${full.lost} answered things are missing in ${full.losing} images`);
    faults.unless(full.damaged === 0, `${full.damaged} images are damaged: ${full.damage}`);
    faults.unless(full.answered >= full.sent, `the trace shows ${full.answered} answered entries of ${full.sent}`);
    const normal = await cutAll(order, "normal", [...WEAKENED, "NORMAL"]);
    faults.unless(normal.losing > 0, "control: with synchronous=NORMAL nothing was lost either");
    return {
      figures: {
        images: full.images,
        "steps traced": full.steps,
        "entries answered": full.answered,
        lost: full.lost,
        corrupt: full.damaged,
        "control NORMAL: images": normal.images,
        "with losses": normal.losing,
      },
      faults: faults.list,
    };
  },
};

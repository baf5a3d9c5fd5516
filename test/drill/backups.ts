// Are backups that are made under load complete, and do they not delay requests?
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toAt } from "../../src/ops/backup/schedule.ts";
import { startBare } from "./bare.ts";
import { compare } from "./compare.ts";
import { type Drill, Faults, type Order, type Outcome } from "./drill.ts";
import { openStore } from "./store.ts";
import { runCommand, startVictim, type Victim } from "./victim.ts";
import { Answers, CLOCK, Writer } from "./writer.ts";

const WRITERS = 4;
/** How long people are recorded, changed and erased before the first backup. */
const PEOPLE_MS = 2000;
const ERASED_AFTER = 20;
/** Makes the file some 20 MB, so that a copy takes a while. */
const IMPORTED = 40_000;
const MOST_HELD_UP_MS = 25;
const HELD_UP = "requests are held up by";
const TRIES = 3;
/** The columns with what was sent; the others are derived. */
const TOLD = "id, type, at, key, order_id, event_id, value, currency, sent_status, sale_key, link, campaign, source, medium";

class Probes {
  readonly quiet: number[] = [];
  readonly copying: number[] = [];
  /** Of a bare server beside it while copying: what the machine alone makes a request wait. */
  readonly bare: number[] = [];
  readonly #marks: { at: number; answered: number }[] = [];

  mark(answered: number): void {
    this.#marks.push({ at: Date.now(), answered });
  }

  /** How many entries had been answered by then. */
  answeredAt(at: number): number {
    return this.#marks.findLast((mark) => mark.at <= at)?.answered ?? 0;
  }
}

export const backups: Drill = {
  name: "backups",
  promise: "Backups restore",
  rounds: { full: 6, quick: 2 },
  async run(order) {
    for (let tries = 1; ; tries += 1) {
      const folder = join(order.folder, `try-${tries}`);
      mkdirSync(folder);
      const outcome = await attempt({ ...order, folder });
      const { faults, figures } = outcome;
      // Delays by the server occur every time, delays by the machine only now and then.
      const isHeldUp = faults.length > 0 && faults.every((fault) => fault.startsWith(HELD_UP));
      if (!isHeldUp || tries === TRIES) return { faults, figures: { ...figures, tries } };
    }
  },
};

async function attempt({ seed, rounds, folder }: Order): Promise<Outcome> {
  const faults = new Faults();
  const figures: Record<string, number> = { backups: 0, rows: 0, missing: 0, different: 0 };
  const lines = Array.from({ length: IMPORTED }, (_, index) =>
    JSON.stringify({
      type: "sale",
      orderId: `i-${index}`,
      externalId: `buyer-${index % 5000}`,
      timestamp: "2026-01-05T10:00:00Z",
      value: 5,
    }),
  );
  writeFileSync(join(folder, "import.ndjson"), `${lines.join("\n")}\n`);
  faults.unless((await runCommand(["import", "import.ndjson"], folder, { CLOCK })).code === 0, "the import fails");

  const own = join(folder, "backups");
  const victim = await startVictim({ folder, env: { CLOCK, BACKUP_EVERY: "10s", BACKUP_KEEP: "100", BACKUP_DIR: own } });
  const answers = new Answers();
  let isOver = false;
  await peopleOf(seed, victim, answers);
  const writers = Array.from({ length: WRITERS }, (_, index) => sell(victim, `w${index}`, answers, () => isOver));
  const probes = new Probes();
  const prober = probe(victim, own, probes, answers, () => isOver);

  /** Backups with the number of entries answered when they began. The answers are in order. */
  const made: { file: string; before: number }[] = [];
  const finished = () => namesIn(own).filter((name) => name.endsWith(".db"));
  for (let round = 1; round <= rounds; round += 1) {
    const before = answers.entries.size;
    if (round % 2 === 1) {
      const file = join(folder, `beside-${round}.db`);
      const { code, err } = await runCommand(["backup", file], folder);
      faults.unless(code === 0, `backup beside the server: ${err}`);
      if (code === 0) made.push({ file, before });
    } else {
      const had = finished().length;
      for (const until = performance.now() + 45_000; finished().length === had && performance.now() < until; ) await Bun.sleep(50);
      const newest = finished().sort().at(-1);
      faults.unless(finished().length > had && newest !== undefined, "the server made no backup by itself");
      if (newest !== undefined) made.push({ file: join(own, newest), before: probes.answeredAt(toAt(newest) ?? 0) });
    }
  }
  isOver = true;
  await Promise.all([...writers, prober]);
  for (const externalId of [...answers.names.keys()].filter((each) => !answers.erased.has(each)).slice(0, ERASED_AFTER)) {
    const { status } = await victim.ask("DELETE", `/customers/ext_${externalId}`);
    if (status === 200) answers.erased.add(externalId);
  }
  faults.unless((await victim.stop()) === 0, "the server did not stop with 0");

  const full = openStore(join(folder, "regulars.db"));
  const read = (path: string) => {
    const store = openStore(path);
    const rows = new Map(
      store
        .prepare(`SELECT ${TOLD} FROM entry`)
        .all()
        .map((row) => [(row as { id: number }).id, JSON.stringify(row)]),
    );
    const names = new Set(
      store.prepare("SELECT type || ' ' || CASE type WHEN 0 THEN click_id WHEN 2 THEN order_id ELSE event_id END FROM entry").pluck().all(),
    );
    store.close();
    return { rows, names };
  };
  full.close();
  const all = read(join(folder, "regulars.db"));
  for (const [index, { file, before }] of made.entries()) {
    const place = join(folder, `restored-${index}`);
    mkdirSync(place);
    const { code, err } = await runCommand(["restore", file], place, { CLOCK });
    faults.unless(code === 0, `restore: ${err}`);
    const { rows, names } = read(join(place, "regulars.db"));
    const missing = [...answers.entries.keys()].slice(0, before).filter((name) => !names.has(name)).length;
    const different = [...rows].filter(([id, row]) => all.rows.get(id) !== row).length;
    figures.backups = (figures.backups ?? 0) + 1;
    figures.rows = (figures.rows ?? 0) + rows.size;
    figures.missing = (figures.missing ?? 0) + missing;
    figures.different = (figures.different ?? 0) + different;
    faults.unless(missing === 0, `${missing} entries that were answered before the backup are missing in it`);
    faults.unless(different === 0, `${different} rows are others than in the database`);
  }
  // Restore the last backup over the database: who was erased since must stay erased.
  const last = made.at(-1);
  if (last) {
    const { code, err } = await runCommand(["restore", last.file], folder, { CLOCK });
    faults.unless(code === 0, `restore over the database: ${err}`);
    const known = new Answers();
    for (const externalId of answers.erased) known.erased.add(externalId);
    const back = compare(join(folder, "regulars.db"), known);
    figures.erased = answers.erased.size;
    figures["brought back"] = back.lost;
    faults.addAll(back.faults);
  }
  figures.answered = answers.entries.size;
  figures.probes = probes.quiet.length + probes.copying.length;
  figures["p99 ms without"] = percentile(probes.quiet, 0.99);
  figures["p99 ms while copying"] = percentile(probes.copying, 0.99);
  figures["p99 ms of a bare server then"] = percentile(probes.bare, 0.99);
  const machine = Math.max(figures["p99 ms without"], figures["p99 ms of a bare server then"]);
  const heldUp = figures["p99 ms while copying"] - machine;
  faults.unless(probes.copying.length > 20, "no request met a copy");
  faults.unless(heldUp <= MOST_HELD_UP_MS, `${HELD_UP} ${heldUp} ms`);
  return { figures, faults: faults.list };
}

/** Records, changes and erases people; some stay. */
async function peopleOf(seed: number, victim: Victim, answers: Answers): Promise<void> {
  const until = performance.now() + PEOPLE_MS;
  const writers = Array.from({ length: WRITERS }, (_, index) => new Writer(seed, `b${index}`, answers));
  await Promise.all(writers.map((writer) => writer.run(victim, () => performance.now() > until)));
  await Promise.all(writers.map((writer) => writer.settle(victim)));
}

/** Sends one sale after another. There are no erasures, because they sweep the file, which takes time itself. */
async function sell(victim: Victim, name: string, answers: Answers, until: () => boolean): Promise<void> {
  for (let count = 1; !until(); count += 1) {
    const entry = {
      type: "sale" as const,
      orderId: `${name}-${count}`,
      externalId: `shopper-${count % 500}`,
      timestamp: "2026-05-01T10:00:00Z",
      value: 3,
    };
    const { status } = await victim.ask("POST", "/events", entry);
    if (status === 201) answers.entries.set(`2 ${entry.orderId}`, entry);
  }
}

/** Sends small requests all the time. Notes how long each took, and whether the server was copying. */
async function probe(victim: Victim, own: string, probes: Probes, answers: Answers, until: () => boolean): Promise<void> {
  const bare = await startBare();
  while (!until()) {
    const isCopying = namesIn(own).some((name) => name.endsWith(".part"));
    probes.mark(answers.entries.size);
    const startedAt = performance.now();
    await victim.ask("GET", "/healthz");
    (isCopying ? probes.copying : probes.quiet).push(performance.now() - startedAt);
    if (isCopying) probes.bare.push(await bare.probe());
    await Bun.sleep(3);
  }
  bare.end();
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return Math.round(sorted[Math.floor(sorted.length * part)] ?? 0);
}

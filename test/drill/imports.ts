// Do others wait while the server imports a file, tries it out or takes it back? No turn of its thread may work for longer than 50 ms.
import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Drill, Faults } from "./drill.ts";
import type { Turn } from "./turn-meter.ts";
import { ADMIN_KEY, PROGRAM, startVictim, type Victim } from "./victim.ts";

const MOST_MS = 50;
/** How often all is done again after a turn was too long. Only what is too long each time counts. */
const MOST_ATTEMPTS = 3;
/** The first turn of a server is its start, which nobody waits for. */
const STARTING_MS = 500;
const PAUSE_MS = 4;
const PATIENCE_MS = 600_000;
const DONE = ["checked", "done", "failed", "undone"];
const [bun = "", main = ""] = PROGRAM;
const METERED = [bun, "--preload", join(import.meta.dir, "turn-meter.ts"), main, "serve"];
const HEAD =
  "id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Converted Amount,Status,Customer ID,Customer Email,PaymentIntent ID";
/** Each customer of the file has so many payments. */
const PAYMENTS_EACH = 3;

/** What a phase of the work took. */
interface Phase {
  readonly name: string;
  readonly turn: Turn;
  /** Of the requests meanwhile, in milliseconds. */
  readonly waits: readonly number[];
  readonly seconds: number;
}

const paymentOf = (n: number): string => {
  const who = Math.floor(n / PAYMENTS_EACH);
  const day = new Date(Date.UTC(2024, 0, 1) + n * 600_000).toISOString().slice(0, 19).replace("T", " ");
  return `ch_${n},${day},20.00,${n % 7 === 0 ? "5.00" : "0.00"},usd,true,20.00,Paid,cus_${who},p${who}@x.example,pi_${n}`;
};

/** What others ask meanwhile. Some of them bring names that the file has, so that the undo has calls to decide anew. */
const OTHERS: readonly ((n: number) => readonly [method: string, path: string, body?: object])[] = [
  () => ["GET", "/customers/cohorts?group_by=month"],
  (n) => ["POST", "/events", { type: "sale", orderId: `live-${n}`, externalId: `live-${n % 50}`, value: 5 }],
  (n) => ["POST", "/customers", { externalId: `known-${n}`, email: `p${n}@x.example` }],
  (n) => ["GET", `/customers/ext_live-${n % 50}`],
  () => ["GET", "/customers?limit=20"],
];

/** Asks all the time, from this process, until it is ended. `sold` gets the orders. `end` gives the waits in milliseconds. */
function startOthers(victim: Victim, sold: Set<string>, faults: Faults): { end(): Promise<number[]> } {
  const waits: number[] = [];
  let isOver = false;
  const asking = (async () => {
    for (let n = 0; !isOver; n += 1) {
      const other = OTHERS[n % OTHERS.length];
      const [method, path, body] = other?.(n) ?? ["GET", "/healthz"];
      const startedAt = performance.now();
      const { status } = await victim.ask(method, path, body);
      waits.push(performance.now() - startedAt);
      if (body && "orderId" in body) sold.add(String(body.orderId));
      faults.unless(status < 500 && status !== 400, `${method} ${path} meanwhile: ${status}`);
      await Bun.sleep(PAUSE_MS);
    }
  })();
  return {
    async end() {
      isOver = true;
      await asking;
      return waits.sort((one, other) => one - other);
    },
  };
}

async function untilDone(victim: Victim, id: number): Promise<string> {
  for (const until = performance.now() + PATIENCE_MS; performance.now() < until; await Bun.sleep(50)) {
    const { state } = (await victim.ask<{ state: string }>("GET", `/imports/${id}`)).data;
    if (DONE.includes(state)) return state;
  }
  return "not done";
}

/** Tries a file of so many rows out, imports it and takes it back, beside other requests. */
async function runOnce(folder: string, rows: number, faults: Faults): Promise<Phase[]> {
  mkdirSync(folder);
  const file = [HEAD, ...Array.from({ length: rows }, (_, n) => paymentOf(n))].join("\n");
  const victim = await startVictim({ folder, command: METERED });
  const meter = `http://127.0.0.1:${await readFile(join(folder, "turn-meter.port"), "utf8")}/`;
  const takeTurn = async () => (await (await fetch(meter)).json()) as Turn;
  await Bun.sleep(STARTING_MS);
  const phases: Phase[] = [];
  const sold = new Set<string>();
  async function phase(name: string, wanted: string, begin: () => Promise<number>): Promise<number> {
    await takeTurn();
    const startedAt = performance.now();
    const others = startOthers(victim, sold, faults);
    const id = await begin();
    const state = await untilDone(victim, id);
    faults.unless(state === wanted, `${name} ends as ${state}`);
    const seconds = (performance.now() - startedAt) / 1000;
    phases.push({ name, waits: await others.end(), turn: await takeTurn(), seconds });
    return id;
  }
  const send = (query: string) => async () => {
    const headers = { authorization: `Bearer ${ADMIN_KEY}`, "content-type": "text/csv" };
    const answer = await fetch(`${victim.url}/imports${query}`, { method: "POST", headers, body: file });
    return ((await answer.json()) as { data: { id: number } }).data.id;
  };
  await phase("dry run", "checked", send("?dryRun=true"));
  const id = await phase("import", "done", send(""));
  await phase("undo", "undone", async () => (await victim.ask<{ id: number }>("DELETE", `/imports/${id}`)).data.id);
  const { totals } = (await victim.ask<{ totals: { sales: number } }>("GET", "/customers/cohorts?group_by=month")).data;
  faults.unless(totals.sales === sold.size, `${totals.sales} sales are left after the undo, ${sold.size} came otherwise`);
  faults.unless((await victim.stop()) === 0, "the server did not stop with 0");
  return phases;
}

const atShare = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

export const imports: Drill = {
  name: "imports",
  promise: "No request waits for an import, its dry run or its undo",
  rounds: { full: 20_000, quick: 600 }, // rows of the file
  async run({ rounds, folder }) {
    const faults = new Faults();
    const figures: Record<string, string | number> = { rows: rounds };
    let over: readonly { name: string; text: string }[] | undefined;
    for (let attempt = 1; attempt <= MOST_ATTEMPTS && over?.length !== 0; attempt += 1) {
      const phases = await runOnce(join(folder, String(attempt)), rounds, faults);
      for (const { name, turn, waits, seconds } of phases) {
        const told = `${turn.worked.toFixed(0)} ms (p99 of ${waits.length} requests ${atShare(waits, 0.99).toFixed(0)} ms, in ${seconds.toFixed(1)} s)`;
        figures[name] = [figures[name] ?? [], told].flat().join(", then ");
      }
      over = phases
        .filter(({ name, turn }) => turn.worked > MOST_MS && (over?.some((before) => before.name === name) ?? true))
        .map(({ name, turn }) => ({ name, text: `${name}: the server holds its thread for ${turn.worked.toFixed(0)} ms` }));
    }
    faults.addAll(over?.map(({ text }) => text) ?? []);
    return { figures, faults: faults.list };
  },
};

// Promise: nothing that one caller sends, and no history that it meets, makes the others wait. The thread of the server is never held longer than 50 ms.
import { mkdirSync, writeFileSync } from "node:fs";
import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { MAX_PAGE_BODY_BYTES } from "../../src/http/page-limits.ts";
import { type Drill, Faults } from "./drill.ts";
import { entriesOf, FULL, type Sizes } from "./histories.ts";
import { hostileBodies } from "./hostile-bodies.ts";
import { MEETINGS, type Meeting } from "./meetings.ts";
import { chanceFor } from "./seed.ts";
import type { Turn } from "./turn-meter.ts";
import { ADMIN_KEY, PROGRAM, runCommand, startVictim, type Victim, WEAKENED } from "./victim.ts";

const MOST_MS = 50;
/**
 * How often all is met again after a turn was too long. A machine that gives memory slowly makes a turn long now and then; a fault of the
 * server makes the same meeting too long each time, and only that counts. Every figure is printed.
 */
const MOST_ATTEMPTS = 3;
const BODY_BYTES = 5 * 1024 * 1024 - 1024;
/** The first turn of a server is its start, which nobody waits for. */
const STARTING_MS = 500;
const LINES_AT_ONCE = 20_000;
/** How long derived data may take to catch up before the drill gives up. */
const PATIENCE_MS = 600_000;
const [bun = "", main = ""] = PROGRAM;
const METER = [bun, "--preload", join(import.meta.dir, "turn-meter.ts")];
const METERED = [...METER, main, "serve"];
/** How many entries the customer of the control has. */
const CONTROL_SALES = 30_000;

const scaled = (percent: number): Sizes =>
  Object.fromEntries(
    Object.entries(FULL).map(([name, size]) => [name, Math.max(10, Math.round((size * percent) / 100))]),
  ) as unknown as Sizes;

export const standstill: Drill = {
  name: "standstill",
  promise: "No request and no history makes the others wait",
  rounds: { full: 100, quick: 1 }, // per cent of the full size
  async run({ rounds, seed, folder }) {
    const faults = new Faults();
    const figures: Record<string, string | number> = {};
    let over: readonly Over[] | undefined;
    for (let attempt = 1; attempt <= MOST_ATTEMPTS && over?.length !== 0; attempt += 1) {
      const inside = join(folder, String(attempt));
      mkdirSync(inside);
      const found = await meetAll(inside, rounds, seed, faults);
      for (const [name, figure] of Object.entries(found.figures)) figures[name] = [figures[name] ?? [], figure].flat().join(", then ");
      over = found.over.filter(({ name }) => over?.some((before) => before.name === name) ?? true);
    }
    faults.addAll(over?.map(({ text }) => text) ?? []);
    const found = await control(join(folder, "control"));
    faults.unless(found > MOST_MS, `control: a server that reads ${CONTROL_SALES} entries at once is not found to stand still`);
    return { figures: { ...figures, control: `${found.toFixed(0)} ms` }, faults: faults.list };
  },
};

/** A meeting in which the server held its thread for too long, and what to say of it. */
interface Over {
  readonly name: string;
  readonly text: string;
}

/** Makes the histories, and lets a server meet each of them once. Gives the longest turn of each meeting, and those that are too long. */
async function meetAll(
  folder: string,
  percent: number,
  seed: number,
  faults: Faults,
): Promise<{ figures: Record<string, string>; over: Over[] }> {
  const file = join(folder, "histories.ndjson");
  await writeLines(file, entriesOf(scaled(percent), chanceFor(seed)));
  const imported = await runCommand(["import", file], folder, { LOG_LEVEL: "error" });
  faults.unless(imported.code === 0, `the import ends with ${imported.code}: ${imported.err}`);
  const key = (await runCommand(["keys", "create", "--origin", "https://shop.example"], folder)).out.trim();
  const victim = await startVictim({
    folder,
    command: METERED,
    env: { PUBLISHABLE_BYTES_PER_ADDRESS: "0", PUBLISHABLE_ENTRIES_PER_ADDRESS: "0", PUBLISHABLE_ENTRIES_PER_VISITOR: "0" },
  });
  const meter = `http://127.0.0.1:${await readFile(join(folder, "turn-meter.port"), "utf8")}/`;
  const figures: Record<string, string> = {};
  const over: Over[] = [];

  /** Does each part of the work, by name, and notes the longest turn of the server, which part it was in, and the longest wait of another caller. */
  async function meeting(name: string, parts: Readonly<Record<string, () => Promise<void>>>): Promise<void> {
    let longest: Turn & { readonly part: string } = { worked: 0, passed: 0, part: "" };
    await fetch(meter);
    const probe = await startProbe(victim);
    for (const [part, work] of Object.entries(parts)) {
      await work();
      const turn = (await (await fetch(meter)).json()) as Turn;
      if (process.env.STANDSTILL_LOG) console.error(`${turn.worked.toFixed(0).padStart(5)} ms  ${name}: ${part}`);
      if (turn.worked > longest.worked) longest = { ...turn, part };
    }
    await Bun.sleep(50);
    const { worked } = (await (await fetch(meter)).json()) as Turn;
    const waited = await probe.end();
    const most = Math.max(worked, longest.worked);
    figures[name] = `${most.toFixed(0)} ms (in ${longest.passed.toFixed(0)} ms; a wait of ${waited.toFixed(0)} ms)`;
    if (most > MOST_MS) over.push({ name, text: `${name}: the server holds its thread for ${most.toFixed(0)} ms, at ${longest.part}` });
  }

  await Bun.sleep(STARTING_MS);
  await meeting("nothing", { nothing: () => Bun.sleep(500) });
  for (const [name, meetings] of Object.entries(MEETINGS))
    await meeting(
      name,
      Object.fromEntries(
        meetings.map((each, place) => [`${place + 1}. ${each.method} ${each.path}`, async () => faults.addAll(await send(victim, each))]),
      ),
    );
  for (const [name, body] of Object.entries(hostileBodies(BODY_BYTES)))
    await meeting(
      `5 MiB, ${name}`,
      Object.fromEntries(
        (
          [
            ["POST", "/events"],
            ["PUT", "/rates"],
            ["POST", "/customers"],
          ] as const
        ).map(([method, path]) => [`${method} ${path}`, async () => faults.addAll(await sendText(victim, method, path, body, ADMIN_KEY))]),
      ),
    );
  for (const [name, body] of Object.entries(hostileBodies(MAX_PAGE_BODY_BYTES - 100)))
    await meeting(`64 KiB of a page, ${name}`, {
      "POST /events": async () => faults.addAll(await sendText(victim, "POST", "/events", body, key)),
    });
  faults.unless((await victim.stop()) === 0, "the server did not stop with 0");
  return { figures, over };
}

/** The longest turn of a server that reads the whole log of a customer at once, in milliseconds. */
async function control(folder: string): Promise<number> {
  mkdirSync(folder);
  const file = join(folder, "sales.ndjson");
  const saleOf = (index: number) => ({
    type: "sale",
    orderId: `o-${index}`,
    externalId: "large",
    value: 1,
    timestamp: 1_750_000_000 + index * 900,
  });
  await writeLines(
    file,
    Array.from({ length: CONTROL_SALES }, (_, index) => saleOf(index)),
  );
  await runCommand(["import", file], folder, { LOG_LEVEL: "error" });
  const victim = await startVictim({ folder, command: [...METER, WEAKENED[1] ?? "", "large-at-once"] });
  const meter = `http://127.0.0.1:${await readFile(join(folder, "turn-meter.port"), "utf8")}/`;
  await Bun.sleep(STARTING_MS);
  await fetch(meter);
  await send(victim, { method: "POST", path: "/events", body: saleOf(-1000), repeats: true });
  await send(victim, { method: "GET", path: "/customers/ext_large", repeats: true });
  await Bun.sleep(50);
  const { worked } = (await (await fetch(meter)).json()) as Turn;
  await victim.stop();
  return worked;
}

async function writeLines(file: string, entries: Iterable<object>): Promise<void> {
  writeFileSync(file, "");
  let lines: string[] = [];
  for (const entry of entries) {
    lines.push(JSON.stringify(entry));
    if (lines.length < LINES_AT_ONCE) continue;
    await appendFile(file, `${lines.join("\n")}\n`);
    lines = [];
  }
  await appendFile(file, `${lines.join("\n")}\n`);
}

/** Sends a request, again and again while it is answered 503. Gives what is wrong with the answer. */
async function send(victim: Victim, { method, path, body, repeats = false }: Meeting): Promise<string[]> {
  let isBegun = false;
  for (const until = performance.now() + PATIENCE_MS; ; await Bun.sleep(100)) {
    const { status, text } = await victim.ask(method, path, body);
    if (status < 300) return [];
    if (isBegun && method === "DELETE" && status === 404) return []; // a long erasure is answered 503 and goes on
    isBegun = status === 503;
    if (!repeats || status !== 503 || performance.now() > until) return [`${method} ${path}: ${status} ${text.slice(0, 200)}`];
  }
}

/** Sends a hostile body, again and again while it is answered 503: what the histories left to derive makes arrays wait. Gives what is wrong with the answer. */
async function sendText(victim: Victim, method: string, path: string, body: string, key: string): Promise<string[]> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json", origin: "https://shop.example" };
  for (const until = performance.now() + PATIENCE_MS; ; await Bun.sleep(100)) {
    const response = await fetch(`${victim.url}${path}`, { method, headers, body });
    const { length } = await response.text();
    if (response.status === 503 && performance.now() < until) continue;
    return response.status >= 500 || length > 2 ** 21 ? [`${method} ${path}: ${response.status}, ${length} bytes`] : [];
  }
}

/** Asks for /healthz all the time, from a process of its own. `end` gives the longest wait, in milliseconds. */
async function startProbe(victim: Victim): Promise<{ end(): Promise<number> }> {
  const child = Bun.spawn([bun, join(import.meta.dir, "prober.ts"), victim.url], { stdin: "ignore", stdout: "pipe", stderr: "ignore" });
  let [longest, rest] = [0, ""];
  const begun = Promise.withResolvers<void>();
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      longest = Math.max(longest, ...lines.map(Number));
      begun.resolve();
    }
  })();
  await begun.promise;
  return {
    async end() {
      child.kill();
      await reading;
      return longest;
    },
  };
}

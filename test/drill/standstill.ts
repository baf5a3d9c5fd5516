// Promise: nothing that one caller sends, and no history that it meets, makes the others wait. The thread of the server is never held longer than 50 ms.
import { writeFileSync } from "node:fs";
import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { MAX_PAGE_BODY_BYTES } from "../../src/http/page-limits.ts";
import { type Drill, Faults } from "./drill.ts";
import { entriesOf, FULL, hostileBodies, MEETINGS, type Meeting, type Sizes } from "./histories.ts";
import { chanceFor } from "./seed.ts";
import type { Turn } from "./turn-meter.ts";
import { ADMIN_KEY, PROGRAM, runCommand, startVictim, type Victim } from "./victim.ts";

const MOST_MS = 50;
const BODY_BYTES = 5 * 1024 * 1024 - 1024;
const PROBE_EVERY_MS = 5;
const LINES_AT_ONCE = 20_000;
/** How long derived data may take to catch up before the drill gives up. */
const PATIENCE_MS = 600_000;
const [bun = "", main = ""] = PROGRAM;
const METERED = [bun, "--preload", join(import.meta.dir, "turn-meter.ts"), main, "serve"];

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
    const file = join(folder, "histories.ndjson");
    await writeLines(file, entriesOf(scaled(rounds), chanceFor(seed)));
    const imported = await runCommand(["import", file], folder, { LOG_LEVEL: "error" });
    faults.unless(imported.code === 0, `the import ends with ${imported.code}: ${imported.err}`);
    const key = (await runCommand(["keys", "create", "--origin", "https://shop.example"], folder)).out.trim();
    const victim = await startVictim({
      folder,
      command: METERED,
      env: { PUBLISHABLE_BYTES_PER_ADDRESS: "0", PUBLISHABLE_ENTRIES_PER_ADDRESS: "0", PUBLISHABLE_ENTRIES_PER_VISITOR: "0" },
    });
    const meter = `http://127.0.0.1:${await readFile(join(folder, "turn-meter.port"), "utf8")}/`;
    const figures: Record<string, string | number> = {};

    /** Does `work` and notes the longest turn of the server, and the longest wait of another caller. */
    async function meeting(name: string, work: () => Promise<void>): Promise<void> {
      await fetch(meter);
      const probe = startProbe(victim);
      await work();
      await Bun.sleep(50);
      const { worked, passed } = (await (await fetch(meter)).json()) as Turn;
      const waited = await probe.end();
      figures[name] = `${worked.toFixed(0)} ms (in ${passed.toFixed(0)} ms; a wait of ${waited.toFixed(0)} ms)`;
      faults.unless(worked <= MOST_MS, `${name}: the server holds its thread for ${worked.toFixed(0)} ms`);
    }

    await meeting("nothing", () => Bun.sleep(500));
    const order = Object.entries(MEETINGS);
    for (const [name, meetings] of order)
      await meeting(name, async () => {
        for (const each of meetings) faults.addAll(await send(victim, each));
      });
    for (const [name, body] of Object.entries(hostileBodies(BODY_BYTES)))
      await meeting(`5 MiB, ${name}`, async () => {
        for (const [method, path] of [
          ["POST", "/events"],
          ["PUT", "/rates"],
          ["POST", "/customers"],
        ] as const)
          faults.addAll(await sendText(victim, method, path, body, ADMIN_KEY));
      });
    for (const [name, body] of Object.entries(hostileBodies(MAX_PAGE_BODY_BYTES - 100)))
      await meeting(`64 KiB of a page, ${name}`, async () => faults.addAll(await sendText(victim, "POST", "/events", body, key)));
    faults.unless((await victim.stop()) === 0, "the server did not stop with 0");
    return { figures, faults: faults.list };
  },
};

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

/** Sends a request, again and again while it is answered 503 or the customer is not there yet. Gives what is wrong with the answer. */
async function send(victim: Victim, { method, path, body, repeats = false }: Meeting): Promise<string[]> {
  for (const until = performance.now() + PATIENCE_MS; ; await Bun.sleep(100)) {
    const { status, text } = await victim.ask(method, path, body);
    if (process.env.STANDSTILL_LOG) console.error(method, path.slice(0, 60), status, text.length);
    if (status < 300) return [];
    if (!repeats || status !== 503 || performance.now() > until) return [`${method} ${path}: ${status} ${text.slice(0, 200)}`];
  }
}

async function sendText(victim: Victim, method: string, path: string, body: string, key: string): Promise<string[]> {
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json", origin: "https://shop.example" };
  if (process.env.STANDSTILL_LOG) console.error(method, path, body.slice(0, 20), body.length);
  const response = await fetch(`${victim.url}${path}`, { method, headers, body });
  const { length } = await response.text();
  return response.status >= 500 || length > 2 ** 21 ? [`${method} ${path}: ${response.status}, ${length} bytes`] : [];
}

/** Asks for /healthz all the time, from this process. `end` gives the longest wait, in milliseconds. */
function startProbe(victim: Victim): { end(): Promise<number> } {
  let [longest, isOver] = [0, false];
  const probing = (async () => {
    while (!isOver) {
      const startedAt = performance.now();
      await victim.ask("GET", "/healthz");
      longest = Math.max(longest, performance.now() - startedAt);
      await Bun.sleep(PROBE_EVERY_MS);
    }
  })();
  return {
    async end() {
      isOver = true;
      await probing;
      return longest;
    },
  };
}

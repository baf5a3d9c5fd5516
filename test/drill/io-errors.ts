// Is a failed write never acknowledged? System calls are made to fail: no space and I/O errors now and then, and at last a failed fsync.
import { join } from "node:path";
import { compare } from "./compare.ts";
import { type Drill, Faults } from "./drill.ts";
import { chanceFor, oneOf } from "./seed.ts";
import { copyStore, entriesOf, openStore } from "./store.ts";
import { startVictim, type Victim } from "./victim.ts";
import { Answers, CLOCK } from "./writer.ts";

const WRITERS = 8;
const LIBRARIES = "/usr/lib/fiu/fiu_run_preload.so /usr/lib/fiu/fiu_posix_preload.so";
const POINTS = [
  { name: "posix/io/rw/pwrite", errno: 28 },
  { name: "posix/io/rw/pwrite", errno: 5 },
  { name: "posix/io/rw/pwrite/reduce", errno: 0 },
  { name: "posix/io/rw/ftruncate", errno: 5 },
];
const WAIT_MS = 5000;

/** Tells libfiu what should fail. The server may end because of it, so the wait for an answer is limited. */
async function control(victim: Victim, fifo: string, command: string): Promise<void> {
  const child = Bun.spawn(["fiu-ctrl", "-f", fifo, "-c", command, String(victim.pid)], {
    stdout: "ignore",
    stderr: "pipe",
    timeout: WAIT_MS,
  });
  const code = await child.exited;
  if (code !== 0 && child.signalCode === null) throw new Error(`fiu-ctrl ${command}: ${(await new Response(child.stderr).text()).trim()}`);
}

/** Sends sales, each once, until `until` or until the server is gone. Gives what was stored and what was refused. */
async function sell(
  victim: Victim,
  answers: Answers,
  name: string,
  until: () => boolean,
): Promise<{ stored: number; refused: number; odd: Set<number> }> {
  const found = { stored: 0, refused: 0, odd: new Set<number>() };
  let count = 0;
  async function write(): Promise<void> {
    while (!until()) {
      count += 1;
      const entry = {
        type: "sale" as const,
        orderId: `o-${name}-${count}`,
        externalId: `shopper-${count % 50}`,
        timestamp: "2026-05-01T00:00:00Z",
        value: 5,
      };
      try {
        const { status } = await victim.ask("POST", "/events", entry);
        if (status === 201) {
          answers.entries.set(`2 ${entry.orderId}`, entry);
          found.stored += 1;
        } else if (status === 503) found.refused += 1;
        else found.odd.add(status);
      } catch {
        return;
      }
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, write));
  return found;
}

function namesIn(path: string): string[] {
  const store = openStore(path);
  try {
    return [...entriesOf(store).keys()];
  } finally {
    store.close();
  }
}

export const ioErrors: Drill = {
  name: "io-errors",
  promise: "A failed write is not acknowledged",
  rounds: { full: 20, quick: 4 },
  needs: { "fiu-ctrl": "fiu-utils" },
  async run({ seed, rounds, folder }) {
    const chance = chanceFor(seed, "io-errors");
    const faults = new Faults();
    const answers = new Answers();
    const fifo = join(folder, "fiu");
    const env = { CLOCK, LD_PRELOAD: LIBRARIES, FIU_CTRL_FIFO: fifo };
    const total = { stored: 0, refused: 0 };
    const victim = await startVictim({ folder, env });
    for (let round = 1; round <= rounds; round += 1) {
      const { name, errno } = oneOf(chance, POINTS);
      await control(victim, fifo, `enable_random name=${name},probability=0.0${1 + chance.pick(5)},failinfo=${errno}`);
      const until = performance.now() + 500;
      const bad = await sell(victim, answers, `${round}-bad`, () => performance.now() > until);
      await control(victim, fifo, `disable name=${name}`);
      const good = await sell(victim, answers, `${round}-good`, () => answers.entries.has(`2 o-${round}-good-20`));
      faults.unless(good.refused === 0, `after ${name} is over, ${good.refused} writes are refused`);
      for (const status of [...bad.odd, ...good.odd]) faults.add(`${name} ${errno}: a write is answered ${status}`);
      total.stored += bad.stored + good.stored;
      total.refused += bad.refused;
    }
    faults.unless(total.refused > 0, "no write failed: nothing was proved");

    await control(victim, fifo, "enable name=posix/io/sync/*,failinfo=5");
    const deadline = performance.now() + WAIT_MS;
    const last = await sell(victim, answers, "fsync", () => performance.now() > deadline);
    const code = await Promise.race([victim.exited, Bun.sleep(WAIT_MS).then(() => undefined)]);
    faults.unless(last.stored === 0, `${last.stored} writes were acknowledged after a failed fsync`);
    faults.unless(code !== undefined && code !== 0, `after a failed fsync the server ${code === undefined ? "runs on" : "ends with 0"}`);
    await victim.kill();
    const copy = copyStore(join(folder, "regulars.db"), join(folder, "copy"));
    const { lost, faults: found } = compare(copy, answers);
    faults.addAll(found);
    const refused = namesIn(copy).filter((name) => !name.includes("o-fsync-") && !answers.entries.has(name));
    faults.unless(refused.length === 0, `${refused.length} refused writes are stored, as ${refused[0]}`);

    return {
      figures: {
        rounds,
        acknowledged: total.stored,
        "refused with 503": total.refused,
        lost,
        "stored though refused": refused.length,
        "acknowledged after a failed fsync": last.stored,
        "exit code then": code ?? "none",
      },
      faults: faults.list,
    };
  },
};

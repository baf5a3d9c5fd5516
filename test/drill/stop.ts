// Does the server stop without losing requests under load, also as process 1 of a container?
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { compare } from "./compare.ts";
import { type Drill, Faults } from "./drill.ts";
import { between, chanceFor } from "./seed.ts";
import { ADMIN_KEY, innerPid, startVictim, type Victim } from "./victim.ts";
import { Answers, CLOCK } from "./writer.ts";

const CLIENTS = 16;
const MOST_MS = 5000;
/** Requests that began at least so long before the signal have certainly been received. */
const SURELY_MS = 20;

interface Load {
  answered: number;
  /** When the requests without an answer were begun. */
  unanswered: number[];
}

/** Sends arrays until the server is gone. */
async function load(victim: Victim, answers: Answers): Promise<Load> {
  const found: Load = { answered: 0, unanswered: [] };
  let count = 0;
  async function client(): Promise<void> {
    for (;;) {
      const startedAt = performance.now();
      const entries = Array.from({ length: 20 }, () => {
        count += 1;
        return {
          type: "sale" as const,
          orderId: `o-${count}`,
          externalId: `shopper-${count % 200}`,
          timestamp: "2026-05-01T00:00:00Z",
          value: 3,
        };
      });
      try {
        const { status } = await victim.ask("POST", "/events", entries);
        found.answered += 1;
        if (status === 200) for (const entry of entries) answers.entries.set(`2 ${entry.orderId}`, entry);
        if (status === 503) return;
      } catch {
        found.unanswered.push(startedAt);
        return;
      }
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return found;
}

/** An upload that never ends, and an idle connection. Neither may delay the stop. */
function hang(url: string): void {
  const { hostname, port } = new URL(url);
  for (const text of [
    `POST /events HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${ADMIN_KEY}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"type":`,
    "",
  ]) {
    const socket = connect(Number(port), hostname, () => void socket.write(text));
    socket.on("error", () => undefined);
    socket.unref();
  }
}

export const stop: Drill = {
  name: "stop",
  promise: "It stops politely",
  rounds: { full: 20, quick: 4 },
  needs: { unshare: "util-linux" },
  async run({ seed, rounds, folder: base }) {
    const chance = chanceFor(seed, "stop");
    const faults = new Faults();
    const figures = { stops: rounds, "as process 1": 0, answered: 0, "cut off": 0, lost: 0, "slowest ms": 0 };
    for (let round = 1; round <= rounds; round += 1) {
      const folder = join(base, String(round));
      mkdirSync(folder);
      const isFirst = round % 2 === 0;
      const victim = await startVictim({ folder, env: { CLOCK }, wrapper: isFirst ? ["unshare", "--pid", "--fork", "--kill-child"] : [] });
      const pid = isFirst ? innerPid(victim.pid) : victim.pid;
      if (isFirst) {
        figures["as process 1"] += 1;
        faults.unless(/^NSpid:.*\t1$/m.test(readFileSync(`/proc/${pid}/status`, "utf8")), "the server is not process 1");
      }
      const answers = new Answers();
      const work = load(victim, answers);
      if (round % 4 < 2) hang(victim.url);
      await Bun.sleep(between(chance, 100, 500));
      const signalledAt = performance.now();
      process.kill(pid, "SIGTERM");
      const code = await Promise.race([victim.exited, Bun.sleep(2 * MOST_MS).then(() => "none" as const)]);
      const milliseconds = Math.round(performance.now() - signalledAt);
      if (code === "none") await victim.kill();
      const { answered, unanswered } = await work;
      const cutOff = unanswered.filter((startedAt) => startedAt < signalledAt - SURELY_MS).length;
      figures.answered += answered;
      figures["cut off"] += cutOff;
      figures["slowest ms"] = Math.max(figures["slowest ms"], milliseconds);
      faults.unless(code === 0, `the exit code is ${code}`);
      faults.unless(milliseconds <= MOST_MS, `the stop took ${milliseconds} ms`);
      faults.unless(cutOff === 0, `${cutOff} requests in flight were not answered`);
      const database = join(folder, "regulars.db");
      faults.unless((statSync(`${database}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0, "the journal was not checkpointed");
      const found = compare(database, answers);
      figures.lost += found.lost;
      faults.addAll(found.faults);
    }
    return { figures, faults: faults.list };
  },
};

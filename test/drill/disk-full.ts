// Does a full disk lose nothing, and does the server continue when there is space again?
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compare } from "./compare.ts";
import { type Drill, Faults } from "./drill.ts";
import { REPORTS } from "./reports.ts";
import { copyStore } from "./store.ts";
import { startVictim, type Victim } from "./victim.ts";
import { askWhole } from "./whole.ts";
import { Answers, CLOCK } from "./writer.ts";

const DISK_MB = 24;
const FILLER_MB = 8;
const WRITERS = 4;
/** After how many refusals the disk counts as full. */
const REFUSALS = 40;
const READS = ["/customers?limit=100", "/customers/count", "/customers/ext_first", "/customers/ext_first/journey", ...REPORTS, "/healthz"];

async function mount(folder: string, ...args: string[]): Promise<void> {
  const child = Bun.spawn([...args, folder], { stdout: "ignore", stderr: "pipe" });
  if ((await child.exited) !== 0) throw new Error(`${args.join(" ")}: ${(await new Response(child.stderr).text()).trim()} (it takes root)`);
}

/** Writes until the full disk has refused for a while. Gives the answers by status. */
async function fill(victim: Victim, answers: Answers, name: string, enough: (refused: number) => boolean): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  let refused = 0;
  let count = 0;
  async function write(): Promise<void> {
    while (!enough(refused)) {
      count += 1;
      const entry = {
        type: "sale" as const,
        orderId: `o-${name}-${count}`,
        externalId: `shopper-${count % 300}`,
        timestamp: "2026-05-01T00:00:00Z",
        value: 10,
        metadata: { note: "n".repeat(3000) },
      };
      const { status, headers } = await victim.ask("POST", "/events", entry);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (status === 201) answers.entries.set(`2 ${entry.orderId}`, entry);
      else refused += 1;
      if (status === 503 && headers.get("retry-after") === null) statuses.set(-1, 1);
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, write));
  return statuses;
}

export const diskFull: Drill = {
  name: "disk-full",
  promise: "A full disk loses nothing",
  rounds: { full: 3, quick: 1 },
  async run({ rounds, folder }) {
    const faults = new Faults();
    const figures = { rounds, stored: 0, "refused with 503": 0, "reads while full": 0, lost: 0 };
    for (let round = 1; round <= rounds; round += 1) {
      const disk = join(folder, `disk-${round}`);
      mkdirSync(disk);
      await mount(disk, "mount", "-t", "tmpfs", "-o", `size=${DISK_MB}m`, "tmpfs");
      try {
        const log = join(folder, `log-${round}`);
        mkdirSync(log);
        const filler = join(disk, "filler");
        writeFileSync(filler, Buffer.alloc(FILLER_MB * 2 ** 20, 1));
        const answers = new Answers();
        const victim = await startVictim({ folder: log, env: { CLOCK, DATABASE_PATH: join(disk, "regulars.db") } });
        await victim.ask("POST", "/customers", { externalId: "first", createdAt: "2026-01-01T00:00:00Z" });
        const full = await fill(victim, answers, "full", (refused) => refused >= REFUSALS);
        figures["refused with 503"] += full.get(503) ?? 0;
        const odd = [...full.keys()].filter((status) => status !== 201 && status !== 503);
        faults.unless(odd.length === 0, odd.includes(-1) ? "a 503 without Retry-After" : `a full disk is answered ${odd.join(", ")}`);
        for (const path of READS) {
          const { status, text } = await victim.ask("GET", path);
          figures["reads while full"] += 1;
          faults.unless(status === 200, `while the disk is full, GET ${path} answers ${status}: ${text.slice(0, 200)}`);
        }
        rmSync(filler);
        const tries = await fill(victim, answers, "after", () => answers.entries.has("2 o-after-20"));
        faults.unless(tries.size === 1 && tries.has(201), `after room is made, writes are answered ${[...tries.keys()].join(", ")}`);
        const { status, data } = await askWhole<{ totals: { sales: number } }>(victim, REPORTS[0] ?? "");
        faults.unless(
          status === 200 && data.totals.sales === answers.entries.size,
          `the report has ${data?.totals.sales} sales of ${answers.entries.size}`,
        );
        faults.unless((await victim.stop()) === 0, "the server did not end with 0");
        const found = compare(copyStore(join(disk, "regulars.db"), join(folder, `copy-${round}`)), answers);
        figures.stored += answers.entries.size;
        figures.lost += found.lost;
        faults.addAll(found.faults);
      } finally {
        if (existsSync(disk)) await mount(disk, "umount", "-l");
      }
    }
    return { figures, faults: faults.list };
  },
};

// Does an erasure leave no byte of the person, on the server and on its standby, and every number as it was?
import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { type Drill, Faults } from "./drill.ts";
import { markOfPerson, nameOfPerson, tellAll } from "./marked-person.ts";
import { REPORTS, reportFaults } from "./reports.ts";
import { filesIn, hitsIn } from "./scan.ts";
import { chanceFor } from "./seed.ts";
import { startStandby } from "./standby.ts";
import { openStore } from "./store.ts";
import { PROGRAM, runCommand, startVictim, type Victim, WEAKENED } from "./victim.ts";
import { askWhole } from "./whole.ts";
import { CLOCK } from "./writer.ts";

/** How many people stay for each one who is erased. */
const OTHERS = 6;
const CONTROL_PEOPLE = 4;

interface Found {
  erased: number;
  before: number;
  hits: number;
  filesScanned: number;
}

const reportsOf = (victim: Victim) => Promise.all(REPORTS.map(async (report) => (await askWhole(victim, report)).data));

/** People who are not erased. Their records share pages with those who are, and are rewritten meanwhile. */
async function churn(victim: Victim, seed: number, others: number, until: () => boolean): Promise<void> {
  const chance = chanceFor(seed, "others");
  while (!until()) {
    const index = chance.pick(others);
    await victim.ask("POST", "/customers", {
      externalId: `other-${index}`,
      name: `Other ${index}`,
      metadata: { note: "n".repeat(chance.pick(9000)) },
      createdAt: "2026-01-01T00:00:00Z",
    });
  }
}

async function eraseAll(
  victim: Victim,
  folders: readonly string[],
  seed: number,
  people: number,
  faults: Faults | undefined,
): Promise<Found> {
  const allFiles = () => folders.flatMap(filesIn);
  const all = Array.from({ length: people }, (_, index) => index);
  const words = all.map(markOfPerson);
  const others = people * OTHERS;
  for (let index = 0; index < others; index += 1)
    await victim.ask("POST", "/customers", { externalId: `other-${index}`, name: `Other ${index}`, createdAt: "2026-01-01T00:00:00Z" });
  for (const index of all) await tellAll(victim, index);
  const reports = await reportsOf(victim);
  const { count } = (await victim.ask<{ count: number }>("GET", "/customers/count")).data;
  const { hits: before } = hitsIn(allFiles(), words);

  let done = false;
  const noise = churn(victim, seed, others, () => done);
  let hits = 0;
  for (const index of all) {
    const { status, text } = await victim.ask("DELETE", `/customers/ext_${nameOfPerson(index)}`);
    const found = hitsIn(allFiles(), [markOfPerson(index)]);
    hits += found.hits;
    faults?.unless(status === 200, `an erasure answers ${status}: ${text}`);
    faults?.unless(found.hits === 0, `${found.hits} hits of ${markOfPerson(index)} in ${basename(found.where)} when the answer was there`);
  }
  done = true;
  await noise;

  faults?.addAll(reportFaults(reports, await reportsOf(victim), "a report differs after the erasures"));
  const left = (await victim.ask<{ count: number }>("GET", "/customers/count")).data.count;
  faults?.unless(left === count - people, `${count} customers before, ${left} after ${people} erasures`);
  const { text: found } = await victim.ask("GET", "/customers?search=zq7pii");
  faults?.unless(!/zq7pii/i.test(found), "somebody erased is still found by search");
  const files = allFiles();
  return { erased: people, before, hits: hits + hitsIn(files, words).hits, filesScanned: files.length };
}

/** Copies that are made afterwards, by SQLite and by the program. */
async function hitsInCopies(folder: string, to: string, people: number): Promise<{ hits: number; copies: number }> {
  mkdirSync(to);
  const store = openStore(join(folder, "regulars.db"));
  store.prepare("VACUUM INTO ?").run(join(to, "vacuum.db"));
  store.close();
  if ((await runCommand(["--help"], folder)).out.includes("backup")) {
    const { code, err } = await runCommand(["backup", join(to, "backup.db")], folder);
    if (code !== 0) throw new Error(`backup ends with ${code}: ${err}`);
  }
  const copies = filesIn(to);
  const words = Array.from({ length: people }, (_, index) => markOfPerson(index));
  return { hits: hitsIn(copies, words).hits, copies: copies.length };
}

async function control(base: string, seed: number, weakening: string, faults: Faults): Promise<number> {
  const folder = join(base, weakening);
  mkdirSync(folder);
  const victim = await startVictim({ folder, env: { CLOCK, LOG_LEVEL: "debug" }, command: [...WEAKENED, weakening] });
  const { hits } = await eraseAll(victim, [folder], seed, CONTROL_PEOPLE, undefined);
  await victim.stop();
  faults.unless(hits > 0, `control: with ${weakening} nothing was found either`);
  return hits;
}

export const erasure: Drill = {
  name: "erasure",
  promise: "Erasure leaves no byte, on the standby neither",
  rounds: { full: 50, quick: 8 },
  async run({ seed, rounds, folder: base }) {
    const faults = new Faults();
    const folder = join(base, "data");
    const second = join(base, "standby");
    for (const each of [folder, second]) mkdirSync(each);
    // An erasure is answered once the standby has erased the person too.
    const victim = await startVictim({ folder, env: { CLOCK, LOG_LEVEL: "debug", FOLLOW_ACK: "1" }, command: [...PROGRAM, "serve"] });
    const standby = await startStandby(second, victim, { LOG_LEVEL: "debug" });
    const found = await eraseAll(victim, [folder, second], seed, rounds, faults);
    faults.unless((await standby.stop()) === 0, "the standby did not end with 0");
    const copies = await hitsInCopies(folder, join(base, "copies"), rounds);
    faults.unless(copies.hits === 0, `${copies.hits} hits in fresh copies`);
    faults.unless((await victim.stop()) === 0, "the server did not end with 0");
    const keepDeleted = await control(base, seed, "keep-deleted", faults);
    const noSweep = await control(base, seed, "no-sweep", faults);
    return {
      figures: {
        erased: found.erased,
        "hits before": found.before,
        "hits when answered": found.hits,
        "files scanned": found.filesScanned,
        "hits in copies": `${copies.hits} of ${copies.copies}`,
        "control: secure_delete off": keepDeleted,
        "control: journal not emptied": noSweep,
      },
      faults: faults.list,
    };
  },
};

// Can anybody confirm a guess at a person who was erased, with everything but the secret in hand?
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { secretOf } from "../../db/secret.ts";
import { detailsOf, tellCandidate } from "./candidate.ts";
import { type Drill, Faults } from "./drill.ts";
import { openGuesser, settingsIn } from "./guess.ts";
import { REPORTS } from "./reports.ts";
import { filesIn } from "./scan.ts";
import { chanceFor } from "./seed.ts";
import { PROGRAM, runCommand, startVictim, type Victim, WEAKENED } from "./victim.ts";
import { CLOCK } from "./writer.ts";

/** The attacker's list holds so many candidates for each person who is erased. */
const CANDIDATES = 2000;
const CONTROL_PEOPLE = 1;

/** What may say something about whoever was erased: reports over everybody, lists, metrics, and the records that are left without a name. */
const ANSWERS = [
  ...REPORTS,
  ...REPORTS.slice(0, 1).map((report) => `${report}&explain=true`),
  "/customers?limit=100",
  "/customers/count",
  "/customers/attribution",
  "/refunds/pending",
  "/metrics",
  "/readyz",
];

const settings = (folder: string) => ({ folder, env: { CLOCK, LOG_LEVEL: "debug" } });

const secretIn = (folder: string) => secretOf(join(folder, "regulars.db"));

/** The files that an attacker has: all but the secret. */
function readAll(folder: string): Buffer[] {
  return filesIn(folder)
    .filter((file) => file !== secretIn(folder))
    .map((file) => readFileSync(file));
}

async function answersOf(victim: Victim, people: readonly number[], faults: Faults | undefined): Promise<Buffer[]> {
  const texts: string[] = [];
  for (const path of ANSWERS) texts.push((await victim.ask("GET", path)).text);
  const withoutId = (text: string) => text.replace(/"requestId":"[^"]*"/, "");
  const nobody = withoutId((await victim.ask("GET", "/customers/ext_nobody")).text);
  for (const number of people) {
    const { text } = await victim.ask("GET", `/customers/ext_${detailsOf(number).externalId}`);
    faults?.unless(withoutId(text) === nobody, `an erased person is answered otherwise than a stranger: ${text}`);
    texts.push(text);
  }
  return texts.map((text) => Buffer.from(text));
}

/** Adds a backup and every export to the copies; gives the backup's path. */
async function copyOut(folder: string, copies: Buffer[]): Promise<string> {
  const to = `${folder}-copies`;
  mkdirSync(to);
  const backup = join(to, "backup.db");
  for (const args of [
    ["backup", backup],
    ["export", "entries"],
    ["export", "entries", "--format", "csv"],
    ["export", "customers"],
  ]) {
    const { code, out, err } = await runCommand(args, folder, settings(folder).env);
    if (code !== 0) throw new Error(`${args.join(" ")} ends with ${code}: ${err}`);
    copies.push(Buffer.from(out));
  }
  copies.push(readFileSync(backup));
  return backup;
}

interface Attacked {
  /** How many people could be read in plain text before they were erased. */
  readonly before: number;
  readonly candidates: number;
  readonly confirmed: number;
  /** Confirmed, although they were never there. */
  readonly strangers: number;
  /** People whose entries and requests are both found with the secret in hand. */
  readonly withSecret: number;
  readonly bytes: number;
}

/** Tells a server of `people`, erases them, gathers everything that is left, and tries every candidate. */
async function attack(
  victim: Victim,
  folder: string,
  // Without `faults` it is a control, for which the files are enough.
  { seed, people: count, faults }: { seed: number; people: number; faults: Faults | undefined },
): Promise<Attacked> {
  const chance = chanceFor(seed, "candidates");
  const candidates = count * CANDIDATES;
  const people = new Set<number>();
  while (people.size < count) people.add(chance.pick(candidates));
  for (const number of people) await tellCandidate(victim, number);
  const before = openGuesser(readAll(folder)).plain.size;
  for (const number of people) {
    const { status, text } = await victim.ask("DELETE", `/customers/ext_${detailsOf(number).externalId}`);
    faults?.unless(status === 200, `an erasure answers ${status}: ${text}`);
  }
  const copies = readAll(folder); // with the journal of a running server
  copies.push(...(await answersOf(victim, [...people], faults)));
  await victim.stop();
  copies.push(...readAll(folder));
  const databases = [join(folder, "regulars.db")];
  if (faults) databases.push(await copyOut(folder, copies));
  const known = settingsIn(databases);
  const guesser = openGuesser(copies);
  const confirmed = new Set(guesser.plain);
  for (let number = 0; number < candidates; number += 1) if (guesser.holdsDigestOf(number, known)) confirmed.add(number);
  for (const number of confirmed)
    faults?.add(`${detailsOf(number).externalId} is confirmed ${guesser.plain.has(number) ? "in plain text" : "by a digest"}`);
  // Does the attack hash as the program does? With the secret in hand it must find everybody.
  const secret = existsSync(secretIn(folder)) ? readFileSync(secretIn(folder), "utf8").trim() : "";
  const withSecret = [...people].filter(
    (number) => guesser.holdsDigestOf(number, [secret], ["entries"]) && guesser.holdsDigestOf(number, [secret], ["requests"]),
  ).length;
  const bytes = copies.reduce((sum, { length }) => sum + length, 0);
  return {
    candidates,
    confirmed: confirmed.size,
    strangers: [...confirmed].filter((each) => !people.has(each)).length,
    withSecret,
    bytes,
    before,
  };
}

async function control(base: string, seed: number, faults: Faults): Promise<Attacked> {
  const folder = join(base, "plain-hash");
  mkdirSync(folder);
  const victim = await startVictim({ ...settings(folder), command: [...WEAKENED, "plain-hash"] });
  const found = await attack(victim, folder, { seed, people: CONTROL_PEOPLE, faults: undefined });
  faults.unless(found.confirmed > 0, "control: without the secret nobody was confirmed either");
  faults.unless(found.strangers === 0, `control: ${found.strangers} were confirmed who were never there`);
  return found;
}

export const guessing: Drill = {
  name: "guessing",
  promise: "Nobody who was erased can be confirmed by a guess",
  rounds: { full: 50, quick: 1 },
  async run({ seed, rounds, folder: base }) {
    const faults = new Faults();
    const folder = join(base, "data");
    mkdirSync(folder);
    const victim = await startVictim({ ...settings(folder), command: [...PROGRAM, "serve"] });
    const found = await attack(victim, folder, { seed, people: rounds, faults });
    faults.unless(found.before === rounds, `only ${found.before} of ${rounds} people could be read before they were erased`);
    faults.unless(found.withSecret === rounds, `control: with the secret only ${found.withSecret} of ${rounds} people are found`);
    const weakened = await control(base, seed, faults);
    return {
      figures: {
        erased: rounds,
        candidates: found.candidates,
        "kB of copies": Math.round(found.bytes / 1000),
        confirmed: found.confirmed,
        "control: with the secret": found.withSecret,
        "control: hashes without a secret": `${weakened.confirmed} of ${CONTROL_PEOPLE}`,
      },
      faults: faults.list,
    };
  },
};

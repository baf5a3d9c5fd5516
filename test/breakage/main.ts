// Does each breakage make a test fail? Copies the tree to temporary folders, breaks it there, one rule at a time, and runs the tests.
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Breakage } from "./breakage.ts";
import { BREAKAGES } from "./breakages.ts";

const WORKERS = availableParallelism();
const ROOT = resolve(import.meta.dir, "../..");
/** What is drawn by chance elsewhere is the same in every run here: whether a breakage is noticed is no matter of luck. */
const SEEDS = { LAW_SEED: "1", FC_SEED: "1", STANDBY_SEED: "1", VERIFY_SEED: "1", DRILL_SEED: "1" };
const COPIED = ["src", "db", "test", "package.json", "tsconfig.json", "bunfig.toml"];
/** What the test of releases reads besides. */
const COPIED_FOR_RELEASES = [".github/workflows", ".ci", "Dockerfile", "README.md", "CHANGELOG.md", "LICENSE", "bun.lock"];

async function copyTree(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "regulars-breakage-"));
  for (const name of [...COPIED, ...COPIED_FOR_RELEASES]) await cp(join(ROOT, name), join(folder, name), { recursive: true });
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** Runs tests in the folder. Gives whether they pass. */
async function passes(folder: string, tests: readonly string[]): Promise<boolean> {
  const run = Bun.spawn([process.execPath, "test", "--bail", "--timeout", "120000", ...tests], {
    cwd: folder,
    env: { ...process.env, ...SEEDS },
    stdout: "ignore",
    stderr: "ignore",
  });
  return (await run.exited) === 0;
}

/** Breaks one rule, checks whether its tests notice, and restores the file. */
async function isNoticed(folder: string, { file, find, replace, tests }: Breakage): Promise<boolean> {
  const path = join(folder, file);
  const sound = await readFile(path, "utf8");
  if (sound.split(find).length !== 2) throw new Error(`${file}: what is to be broken does not stand there once: ${find}`);
  await writeFile(
    path,
    sound.replace(find, () => replace),
  );
  try {
    return !(await passes(folder, tests));
  } finally {
    await writeFile(path, sound);
  }
}

/** Throws if a test fails without a breakage, so that failing would prove nothing. */
async function requireSound(folder: string): Promise<void> {
  const files = new Set(BREAKAGES.flatMap(({ tests }) => tests).filter((each) => each.endsWith(".test.ts")));
  if (await passes(folder, ["--parallel", ...files])) return;
  for (const file of files) if (!(await passes(folder, [file]))) throw new Error(`The tests fail unbroken: ${file}`);
}

/**
 * Gives the number of breakages that no test noticed, and reports each with `say`. Each core has a tree of its own. `areSound`: the tests are
 * known to pass unbroken, as where all of them have just run.
 */
export async function run(say: (line: string) => void, areSound = false): Promise<number> {
  const folders = await Promise.all(Array.from({ length: WORKERS }, copyTree));
  let next = 0;
  let missed = 0;
  async function work(folder: string): Promise<void> {
    for (let breakage = BREAKAGES[next++]; breakage !== undefined; breakage = BREAKAGES[next++]) {
      const noticed = await isNoticed(folder, breakage);
      if (!noticed) missed++;
      const section = breakage.section === undefined ? "    " : `§${breakage.section}`.padEnd(4);
      say(`${noticed ? "noticed" : "MISSED "}  ${section} ${breakage.what}`);
    }
  }
  try {
    if (folders[0] !== undefined && !areSound) await requireSound(folders[0]);
    await Promise.all(folders.map(work));
    return missed;
  } finally {
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
  }
}

if (import.meta.main) {
  const missed = await run(console.log);
  console.log(`${BREAKAGES.length - missed} of ${BREAKAGES.length} breakages noticed`);
  process.exitCode = missed === 0 ? 0 : 1;
}

// Does each breakage make a test fail? Copies the tree to a temporary folder, breaks it there, one rule at a time, and runs the tests.
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Breakage } from "./breakage.ts";
import { BREAKAGES } from "./breakages.ts";

const ROOT = resolve(import.meta.dir, "../..");
const COPIED = ["src", "db", "test", "package.json", "tsconfig.json", "bunfig.toml"];

async function copyTree(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "regulars-breakage-"));
  for (const name of COPIED) await cp(join(ROOT, name), join(folder, name), { recursive: true });
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** Runs tests in the folder. Gives whether they pass. */
async function passes(folder: string, tests: readonly string[]): Promise<boolean> {
  const run = Bun.spawn([process.execPath, "test", "--timeout", "120000", ...tests], { cwd: folder, stdout: "ignore", stderr: "ignore" });
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

/** Gives the number of breakages that no test noticed, and reports each with `say`. Throws if the tests fail without a breakage. */
export async function run(say: (line: string) => void): Promise<number> {
  const folder = await copyTree();
  try {
    for (const tests of new Set(BREAKAGES.map((each) => each.tests.join(" "))))
      if (!(await passes(folder, BREAKAGES.find((each) => each.tests.join(" ") === tests)?.tests ?? [])))
        throw new Error(`The tests fail unbroken: ${tests}`);
    let missed = 0;
    for (const breakage of BREAKAGES) {
      const noticed = await isNoticed(folder, breakage);
      if (!noticed) missed++;
      say(
        `${noticed ? "noticed" : "MISSED "}  ${breakage.section === undefined ? "    " : `§${breakage.section}`.padEnd(4)} ${breakage.what}`,
      );
    }
    return missed;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const missed = await run(console.log);
  console.log(`${BREAKAGES.length - missed} of ${BREAKAGES.length} breakages noticed`);
  process.exitCode = missed === 0 ? 0 : 1;
}

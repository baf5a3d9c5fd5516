// `bun run release v1.2.3`: everything that a release consists of, in dist/. Refuses a tag, a changelog and a version that do not agree.
import { readFileSync } from "node:fs";
import manifest from "../../package.json" with { type: "json" };

const ROOT = `${import.meta.dir}/../..`;

/** What the changelog says of a version. Throws when it says nothing, or when the tag is of another version. */
export function toNotes(changelog: string, version: string, tag: string): string {
  if (tag !== `v${version}`) throw new Error(`The tag ${tag} is not that of package.json's version: v${version}.`);
  const [, ...sections] = changelog.split(/^## /m);
  const own = sections.find((text) => text.startsWith(`[${version}]`));
  if (!own) throw new Error(`CHANGELOG.md has no section [${version}]: give [Unreleased] that name and a date.`);
  if (!/^\[[^\]]+\] - \d{4}-\d\d-\d\d\n/.test(own))
    throw new Error(`The section [${version}] of CHANGELOG.md needs its date, as [1.2.3] - 2026-02-01.`);
  return `${own.slice(own.indexOf("\n")).trim()}\n`;
}

async function run(...command: string[]): Promise<void> {
  const child = Bun.spawn(command, { cwd: ROOT, stdout: "inherit", stderr: "inherit" });
  if ((await child.exited) !== 0) throw new Error(`${command.slice(1).join(" ")} failed.`);
}

if (import.meta.main) {
  try {
    const notes = toNotes(readFileSync(`${ROOT}/CHANGELOG.md`, "utf8"), manifest.version, process.argv[2] ?? "(none)");
    await run(process.execPath, "install", "--frozen-lockfile", "--ignore-scripts");
    await run(process.execPath, "test/release/main.ts", "--all");
    await Bun.write(`${ROOT}/dist/NOTES.md`, notes);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

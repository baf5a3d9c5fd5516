// For which platforms is the binary made, and where does each one's runtime come from?
import { cpSync, mkdirSync } from "node:fs";

export interface Target {
  /** As better-sqlite3 names its addon, and as package.json's "imports" lists it. */
  readonly name: string;
  /** The npm package with Bun's runtime for it; `runtimes/` pins version and checksum. */
  readonly runtime: string;
  /** As `--target` of `bun build` names it. */
  readonly bun: string;
}

const target = (name: string, runtime: string, bun: string): Target => ({ name, runtime: `@oven/bun-${runtime}`, bun: `bun-${bun}` });

export const TARGETS: readonly Target[] = [
  target("linux-x64", "linux-x64", "linux-x64"),
  target("linux-arm64", "linux-aarch64", "linux-arm64"),
  target("linuxmusl-x64", "linux-x64-musl", "linux-x64-musl"),
  target("linuxmusl-arm64", "linux-aarch64-musl", "linux-arm64-musl"),
  target("darwin-x64", "darwin-x64", "darwin-x64"),
  target("darwin-arm64", "darwin-aarch64", "darwin-arm64"),
  target("win32-x64", "windows-x64", "windows-x64"),
];

export const isWindows = ({ name }: Target): boolean => name.startsWith("win32");

/** The file that a release calls the binary of a target: `regulars-linux-x64`. */
export function fileOf(each: Target): string {
  return `regulars-${each.name}${isWindows(each) ? ".exe" : ""}`;
}

/** The platform that this runs on. Throws when there is no binary for it. */
export function thisTarget(): Target {
  const musl = process.platform === "linux" && !("glibcVersionRuntime" in (process.report.getReport() as { header: object }).header);
  const name = `${process.platform}${musl ? "musl" : ""}-${process.arch}`;
  const found = TARGETS.find((each) => each.name === name);
  if (!found) throw new Error(`There is no binary for ${name}: there are ${TARGETS.map((each) => each.name).join(", ")}.`);
  return found;
}

/** Installs the runtimes of all targets from the npm registry into `folder`, compared with the checksums of `runtimes/bun.lock`. */
export async function installRuntimes(folder: string): Promise<(each: Target) => string> {
  mkdirSync(folder, { recursive: true });
  for (const name of ["package.json", "bun.lock"]) cpSync(`${import.meta.dir}/runtimes/${name}`, `${folder}/${name}`);
  const command = [process.execPath, "install", "--frozen-lockfile", "--ignore-scripts", "--os=*", "--cpu=*", "--libc=*"];
  const child = Bun.spawn(command, { cwd: folder, stdout: "ignore", stderr: "pipe" });
  if ((await child.exited) !== 0) throw new Error(`The runtimes cannot be installed: ${await new Response(child.stderr).text()}`);
  return (each) => `${folder}/node_modules/${each.runtime}/bin/bun${isWindows(each) ? ".exe" : ""}`;
}

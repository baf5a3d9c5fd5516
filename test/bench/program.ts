// How are our servers and commands, and bare peers, run as processes beside the bench?
import { copyFileSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ADMIN_KEY, settings } from "./load.ts";
import { benchPath } from "./size.ts";

const MAIN = join(import.meta.dir, "../../src/main.ts");
const BARE = join(import.meta.dir, "bare-server.ts");
const READY_MS = 60_000;
export const AUTHORIZED = { authorization: `Bearer ${ADMIN_KEY}` };

export interface Running {
  readonly url: string;
  readonly pid: number;
  /** Milliseconds from its start to its first answer. */
  readonly startedMs: number;
  stop(): Promise<void>;
}

/** A port that is free at this moment. */
function freePort(): number {
  const probe = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const { port } = probe;
  probe.stop(true);
  return port ?? 0;
}

async function start(command: readonly string[], env: Readonly<Record<string, string>>, program = process.execPath): Promise<Running> {
  const port = freePort();
  const startedAt = performance.now();
  const child = Bun.spawn([program, ...command], {
    env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...env, PORT: String(port), HOST: "127.0.0.1" },
    stdout: Bun.file("/dev/null"),
    stderr: "inherit",
  });
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${command.join(" ")} ended with ${child.exitCode}`);
    const ready = await fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) break;
    if (performance.now() - startedAt > READY_MS) throw new Error(`${command.join(" ")} did not answer`);
    await Bun.sleep(1);
  }
  return {
    url,
    pid: child.pid,
    startedMs: performance.now() - startedAt,
    async stop() {
      child.kill();
      await child.exited;
    },
  };
}

/** Starts our server on a database. */
export const startOurs = (path: string, more: Readonly<Record<string, string>> = {}) =>
  start([MAIN, "serve"], { ...settings(path), ...more });

/** The same with the built program. */
export const startBinary = (binary: string, path: string) => start(["serve"], settings(path), binary);

/** Starts a bare peer. `what`: its task, from bare-server.ts. */
export const startBare = (what: string, env: Readonly<Record<string, string>> = {}) => start([BARE, what], { ADMIN_KEY, ...env });

/** Runs one of our commands, and kills it after a time. Gives its exit code; undefined if it was killed. */
export async function runOurs(path: string, args: readonly string[], mostMs = Number.POSITIVE_INFINITY): Promise<number | undefined> {
  const env = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...settings(path) };
  const child = Bun.spawn([process.execPath, MAIN, ...args], { env, stdout: Bun.file("/dev/null"), stderr: Bun.file("/dev/null") });
  let ended = false;
  const timer = Number.isFinite(mostMs)
    ? setTimeout(() => {
        ended = true;
        child.kill("SIGKILL");
      }, mostMs)
    : undefined;
  const code = await child.exited;
  clearTimeout(timer);
  return ended ? undefined : code;
}

/** A copy of a database that may be changed. It replaces that of an earlier run. */
export function copyDatabase(from: string, name: string): string {
  const to = benchPath(name);
  removeDatabase(to);
  copyFileSync(from, to);
  Bun.spawnSync(["sync"]); // what is still being written would slow down who is measured
  return to;
}

/** Reads a file, so that it is in the page cache and the server is measured, not the disk. */
export async function readThrough(path: string): Promise<void> {
  for await (const _ of Bun.file(path).stream());
}

/** Removes a database with all files beside it. */
export function removeDatabase(path: string): void {
  for (const suffix of ["", "-wal", "-shm", "-journal", ".made", ".lock"]) if (existsSync(path + suffix)) rmSync(path + suffix);
}

// How is the server of a drill started? As its users start it, in its own process.
import { closeSync, openSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../..");
const START_MS = 60_000;

export const ADMIN_KEY = "admin-key-for-drills";
/** The program from its source. */
export const PROGRAM: readonly string[] = [process.execPath, join(ROOT, "src/main.ts")];
/** The same server with weakened guards, for negative controls. The guards to remove follow. */
export const WEAKENED: readonly string[] = [process.execPath, join(ROOT, "test/drill/weakened.ts")];

export interface Reply<Data = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The `data` of a success. */
  readonly data: Data;
}

export interface Victim {
  readonly url: string;
  /** The id of the process that was started; with a `wrapper`, that of the wrapper. */
  readonly pid: number;
  /** The file with its output and that of earlier starts. */
  readonly logPath: string;
  readonly exited: Promise<number>;
  /** Sends a request with the admin key. Throws if there is no answer. */
  ask<Data = unknown>(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply<Data>>;
  /** `kill -9`, and waits until it is gone. */
  kill(): Promise<void>;
  /** Sends SIGTERM and waits. Gives its exit code. */
  stop(): Promise<number>;
}

export interface StartOptions {
  /** The directory of the database and the log. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The command that runs the program: `strace …`. */
  readonly wrapper?: readonly string[];
  /** The command line; `PROGRAM serve` by default. */
  readonly command?: readonly string[];
}

/** The environment without any setting of this machine. */
export function toEnvironment(folder: string, env: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "",
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    PORT: "0",
    ADMIN_KEY,
    DATABASE_PATH: join(folder, "regulars.db"),
    LOG_LEVEL: "warn",
    ...env,
  };
}

/** Starts a process whose output goes to `server.log` in the folder. */
export function spawnLogged(command: readonly string[], folder: string, env: Readonly<Record<string, string>> = {}): Bun.Subprocess {
  const log = openSync(join(folder, "server.log"), "a");
  const child = Bun.spawn([...command], { cwd: folder, env: toEnvironment(folder, env), stdin: "ignore", stdout: log, stderr: log });
  closeSync(log);
  return child;
}

/** Runs a command of the program to its end. */
export async function runCommand(
  args: readonly string[],
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; out: string; err: string }> {
  const child = Bun.spawn([...PROGRAM, ...args], {
    cwd: folder,
    env: toEnvironment(folder, env),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
  return { code, out, err };
}

/** Starts the server and waits until it listens. Throws with its output if it does not. */
export async function startVictim({ folder, env, wrapper = [], command = [...PROGRAM, "serve"] }: StartOptions): Promise<Victim> {
  const logPath = join(folder, "server.log");
  const before = statSync(logPath, { throwIfNoEntry: false })?.size ?? 0;
  const child = spawnLogged([...wrapper, ...command], folder, env);
  const said = () => readFileSync(logPath, "utf8").slice(before);
  let url: string | undefined;
  for (const until = performance.now() + START_MS; url === undefined; await Bun.sleep(5)) {
    url = /Docs\s+(http:\/\/\S+)\/docs/.exec(said())?.[1];
    if (url === undefined && (child.exitCode !== null || performance.now() > until)) {
      child.kill("SIGKILL");
      throw new Error(`The server did not start: ${said().trim()}`);
    }
  }
  return {
    url,
    pid: child.pid,
    logPath,
    exited: child.exited,
    ask: (method, path, body, headers) => ask(`${url}${path}`, method, body, headers),
    async kill() {
      child.kill("SIGKILL");
      await child.exited;
    },
    async stop() {
      child.kill("SIGTERM");
      return await child.exited;
    },
  };
}

/** The last process of a chain of children, which is the program itself under `strace` or `unshare`. */
export function innerPid(pid: number): number {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
  return child === undefined ? pid : innerPid(Number(child));
}

async function ask<Data>(
  url: string,
  method: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply<Data>> {
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${ADMIN_KEY}`,
      "cache-control": "no-cache",
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = (response.headers.get("content-type") ?? "").startsWith("application/json");
  return { status: response.status, headers: response.headers, text, data: (isJson ? JSON.parse(text).data : undefined) as Data };
}

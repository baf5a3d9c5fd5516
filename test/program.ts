// How does a test run the whole program, as its users do?

import { build } from "./release/build.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const ROOT = `${import.meta.dir}/..`;

/** The program from its source, as `bun src/main.ts`. */
export const FROM_SOURCE: readonly string[] = [process.execPath, `${ROOT}/src/main.ts`];

export interface Running {
  url: string;
  /** Its output at the start. */
  greeting: string;
  /** The key that its first start created. */
  key: string | undefined;
  pid: number;
  /** Sends a request with the key, with JSON in both directions. */
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  /** Asks it to stop and waits. Gives its exit code. */
  stop(signal?: "SIGTERM" | "SIGINT"): Promise<number>;
}

/** The environment without any setting of this machine. */
function toEnvironment(settings: Readonly<Record<string, string>>): Record<string, string> {
  return { PATH: process.env.PATH ?? "", HOST: "127.0.0.1", PORT: "0", ...settings };
}

let built: Promise<string> | undefined;

/** The binary, built once for all tests of a run, in its own directory. */
export function binary(): Promise<string> {
  built ??= (async () => {
    const path = `${temporaryFolder()}/regulars`;
    await build(path);
    return path;
  })();
  return built;
}

/** Runs a command to its end. */
export async function run(
  command: readonly string[],
  cwd: string,
  settings: Readonly<Record<string, string>> = {},
  input = "",
): Promise<{ code: number; out: string; err: string }> {
  const child = Bun.spawn([...command], { cwd, env: toEnvironment(settings), stdin: new Blob([input]), stdout: "pipe", stderr: "pipe" });
  const [out, err, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
  return { code, out, err };
}

/** Starts the server and waits for its greeting. Throws with its output if it does not start. `key`: that of an earlier start. */
export async function start(
  command: readonly string[],
  cwd: string,
  settings: Readonly<Record<string, string>> = {},
  key?: string,
): Promise<Running> {
  const child = Bun.spawn([...command], { cwd, env: toEnvironment(settings), stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const errors = new Response(child.stderr).text();
  const greeting = await readUntil(child.stdout, "Ctrl-C");
  const url = /(http:\/\/[^\s]+)\/docs/.exec(greeting)?.[1];
  if (url === undefined) throw new Error(`The server did not start: ${greeting}${await errors}`);
  const own = key ?? /rg_[0-9A-Za-z]+/.exec(greeting)?.[0];
  return {
    url,
    greeting,
    key: own,
    pid: child.pid,
    async call(method, path, body) {
      const response = await fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${own}`, "content-type": "application/json", "cache-control": "no-cache" },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.json() };
    },
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      return await child.exited;
    },
  };
}

/** The text up to the first line with `mark`. The rest is read and dropped, so that the program is never blocked by a full pipe. */
async function readUntil(stream: ReadableStream<Uint8Array>, mark: string): Promise<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (!text.includes(mark)) {
    const { value, done } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
  }
  void (async () => {
    while (!(await reader.read()).done);
  })();
  return text;
}

// How does a test start the real engine of ClickHouse? It needs chdb from npm, in the folder that CHDB names.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../temporary-folder.ts";

/** What goes wrong with the next request of a kind: `lost`: it is carried out, and its answer never comes; `fewer`: it says that a row is missing. */
export interface Armed {
  readonly of: "insert" | "select";
  readonly fault: "lost" | "refused" | "cut" | "exception" | "slow" | "garbage" | "fewer";
}

/** Is chdb there? */
export const hasChdb = existsSync(join(process.env.CHDB ?? "", "node_modules/chdb/index.js"));

export interface Chdb {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** Arms faults for the next requests, in order. */
  arm(faults: readonly Armed[]): Promise<void>;
  /** Runs SQL in a database, and gives the answer as text. */
  sql(database: string, text: string): Promise<string>;
  /** Milliseconds of CPU that it has used. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

export async function startChdb(folder: string = temporaryFolder()): Promise<Chdb> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "chdb-server.ts"), folder], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const { value } = await child.stdout.getReader().read();
  const url = `http://127.0.0.1:${Number(new TextDecoder().decode(value).trim())}`;
  const post = async (path: string, body: string) => {
    const response = await fetch(`${url}${path}`, { method: "POST", body });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return text;
  };
  return {
    url,
    arm: async (faults) => void (await post("/fault", JSON.stringify(faults))),
    sql: (database, text) => post(`/?database=${database}`, text),
    cpuMs: async () => Number(await post("/cpu", "")),
    async stop() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

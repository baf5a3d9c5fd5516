// How is a backup made without delaying requests? By a second process of this program, which gives way to erasures.
import { setPriority } from "node:os";
import type { Contents } from "../../../db/backup.ts";
import type { Database } from "../../../db/database.ts";
import { removeDatabaseFiles } from "../../../db/loading-copy.ts";
import { toCommandLine } from "../../host/program.ts";
import { toTemporary } from "./make-backup.ts";

/** The nice value of the second process, out of 19. It yields the processor to the server. */
const NICENESS = 10;
/** How often the server checks whether an erasure waits for the backup. */
const LOOK_MS = 200;
/** How often a backup begins anew because of erasures. After that it goes on, and an erasure that has waited for too long is answered 503. */
const MOST_BEGUN_ANEW = 5;

/** Copies the database at `path` into the new file `file`, and gives the contents. Rejects with the output of the process if it fails. */
export type BackUp = (path: string, file: string, signal: AbortSignal) => Promise<Contents>;

/** Makes a backup by `regulars backup FILE --json` in another process. */
export const backUpElsewhere: BackUp = async (path, file, signal) => {
  const child = Bun.spawn([...toCommandLine(), "backup", file, "--json"], {
    env: { ...process.env, DATABASE_PATH: path },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    signal,
  });
  try {
    setPriority(child.pid, NICENESS);
  } catch {
    // The process has already ended, or its priority may not be changed. Then it competes with the server a little.
  }
  const [out, err, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
  if (code !== 0) throw new Error(err.trim() || `The backup ended with exit code ${code}.`);
  return JSON.parse(out) as Contents;
};

/**
 * Makes a backup with `backUp`. The copy holds a read transaction, and an erasure cannot empty the journal as long as there is one: then
 * the copy is abandoned, and begun anew after the erasure. Leaves nothing behind if it fails.
 */
export async function backUpGivingWay(
  database: Pick<Database, "isSweepHeldUp">,
  [path, file]: readonly [path: string, file: string],
  backUp: BackUp,
  signal: AbortSignal,
): Promise<Contents> {
  for (let begun = 1; ; begun += 1) {
    const giveWay = new AbortController();
    const timer = setInterval(() => {
      if (begun <= MOST_BEGUN_ANEW && database.isSweepHeldUp()) giveWay.abort();
    }, LOOK_MS);
    try {
      return await backUp(path, file, AbortSignal.any([signal, giveWay.signal]));
    } catch (error) {
      if (signal.aborted || giveWay.signal.aborted) removeDatabaseFiles(toTemporary(file)); // a process that was ended has not removed it
      if (signal.aborted || !giveWay.signal.aborted) throw error;
    } finally {
      clearInterval(timer);
    }
    while (database.isSweepHeldUp() && !signal.aborted) await Bun.sleep(LOOK_MS);
  }
}

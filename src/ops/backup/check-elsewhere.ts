// How is a copy checked without holding up requests? This program runs a second time, as another process.
import { setPriority } from "node:os";
import type { Contents } from "../../../db/backup.ts";
import { toCommandLine } from "../../host/program.ts";

/** How much less this process asks of the processor than the server: by 10 of 19. */
const NICENESS = 10;

/** Reads a copy through; throws an Error with what `backup --check` said when it is not whole. */
export async function checkElsewhere(file: string, signal: AbortSignal): Promise<Contents> {
  const child = Bun.spawn([...toCommandLine(), "backup", "--check", file], { stdin: "ignore", stdout: "pipe", stderr: "pipe", signal });
  try {
    setPriority(child.pid, NICENESS);
  } catch {
    // It has already ended, or its priority may not be changed: then it competes with the server a little.
  }
  const [out, err, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
  if (code !== 0) throw new Error(err.trim() || `The check of the backup ended with exit code ${code}.`);
  return JSON.parse(out) as Contents;
}

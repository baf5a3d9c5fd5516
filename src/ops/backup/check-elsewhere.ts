// How is a copy checked without delaying requests? By a second process of this program.
import { setPriority } from "node:os";
import type { Contents } from "../../../db/backup.ts";
import { toCommandLine } from "../../host/program.ts";

/** The nice value of the second process, out of 19. It yields the processor to the server. */
const NICENESS = 10;

/** Checks the whole copy `file` and gives its contents. Rejects with the output of `backup --check` if the copy is damaged. */
export async function checkElsewhere(file: string, signal: AbortSignal): Promise<Contents> {
  const child = Bun.spawn([...toCommandLine(), "backup", "--check", file], { stdin: "ignore", stdout: "pipe", stderr: "pipe", signal });
  try {
    setPriority(child.pid, NICENESS);
  } catch {
    // The process has already ended, or its priority may not be changed. Then it competes with the server a little.
  }
  const [out, err, code] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited]);
  if (code !== 0) throw new Error(err.trim() || `The check of the backup ended with exit code ${code}.`);
  return JSON.parse(out) as Contents;
}

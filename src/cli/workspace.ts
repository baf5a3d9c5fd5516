// How does a command open the workspace, and close it again?
import { openWorkspace, type Workspace } from "../app/workspace.ts";
import { readConfig } from "../host/config.ts";
import { silentLog } from "../host/log.ts";
import { confirmStored } from "./confirm.ts";
import { Failure } from "./failure.ts";

/**
 * Opens the workspace of the settings, runs `work` with it, and closes it, also after a failure. With `writes`, throws for a standby, and with
 * FOLLOW_ACK=1 it waits until a standby has what was written; `isTrial`: nothing is.
 */
export async function withWorkspace<T>(
  work: (workspace: Workspace) => Promise<T> | T,
  { writes = false, isTrial = false } = {},
): Promise<T> {
  const workspace = await openWorkspace(readSettings(), { log: silentLog(), writes });
  try {
    const result = await work(workspace);
    if (writes && !isTrial && workspace.config.followAck) await confirmStored(workspace);
    return result;
  } finally {
    await workspace.close();
  }
}

/** The settings from the environment. Throws a Failure with all invalid settings and exit code 2. */
export function readSettings(): ReturnType<typeof readConfig> {
  try {
    return readConfig(process.env);
  } catch (error) {
    throw error instanceof Error ? new Failure(error.message, 2) : error;
  }
}

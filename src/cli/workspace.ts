// How does a command open the workspace, and close it again?
import { openWorkspace, type Workspace } from "../app/workspace.ts";
import { readConfig } from "../host/config.ts";
import { silentLog } from "../host/log.ts";
import { Failure } from "./failure.ts";

/** Opens the workspace of the settings, runs `work` with it, and closes it, also after a failure. */
export async function withWorkspace<T>(work: (workspace: Workspace) => Promise<T> | T): Promise<T> {
  const workspace = await openWorkspace(readSettings(), { log: silentLog() });
  try {
    return await work(workspace);
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

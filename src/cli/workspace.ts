// How does a command get at the workspace's database, and leave it tidy?
import { isBusy } from "../../db/open.ts";
import { readConfig } from "../config.ts";
import type { Context } from "../context.ts";
import { silentLog } from "../log.ts";
import { openWorkspace } from "../open-context.ts";
import { Failure } from "./failure.ts";

/** Opens the workspace that the settings name, runs `work` with it, and closes it, also after a failure. */
export async function withWorkspace<T>(work: (context: Context) => Promise<T> | T): Promise<T> {
  const context = await openWorkspace(readSettings(), { log: silentLog() });
  try {
    return await work(context);
  } finally {
    context.ledger.close();
    context.database.close();
  }
}

/** The settings from the environment; every problem with them in one message, with exit code 2. */
export function readSettings(): ReturnType<typeof readConfig> {
  try {
    return readConfig(process.env);
  } catch (error) {
    throw error instanceof Error ? new Failure(error.message, 2) : error;
  }
}

const PATIENCE = 30;

/** Runs a write again while another process holds the database for longer than SQLite itself waits. */
export async function patiently<T>(work: () => T | Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === PATIENCE || !isBusy(error)) throw error;
      await Bun.sleep(attempt * 10);
    }
  }
}

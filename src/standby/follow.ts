// How does a standby keep up with its primary? It asks for what is new, stores it, and asks again, which tells the primary that it is stored. It reconnects by itself.
import { readLineage } from "../../db/lineage.ts";
import type { Following, Standby } from "../../db/standby.ts";
import { Unusable } from "../../db/unusable.ts";
import type { Context } from "../context.ts";
import { openFilePurge } from "../customer/purge-file.ts";
import { retryWhileBusy } from "../host/retry.ts";
import { openApply } from "./apply.ts";
import { type Primary, Refused } from "./primary.ts";

/** Pauses after failures grow from the first to the second. */
const LEAST_PAUSE_MS = 100;
const MOST_PAUSE_MS = 5000;

/** Why following has ended: it was stopped, or the primary's feed does not go on from here. */
export type Ended = { readonly why: "stopped" } | { readonly why: "begin anew"; readonly because: string };

export interface FollowOptions {
  readonly context: Context;
  readonly standby: Standby;
  readonly primary: Primary;
  readonly signal: AbortSignal;
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : "unknown");

/** Follows until it is stopped, or until the standby has to begin anew. Throws Unusable if this server cannot follow any more. */
export async function follow({ context, standby, primary, signal }: FollowOptions): Promise<Ended> {
  const { database, ledger, log } = context;
  const apply = openApply(context);
  const purge = openFilePurge(database, async () => undefined);
  const stopped = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  let pauseMs = 0;

  /**
   * Erases here what was erased there. Only then is it confirmed. Whoever stops or promotes this standby does not wait for the files: that they
   * are to be purged is stored, and the next server goes on with it.
   */
  async function finishErasures(erased: readonly number[], purgeFor: number): Promise<void> {
    for (const id of erased) await retryWhileBusy(() => ledger.recomputeCustomer(id), Number.POSITIVE_INFINITY);
    for (let isPurged = false; !isPurged && !signal.aborted; )
      try {
        await Promise.race([purge.purge(purgeFor), stopped]);
        isPurged = true;
      } catch {
        log.warn({ message: "an erasure waits for a long read of this standby" });
      }
  }

  async function step(following: Following): Promise<Ended | undefined> {
    const page = await primary.rows(following.seq, following.name, signal);
    if (page.history !== readLineage(database.sqlite).at(-1)?.history)
      return { why: "begin anew", because: "the primary has another history: a backup was restored there, or another server was promoted" };
    if (signal.aborted) return { why: "stopped" };
    const { following: next, erased, purgeFor } = await retryWhileBusy(() => apply(page, following), Number.POSITIVE_INFINITY);
    standby.keep(next);
    if (purgeFor !== undefined) await finishErasures(erased, purgeFor);
    return undefined;
  }

  /** Notes a failure, the first time, and waits. */
  async function pause(error: unknown): Promise<void> {
    if (pauseMs === 0) log.warn({ message: "the primary does not answer; this standby serves what it has", error: textOf(error) });
    pauseMs = Math.min(Math.max(pauseMs * 2, LEAST_PAUSE_MS), MOST_PAUSE_MS);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  for (let following = standby.following(); following !== undefined && !signal.aborted; following = standby.following())
    try {
      const ended = await step(following);
      if (ended !== undefined) return ended;
      if (pauseMs > 0) log.info({ message: "the primary answers again" });
      pauseMs = 0;
    } catch (error) {
      if (signal.aborted) break;
      if (error instanceof Unusable) throw error;
      if (error instanceof Refused && error.status === 410)
        return { why: "begin anew", because: "changes that it lacks were dropped by the primary" };
      await pause(error);
    }
  return { why: "stopped" };
}

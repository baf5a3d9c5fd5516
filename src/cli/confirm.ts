// Does a standby have what a command has written beside the server? With FOLLOW_ACK=1 the command ends only then.
import { listFollowers, openChanges } from "../../db/change.ts";
import { isHeld } from "../../db/lock.ts";
import type { Context } from "../context.ts";
import { Failure } from "./failure.ts";

/** How long a command waits. The server stores every 5 seconds how far its followers are, and they ask at least as often. */
const MOST_MS = 30_000;
const LOOK_MS = 200;

/**
 * Waits until a follower has everything that is stored now, by what the server notes of its followers. Throws a Failure if none has it in time, or
 * if no server is running, which alone could tell one. `mostMs`: for tests.
 */
export async function confirmStored(
  { database: { sqlite }, config: { databasePath } }: Pick<Context, "database" | "config">,
  mostMs = MOST_MS,
): Promise<void> {
  const newest = openChanges(sqlite).newest();
  const isConfirmed = () => listFollowers(sqlite).some(({ seq }) => seq >= newest);
  for (const until = performance.now() + mostMs; !isConfirmed(); await Bun.sleep(LOOK_MS)) {
    const why = !isHeld(databasePath)
      ? "because no server is running"
      : performance.now() > until
        ? `within ${mostMs / 1000} seconds`
        : undefined;
    if (why !== undefined) throw new Failure(`This is stored here, but no standby has confirmed it ${why} (FOLLOW_ACK).`);
  }
}

// Is anybody behind in reading what has changed, so that changes are kept for them?
import { listFollowers, openChanges } from "../../../db/change.ts";
import type { Sqlite } from "../../../db/connection.ts";
import { readFollowing } from "../../../db/standby.ts";
import { toIso } from "../../value/instant.ts";
import { type Finding, fine, warning } from "./finding.ts";

/** A follower asks at least every half minute. */
const SILENT_MS = 10 * 60_000;

/** Checks who follows the feed of changes. `now`: the clock of the machine, in milliseconds, by which followers are dated. */
export function lookAtFeed(sqlite: Sqlite, now: number = Date.now()): Finding {
  const { oldest, newest } = openChanges(sqlite).extent();
  const followers = listFollowers(sqlite);
  const following = readFollowing(sqlite);
  if (following !== undefined) {
    const text = `this is a standby of ${following.primary}, which has everything up to ${toIso(following.asOfAt)}`;
    if (following.asOfAt >= now - SILENT_MS) return fine("feed", text);
    return warning(
      "feed",
      text,
      "check that `regulars follow` is running and reaches the primary, or run `regulars promote` if it is lost",
    );
  }
  const silent = followers.find(({ seenAt }) => seenAt < now - SILENT_MS);
  if (silent !== undefined)
    return warning(
      "feed",
      `${silent.name} has not asked for changes since ${toIso(silent.seenAt)}, and is ${newest - silent.seq} behind`,
      "start it again; if it is gone for good, it is forgotten after CHANGES_KEEP",
    );
  const kept = newest === 0 ? "nothing has changed yet" : `changes from ${oldest} to ${newest} are kept`;
  const behind = followers.map(({ name, seq }) => `; ${name} has them up to ${seq}`).join("");
  return fine("feed", kept + behind);
}

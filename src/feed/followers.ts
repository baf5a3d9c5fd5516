// Who follows the feed of changes, and how far have they come? What one of them lacks is not dropped.
import { type Follower, listFollowers } from "../../db/change.ts";
import type { Database } from "../../db/database.ts";

/** How often it is stored how far a follower has come. After a kill they are taken to be further back, which keeps more for them. */
const STORED_EVERY_MS = 5000;

export interface Followers {
  /** A follower says that they have all changes up to `seq`. */
  note(name: string, seq: number): void;
  /** Of each, how far they have come. */
  list(): Follower[];
  /** Resolves to true once a follower has said that they have the change `seq`, or to false after so many milliseconds. */
  confirmed(seq: number, milliseconds: number): Promise<boolean>;
  /** Forgets those who have not asked since `at`, in milliseconds. */
  forget(at: number): void;
}

/** `now` is the clock of the machine, in milliseconds. */
export function openFollowers(database: Database, now: () => number = Date.now): Followers {
  const known = new Map(listFollowers(database.sqlite).map((each) => [each.name, each]));
  const storedAt = new Map<string, number>();
  const store = database.sqlite.prepare("INSERT OR REPLACE INTO follower (name, seq, seen_at) VALUES (:name, :seq, :seenAt)");
  const waiting = new Set<() => void>();
  const remove = database.sqlite.prepare("DELETE FROM follower WHERE name = ?");
  return {
    note(name, seq) {
      const follower = { name, seq, seenAt: now() };
      known.set(name, follower);
      for (const look of waiting) look();
      if (follower.seenAt < (storedAt.get(name) ?? Number.NEGATIVE_INFINITY) + STORED_EVERY_MS) return;
      database.write(() => store.run(follower));
      storedAt.set(name, follower.seenAt);
    },
    list: () => [...known.values()],
    confirmed(seq, milliseconds) {
      const isConfirmed = () => [...known.values()].some((follower) => follower.seq >= seq);
      if (isConfirmed()) return Promise.resolve(true);
      return new Promise((resolve) => {
        const end = (isDone: boolean) => {
          clearTimeout(timer);
          waiting.delete(look);
          resolve(isDone);
        };
        const look = () => {
          if (isConfirmed()) end(true);
        };
        const timer = setTimeout(end, milliseconds, false);
        waiting.add(look);
      });
    },
    forget(at) {
      for (const { name, seenAt } of [...known.values()])
        if (seenAt < at) {
          database.write(() => remove.run(name));
          known.delete(name);
          storedAt.delete(name);
        }
    },
  };
}

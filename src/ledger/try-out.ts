// What would a write lead to? It is done within the current one, looked at, and undone.
import type { Database } from "../../db/database.ts";

/** `changed` are the customers that the current write changes, by id. What is only tried out must not be among them. */
export function openTryOut<Change>({ sqlite }: Database, changed: Map<number, Change>): <T>(work: () => T) => T {
  return <T>(work: () => T): T => {
    const before = [...changed];
    const outcome: { result?: T } = {};
    const undo = new Error("What was tried out is undone.");
    try {
      sqlite.transaction(() => {
        outcome.result = work();
        throw undo;
      })();
    } catch (error) {
      if (error !== undo) throw error;
    } finally {
      changed.clear();
      for (const [customerId, change] of before) changed.set(customerId, change);
    }
    return outcome.result as T;
  };
}

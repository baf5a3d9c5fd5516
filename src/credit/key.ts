// Which number stands for a source, campaign or link? The texts are in the table `credit_key`.
import type { Database } from "../../db/database.ts";

/** The most texts that are kept in memory. */
const MOST_KNOWN = 20_000;

export interface CreditKeys {
  /** Call it at the start of every use within a write: what was stored in an earlier one may have been undone. */
  begin(): void;
  /** The number of a text, which is stored if it is new. */
  ensure(text: string): number;
  /** For each grouping, the key of touches without a source, campaign or link. */
  without(): readonly [number, number, number];
}

export function openCreditKeys({ sqlite, afterWrites }: Pick<Database, "sqlite" | "afterWrites">): CreditKeys {
  const find = sqlite.prepare<[text: string], number>(`SELECT id FROM credit_key WHERE text = ?`).pluck();
  const insert = sqlite.prepare<[text: string], number>(`INSERT INTO credit_key (text) VALUES (?) RETURNING id`).pluck();
  const known = new Map<string, number>(); // those that nothing undoes
  const added = new Map<string, number>(); // by the present write, or by one that was undone
  afterWrites(() => {
    for (const [text, id] of added) if (find.get(text) === id) known.set(text, id);
    added.clear();
    if (known.size > MOST_KNOWN) known.clear();
  });

  function ensure(text: string): number {
    const id = known.get(text) ?? added.get(text);
    if (id !== undefined) return id;
    const stored = find.get(text);
    if (stored !== undefined) {
      known.set(text, stored);
      return stored;
    }
    const next = insert.get(text) as number;
    added.set(text, next);
    return next;
  }

  return {
    begin() {
      for (const [text, id] of added) if (find.get(text) !== id) added.delete(text);
    },
    ensure,
    without: () => [ensure("(direct)"), ensure("(none)"), ensure("(none)")],
  };
}

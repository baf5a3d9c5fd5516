// Does a database contain everything that its clients were answered, once, and nothing else?
import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { Faults } from "./drill.ts";
import { entriesOf, integrityOf, openStore, peopleOf } from "./store.ts";
import { type Answers, markOf } from "./writer.ts";

export interface Comparison {
  readonly lost: number;
  readonly doubled: number;
  readonly faults: readonly string[];
}

const versionOf = (name: string | null | undefined) => Number(/ v(\d+)$/.exec(name ?? "")?.[1] ?? -1);

/** Compares a database file that no server uses with the clients' list of answers. */
export function compare(path: string, answers: Answers): Comparison {
  const faults = new Faults();
  let lost = 0;
  let doubled = 0;
  // Before SQLite changes the files.
  const files = [path, `${path}-wal`].filter((file) => existsSync(file));
  const readable = marksIn(files, [...answers.erased].map(markOf));
  faults.unless(readable.length === 0, `the files still hold ${readable.length} erased people, as ${readable[0]}`);

  const store = openStore(path);
  try {
    const integrity = integrityOf(store);
    faults.unless(integrity === "ok", `integrity_check: ${integrity}`);
    const entries = entriesOf(store);
    for (const name of answers.entries.keys()) {
      if (entries.has(name)) continue;
      lost += 1;
      faults.add(`answered, but not there: the entry ${name}`);
    }
    for (const [name, count] of entries) {
      if (count === 1) continue;
      doubled += 1;
      faults.add(`there ${count} times: the entry ${name}`);
    }
    const people = peopleOf(store);
    for (const [externalId, name] of answers.names) {
      const isBeingErased = [...answers.open].some((act) => "erase" in act && act.erase === externalId);
      if (answers.erased.has(externalId) || isBeingErased || versionOf(people.get(externalId)) >= versionOf(name)) continue;
      lost += 1;
      faults.add(`answered, but not there: the customer ${externalId} as ${name}`);
    }
    for (const externalId of answers.erased) {
      if (!people.has(externalId)) continue;
      lost += 1;
      faults.add(`erased, but there: the customer ${externalId}`);
    }
  } finally {
    store.close();
  }
  return { lost, doubled, faults: faults.list };
}

const PIECE = 8 * 1024 * 1024;

/** The marks that occur in the files, which may have any length. */
export function marksIn(files: readonly string[], marks: readonly string[]): string[] {
  const wanted = new Set(marks);
  const found = new Set<string>();
  const buffer = Buffer.alloc(PIECE);
  for (const file of files) {
    const descriptor = openSync(file, "r");
    try {
      // Chunks overlap by more than the length of a mark.
      for (let at = 0; ; at += PIECE - 256) {
        const length = readSync(descriptor, buffer, 0, PIECE, at);
        for (const [mark] of buffer.toString("latin1", 0, length).matchAll(/zq7[a-z0-9]{1,60}?q7z/g)) if (wanted.has(mark)) found.add(mark);
        if (length < PIECE) break;
      }
    } finally {
      closeSync(descriptor);
    }
  }
  return [...found];
}

// Is this database a standby: of which primary, and how far has it come? It is stored with what the standby has received, so that a kill at any moment is harmless.
import { leapAhead } from "./change.ts";
import { connect, type Sqlite } from "./connection.ts";
import { beginHistory, isCopy, unmarkCopy } from "./lineage.ts";
import { syncFile } from "./sync.ts";

/** How far a standby has come. Instants are in milliseconds since 1970 UTC. */
export interface Following {
  /** The address of the primary: `https://shop.example`. */
  readonly primary: string;
  /** The name under which the primary knows this standby. */
  readonly name: string;
  /** The newest change that is stored here. */
  readonly seq: number;
  /** Everything that the primary had stored by then is stored here too, by the primary's clock. */
  readonly asOfAt: number;
  /** Everything that the primary had at `asOfAt` is here. False while older changes are still being read. */
  readonly isWhole: boolean;
}

export interface Standby {
  /** Undefined: the database is no standby. */
  following(): Following | undefined;
  /** Stores how far it has come. Call it within the write of what it has received. It counts once `keep` is called. */
  store(following: Following): void;
  /** Takes notice of what was stored; undefined: it is no standby any more. */
  keep(following: Following | undefined): void;
}

/** Names in the table `setting`. */
const FOLLOWING = "following";
const UNFINISHED = "unfinished_work";

/** What the primary has begun and not finished. A standby does not go on with it, but keeps it in case it is promoted. */
const WORK = ["pending_reassignment", "pending_follow", "pending_rate", "pending_sale", "pending_claim", "pending_erasure"] as const;
/** As it stands in the JSON while something is left of an erasure. */
const ERASING = '"pending_erasure":[{';

const readSetting = (sqlite: Sqlite, name: string) =>
  sqlite.prepare<[string], string>("SELECT value FROM setting WHERE name = ?").pluck().get(name);

/** Reads from the database whether it is a standby. */
export function readFollowing(sqlite: Sqlite): Following | undefined {
  const text = readSetting(sqlite, FOLLOWING);
  return text === undefined ? undefined : (JSON.parse(text) as Following);
}

export function openStandby(sqlite: Sqlite): Standby {
  let now = isCopy(sqlite) ? undefined : readFollowing(sqlite); // a copy becomes a database of its own
  const put = sqlite.prepare("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)");
  return {
    following: () => now,
    store: (following) => void put.run(FOLLOWING, JSON.stringify(following)),
    keep: (following) => {
      now = following;
    },
  };
}

/** Opens the function that gives the work that is begun and not finished, as JSON. */
export function openUnfinishedWork(sqlite: Sqlite): () => string {
  const statements = WORK.map((table) => sqlite.prepare(`SELECT * FROM ${table}`));
  return () => JSON.stringify(Object.fromEntries(WORK.map((table, index) => [table, statements[index]?.all() ?? []])));
}

/** Keeps the primary's unfinished work. Gives whether names of somebody erased are gone from it. Call it within a write. */
export function keepUnfinishedWork(sqlite: Sqlite, work: string): boolean {
  const before = readSetting(sqlite, UNFINISHED);
  if (before === work) return false;
  sqlite.prepare("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)").run(UNFINISHED, work);
  return before?.includes(ERASING) === true;
}

/** Makes a copy of the primary's database a standby. What belongs to the primary alone is left out. */
export function makeStandby(file: string, following: Pick<Following, "primary" | "name" | "asOfAt">): void {
  const sqlite = connect(file, { mustExist: true });
  try {
    sqlite.pragma("secure_delete = ON");
    sqlite.transaction(() => beginFollowing(sqlite, following)).immediate();
  } finally {
    sqlite.close();
  }
  syncFile(file);
}

function beginFollowing(sqlite: Sqlite, { primary, name, asOfAt }: Pick<Following, "primary" | "name" | "asOfAt">): void {
  unmarkCopy(sqlite);
  keepUnfinishedWork(sqlite, openUnfinishedWork(sqlite)());
  for (const table of [...WORK, "follower", "session"]) sqlite.exec(`DELETE FROM ${table}`);
  const seq = Number(sqlite.prepare("SELECT coalesce(max(seq), 0) FROM change").pluck().get());
  openStandby(sqlite).store({ primary, name, asOfAt, seq, isWhole: true });
}

/** Makes a standby a database of its own, which goes on with the primary's unfinished work. Does nothing to others. Call it within a write. */
export function endFollowing(sqlite: Sqlite): void {
  const following = readFollowing(sqlite);
  if (following === undefined) return;
  const work = JSON.parse(readSetting(sqlite, UNFINISHED) ?? "{}") as Readonly<Record<string, readonly Record<string, unknown>[]>>;
  for (const table of WORK)
    for (const row of work[table] ?? []) {
      const columns = Object.keys(row);
      sqlite
        .prepare(`INSERT OR REPLACE INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`)
        .run(...Object.values(row));
    }
  sqlite.prepare("DELETE FROM change WHERE seq > ?").run(following.seq);
  // Rows of later changes may be there already: the next start, or the server that is promoted, derives everything from the log again.
  if (!following.isWhole) sqlite.exec("DELETE FROM setting WHERE name = 'derived_version'");
  sqlite.prepare("DELETE FROM setting WHERE name IN (?, ?)").run(FOLLOWING, UNFINISHED);
}

/** Makes a standby the primary, with a history of its own from here on. Call it within a write. */
export function promote(sqlite: Sqlite): void {
  endFollowing(sqlite);
  leapAhead(sqlite);
  beginHistory(sqlite);
}

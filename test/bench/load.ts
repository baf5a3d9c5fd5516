// How does a world of millions get into a database in minutes? Rows are inserted in bulk, indexes follow, and the real refresh derives the rest.
import { existsSync, renameSync, rmSync } from "node:fs";
import { assembleWorkspace, openWorkspace, type Workspace } from "../../src/app/workspace.ts";
import { readConfig } from "../../src/host/config.ts";
import { silentLog } from "../../src/host/log.ts";
import { type Progress, quietly } from "./progress.ts";
import { CUSTOMER_INSERT, EXTERNAL_ID_INSERT, entryInsert, entryValues } from "./rows.ts";
import { benchPath, type Size } from "./size.ts";
import { externalIdOf, openWorld, type World } from "./world.ts";

export const ADMIN_KEY = "admin-key-of-the-bench";
const CHUNK = 100_000;
const CACHE_KIB = 2_000_000;

/** Each click belongs to its customer by name, and an email to that of its first lead. In the order of the table, so that it only grows at the end. */
const CLAIMS = `INSERT INTO claim (kind, value, at, type, key, entry_id, customer_id)
  SELECT 'click', key, -1, type, key, id, customer_id FROM entry WHERE type = 0
  UNION ALL
  SELECT 'email', email, at, type, key, min(id), customer_id FROM entry WHERE email IS NOT NULL GROUP BY email
  ORDER BY 1, 2`;

/** What the refunds of each sale take of it. */
const REFUNDED = `UPDATE entry SET refunded_minor = r.taken
  FROM (SELECT sale_key, sum(applied_refund_minor) AS taken FROM entry WHERE type = 4 GROUP BY sale_key) AS r WHERE entry.type = 2 AND entry.key = r.sale_key`;

/** The settings for a server or a context on this database. */
export function settings(path: string): Record<string, string> {
  return { DATABASE_PATH: path, ADMIN_KEY, SNAPSHOT_TTL: "0" };
}

/** Opens a database of the bench without a server. */
export const openBench = (path: string): Workspace => assembleWorkspace(readConfig(settings(path)), { log: silentLog() });

/** Stores every entry of a world in an empty database, as the intake would if each had arrived when it happened. Nothing is derived yet. */
export function loadRows({ database: { sqlite }, ledger }: Workspace, world: World, progress: Progress = quietly): void {
  const crowd = world.size.customers;
  const indexes = sqlite.prepare(
    "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('entry', 'claim')",
  );
  const dropped = indexes.all() as { name: string; sql: string }[];
  for (const { name } of dropped) sqlite.exec(`DROP INDEX ${name}`);
  const [entry, customer] = [sqlite.prepare(entryInsert(1)), sqlite.prepare(CUSTOMER_INSERT)];
  const externalId = sqlite.prepare(EXTERNAL_ID_INSERT);
  const rowOf = new Uint32Array(world.customers);
  let customers = 0;
  let entries = 0;
  const facts = world.facts();
  const chunk = sqlite.transaction(() => {
    for (let left = CHUNK; left > 0; left--) {
      const { done, value: fact } = facts.next();
      if (done) return false;
      if (rowOf[fact.customer] === 0) {
        rowOf[fact.customer] = ++customers;
        const name = externalIdOf(fact.customer, crowd);
        customer.run(customers, name, fact.at, fact.at);
        externalId.run(name, customers);
      }
      const customerId = rowOf[fact.customer] as number;
      entry.run(entryValues(fact, crowd, customerId, fact.at));
      entries++;
    }
    return true;
  });
  while (chunk()) progress(`storing ${world.size.name}`, entries, world.entries);
  progress(`claims and indexes of ${world.size.name}`);
  sqlite.exec(CLAIMS);
  for (const { sql } of dropped) sqlite.exec(sql);
  sqlite.exec(REFUNDED);
  ledger.write(() => {
    for (let id = 1; id <= customers; id++) ledger.markStale(id);
  });
}

/** The database of a size, with everything stored and derived. It is created if it does not exist. */
export async function ensureDatabase(size: Size, progress: Progress): Promise<string> {
  const path = benchPath(`${size.name}.db`);
  if (existsSync(path)) return path;
  const making = `${path}.making`;
  for (const suffix of ["", "-wal", "-shm"]) rmSync(making + suffix, { force: true });
  const context = await openWorkspace(readConfig(settings(making)), { log: silentLog() });
  const { sqlite } = context.database;
  for (const pragma of ["journal_mode = MEMORY", "synchronous = OFF", "secure_delete = OFF", `cache_size = -${CACHE_KIB}`])
    sqlite.pragma(pragma);
  const world = openWorld(size);
  loadRows(context, world, progress);
  await context.ledger.catchUp((done) => progress(`deriving ${size.name}`, done, world.customers));
  sqlite.pragma("journal_mode = WAL");
  await context.close();
  renameSync(making, path);
  return path;
}

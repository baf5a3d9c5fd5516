// How does a test import a file in bulk and line by line, and compare the two databases?
import { expect } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Sqlite } from "../../db/connection.ts";
import { secretOf } from "../../db/secret.ts";
import { createApp } from "../../src/app/app.ts";
import { openWorkspace, type Workspace } from "../../src/app/workspace.ts";
import { beginImport } from "../../src/cli/import/begin.ts";
import { importInBulk } from "../../src/cli/import/bulk.ts";
import { type Config, readConfig } from "../../src/host/config.ts";
import { silentLog } from "../../src/host/log.ts";
import type { Report, RowResult } from "../../src/intake/import/report.ts";
import { openRows, type Row } from "../../src/intake/import/rows.ts";
import { openSource } from "../../src/intake/import/source.ts";
import { openImportStore } from "../../src/intake/import/store.ts";
import { writeFile } from "../../src/intake/import/write-file.ts";
import { verify } from "../../src/verify/verify.ts";
import { ADMIN_KEY } from "../harness.ts";
import { TOTALS } from "../oracle/questions.ts";
import { type RandomLog, START } from "../oracle/random-log.ts";
import { Api, content } from "../oracle/through-api.ts";
import { newDatabasePath } from "../temporary-folder.ts";

type Sent = Record<string, unknown>;

const CLOCK = new Date(START).toISOString();
/** The secret of every database here, so that keys that are made of content are the same. */
const SECRET = "a".repeat(43);

/** The settings of a new database. The clock stands still. */
export function config(zone: string): Config {
  const path = newDatabasePath();
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(secretOf(path), SECRET, { mode: 0o600 });
  return readConfig({ DATABASE_PATH: path, CLOCK, TIMEZONE: zone, ADMIN_KEY, SNAPSHOT_TTL: "0" });
}
export const openAt = (settings: Config): Promise<Workspace> => openWorkspace(settings, { log: silentLog() });
/** By which every import here is listed. */
const NAME = "history.ndjson";
/** Nobody is told, and nothing stops. */
export const NEVER = (): void => undefined;

interface Imported {
  readonly config: Config;
  readonly report: Report;
  readonly rejected: readonly string[];
  /** How many lines were left for the way line by line. */
  readonly left: number;
}

/** Imports a file into a database, in bulk from so many lines on, as the command does. */
export async function importText(
  settings: Config,
  text: string | Uint8Array,
  leastLines: number,
  { tell, checkInterrupted } = { tell: NEVER, checkInterrupted: NEVER },
): Promise<Imported> {
  const file = `${settings.databasePath}.history.ndjson`;
  writeFileSync(file, text);
  const source = openSource(file);
  const rejected: string[] = [];
  const onResult = ({ line }: Row, { rejection }: RowResult) => {
    if (rejection) rejected.push(JSON.stringify([line, rejection]));
  };
  const loaded = await importInBulk(source, { config: settings, name: NAME, onResult, tell, checkInterrupted, leastLines });
  if (loaded?.isWhole) return { config: settings, report: loaded.report, rejected, left: 0 };
  const workspace = await openAt(settings);
  try {
    const store = openImportStore(workspace.database.sqlite, workspace.now);
    const rows = await openRows(workspace, source, {});
    const id = await beginImport(workspace, store, NAME, source, {});
    const before = store.require(id).rows;
    workspace.ledger.write(() => store.setFormat(id, rows.format));
    await writeFile(workspace, store, id, rows, { onResult });
    const done = store.require(id);
    return { config: settings, report: done.report, rejected, left: done.rows - before };
  } finally {
    await workspace.close();
  }
}

export const inBulk = (settings: Config, text: string) => importText(settings, text, 0);
export const byLine = (settings: Config, text: string) => importText(settings, text, Number.MAX_SAFE_INTEGER);

/** Columns of the time of the last computation, and of bytes with the numbers of texts, which `verify` reads. */
const OF_RECORDS = new Set(["updated_at", "activity"]);
const UNSTORED = ["setting", "migration"];
/** Tables in which a row is something, whatever its figures are. */
const UNFIGURED = ["customer", "entry", "change", "import", "import_span"];
/** Of the feed: what is told once of an entry, a rate or an import. In which order customers are told, and how often, depends on the batches. */
const TOLD = "type IN (0, 10, 17, 18)";

const NOBODIES = "SELECT id FROM customer WHERE first_touch_at IS NULL AND external_id IS NULL";

/** What each customer is known by. */
function namesOf(sqlite: Sqlite): Map<number, string> {
  const known = "coalesce('ext ' || external_id, 'email ' || known_email, 'alias ' || known_alias, 'nobody')";
  return new Map(sqlite.prepare<[], [number, string]>(`SELECT id, ${known} FROM customer`).raw().all());
}

type Content = Record<string, string[]>;

/**
 * Every row of every table. Customers are named by what they are known by, as their numbers differ. Nobody, whom only a name once led to that
 * turned out to be another's, is left out, and so are totals of nothing.
 */
export function contentOf(sqlite: Sqlite): Content {
  const names = namesOf(sqlite);
  const tables = sqlite.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%STRICT%'").pluck().all() as string[];
  const texts = new Map(sqlite.prepare<[], [number, string]>("SELECT id, text FROM credit_key").raw().all());
  const named = (row: Record<string, unknown>, table: string) =>
    Object.fromEntries(
      Object.entries(row)
        .filter(([column]) => !OF_RECORDS.has(column))
        .map(([column, value]) => {
          const isCustomer =
            column.endsWith("customer_id") ||
            (table === "customer" && column === "id") ||
            (column === "first_id" && row.kind === "customer");
          if (column === "key_id" || (table === "credit_key" && column === "id")) return [column, texts.get(Number(value)) ?? ""];
          return [column, isCustomer && value !== null ? names.get(Number(value)) : typeof value === "bigint" ? `${value}` : value];
        }),
    );
  const rowsOf = (table: string) => {
    const rows = sqlite.prepare<[], Record<string, unknown>>(
      table === "change"
        ? `SELECT type, id FROM change WHERE ${TOLD}`
        : table === "import_span" // customers have other numbers, so each is named
          ? `SELECT kind, import_id, is_added, first_id, last_id FROM import_span WHERE kind <> 'customer' UNION ALL
             SELECT s.kind, s.import_id, s.is_added, c.id AS customer_id, NULL FROM import_span AS s JOIN customer AS c ON c.id BETWEEN s.first_id AND s.last_id
             WHERE s.kind = 'customer' AND c.id NOT IN (${NOBODIES})`
          : `SELECT * FROM ${table}${table === "customer" ? ` WHERE id NOT IN (${NOBODIES})` : ""}`,
    );
    return rows.safeIntegers().all();
  };
  const FIGURES = /customers|leads|sales|minor|paying|active|repeat/;
  const isSomething = (row: Record<string, unknown>) => {
    const figures = Object.entries(row).filter(([column]) => FIGURES.test(column));
    return figures.length === 0 || figures.some(([, value]) => value !== 0n);
  };
  return Object.fromEntries(
    tables
      .filter((table) => !UNSTORED.includes(table))
      .map((table) => {
        const rows = rowsOf(table).filter((row) => UNFIGURED.includes(table) || isSomething(row));
        return [table, rows.map((row) => JSON.stringify(named(row, table))).sort()];
      }),
  );
}

/** What the second implementation finds wrong with what is stored. */
export const faultsOf = async ({ database, calendar, config, now }: Workspace): Promise<readonly unknown[]> =>
  (await verify({ database, calendar, currency: config.currency, now: now() })).kept;

/** What the reports say of everybody. */
export async function answersOf(workspace: Workspace): Promise<unknown[]> {
  const app = createApp(workspace);
  const api = new Api({ key: ADMIN_KEY, setNow: NEVER, handle: (request) => app.handle(request) });
  const answers: unknown[] = [];
  for (const path of TOTALS) answers.push([path, content(await api.ask(path))]);
  app.close();
  return answers;
}

/** The numbers of those who are nobody now. A way line by line makes some whom an import in bulk does not. */
export async function nobodiesOf(settings: Config): Promise<number[]> {
  const workspace = await openAt(settings);
  const found = workspace.database.sqlite.prepare<[], number>(NOBODIES).pluck().all();
  await workspace.close();
  return found;
}

/** Leaves out which import made a customer, for these customers of either database. */
function withoutOrigin(content: Content, names: ReadonlySet<string>): Content {
  const isOfOne = (row: string) => {
    const { kind, first_id: name } = JSON.parse(row) as { kind: string; first_id: string };
    return kind === "customer" && names.has(name);
  };
  return { ...content, import_span: (content.import_span ?? []).filter((row) => !isOfOne(row)) };
}

/**
 * Compares two databases, table by table, then checks the one made in bulk by itself. `nobodies`: who was nobody in each, before a further
 * import that made them somebody. One database then says that the first import made them, the other the second.
 */
export async function expectSame(one: Config, other: Config, nobodies: readonly (readonly number[])[] = []): Promise<void> {
  const [ours, theirs] = [await openAt(one), await openAt(other)];
  for (const { ledger } of [ours, theirs]) while (ledger.credit.fold());
  const former = new Set(
    [ours, theirs].flatMap(({ database }, index) => (nobodies[index] ?? []).map((id) => namesOf(database.sqlite).get(id) ?? "")),
  );
  const [mine, wanted] = [ours, theirs].map(({ database }) => withoutOrigin(contentOf(database.sqlite), former)) as [Content, Content];
  for (const table of Object.keys(wanted)) expect({ [table]: mine[table] }).toEqual({ [table]: wanted[table] });
  expect(await faultsOf(ours)).toEqual([]);
  expect(ours.database.sqlite.pragma("foreign_key_check")).toEqual([]);
  expect(ours.database.sqlite.pragma("integrity_check", { simple: true })).toBe("ok");
  const schema = ({ database }: Workspace) =>
    database.sqlite.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2").all();
  expect(schema(ours)).toEqual(schema(theirs));
  const found = "SELECT c.id FROM customer_search JOIN customer AS c ON c.id = customer_search.rowid WHERE customer_search MATCH 'ann'";
  expect(ours.database.sqlite.prepare(found).all().length).toBe(theirs.database.sqlite.prepare(found).all().length);
  await Promise.all([ours.close(), theirs.close()]);
}

/** A file with the entries of a random log, some of them twice, and some that are bad. `withOdd`: with aliases and totals of refunds, too. */
export function fileOf(log: RandomLog, seed: number, withOdd: boolean): { text: string; entries: Sent[] } {
  const entries = log.segments.flatMap((segment) => segment.entries) as unknown as Sent[];
  const plain = entries.map(({ aliases, totalUntil, ...rest }, index) => {
    const { eventId, ...keyless } = rest;
    const sent = rest.type === "refund" || index % 6 > 0 ? rest : keyless; // its key is made of its content
    return withOdd ? { ...sent, ...(aliases !== undefined && { aliases }), ...(totalUntil !== undefined && { totalUntil }) } : sent;
  });
  const again = plain.flatMap((entry, index) => ((index * 7 + seed) % 5 === 0 ? [entry, plain[(index * 3) % plain.length]] : [entry]));
  const bad: unknown[] = [{ type: "sale", value: -1 }, 7, null, { type: "lead", email: "x" }, "text"];
  const all = again.flatMap((entry, index) => (index % 17 === 3 ? [bad[index % bad.length], entry] : [entry]));
  const texts = all.map((entry) => JSON.stringify(entry));
  return { text: [...texts, "{not json", ""].join("\n"), entries: plain };
}

// What does a server of ClickHouse's HTTP look like to us, without an engine? It keeps the rows by their rev, as ReplacingMergeTree does, keeps every
// byte that reaches it, and fails as it is told. Reports get no rows from it: what they compute is tested with the real engine.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readAnalyticsUrl } from "../../src/host/analytics-url.ts";
import { connectClickHouse } from "../../src/report/clickhouse/connection.ts";

/** What happens to a request: `lost`: it is carried out, and the answer does not come through. `fewer`: a row less than was sent is said to be written. */
export type Fault = "lost" | "refused" | "cut" | "exception" | "error" | "hanging" | "slow" | "stalled" | "garbage" | "fewer" | "silent";
type Kind = "insert" | "extent" | "report" | "schema";
type Tuple = readonly unknown[];

/** The columns of a row, by name and in order; nested ones as `cell.day`. */
export const COLUMNS: readonly string[] = columnsOf();

function columnsOf(): string[] {
  const sql = readFileSync(join(import.meta.dir, "../../src/report/clickhouse/clickhouse-facts.sql"), "utf8");
  const body = sql.slice(sql.indexOf(" (\n") + 3, sql.indexOf(") ENGINE"));
  return [...body.matchAll(/^ {2}(\w+) +(?:Nested\(([\s\S]*?)\),?$|\S)/gm)].flatMap(([, name = "", nested]) =>
    nested === undefined ? [name] : nested.split(",").map((part) => `${name}.${part.trim().split(" ")[0]}`),
  );
}

/** A row as an object by its columns. */
export const byName = (row: Tuple): Record<string, unknown> => Object.fromEntries(COLUMNS.map((name, place) => [name, row[place]]));

export interface Fake {
  readonly url: string;
  /** The database that the setting names. */
  readonly target: ReturnType<typeof readAnalyticsUrl>;
  /** A client with short deadlines. */
  readonly connect: () => ReturnType<typeof connectClickHouse>;
  /** The rows as the engine would show them: for each customer the one with the highest rev, without those that are gone, and without the mark. */
  rows(base?: bigint): Map<number, Tuple>;
  /** The lines of every insert that was carried out, in order. */
  readonly inserts: Tuple[][];
  /** Everything that was received: URLs, headers and bodies. */
  received(): string;
  /** Makes the next requests of a kind fail, one after the other. */
  arm(kind: Kind, ...faults: Fault[]): void;
  /** Fails all of them until it is called without a fault. */
  failAlways(kind: Kind, fault?: Fault): void;
  /** Deletes the table. */
  drop(): void;
  stop(): void;
}

const isNewer = (row: Tuple, than: Tuple | undefined) => than === undefined || BigInt(String(row[1])) >= BigInt(String(than[1]));

export function openFake(): Fake {
  let table = new Map<number, Tuple>();
  const inserts: Tuple[][] = [];
  const bytes: string[] = [];
  const armed: [Kind, Fault][] = [];
  const always = new Map<Kind, Fault>();

  const answer = (meta: [name: string, type: string][], data: unknown[][]) =>
    JSON.stringify({ meta: meta.map(([name, type]) => ({ name, type })), data, rows: data.length });

  function carryOut(kind: Kind, body: string): Response {
    if (kind === "schema") return new Response("");
    if (kind === "report") return new Response(answer([["every", "UInt64"]], []));
    if (kind === "extent") {
      const revs = [...table.values()].map((row) => BigInt(String(row[1])));
      const newest = revs.toSorted((a, b) => (a < b ? -1 : 1)).at(-1) ?? 0n;
      return new Response(
        answer(
          [
            ["newest", "UInt64"],
            ["mark", "UInt64"],
          ],
          [[String(newest), String(table.get(0)?.[1] ?? "0")]],
        ),
      );
    }
    const rows = body
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Tuple);
    inserts.push(rows);
    for (const row of rows) if (isNewer(row, table.get(Number(row[0])))) table.set(Number(row[0]), row);
    return new Response("", { headers: { "X-ClickHouse-Summary": JSON.stringify({ written_rows: String(rows.length) }) } });
  }

  async function fail(fault: Fault, kind: Kind, body: string): Promise<Response> {
    if (fault === "refused") return new Response("Bad Gateway", { status: 502 });
    if (fault === "error") return new Response("Code: 242. DB::Exception: secret detail. (TABLE_IS_READ_ONLY)", { status: 500 });
    if (fault === "exception") return new Response("Code: 241. DB::Exception: secret detail. (MEMORY_LIMIT_EXCEEDED)");
    if (fault === "hanging") await Bun.sleep(2000);
    const done = carryOut(kind, body);
    if (fault === "slow") {
      await Bun.sleep(150);
      return done;
    }
    if (fault === "lost") return new Response("Bad Gateway", { status: 502 });
    if (fault === "garbage") return new Response("<html>");
    if (fault === "silent") return new Response("");
    if (fault === "fewer") {
      const { written_rows: written } = JSON.parse(done.headers.get("X-ClickHouse-Summary") ?? "{}") as { written_rows: string };
      return new Response("", { headers: { "X-ClickHouse-Summary": JSON.stringify({ written_rows: String(Number(written) - 1) }) } });
    }
    const text = await done.text();
    if (fault === "cut") return new Response(text.slice(0, text.length / 2));
    // stalled: the answer begins, and never ends
    return new Response(new ReadableStream({ start: (controller) => controller.enqueue(text.slice(0, 10)) }));
  }

  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 5,
    async fetch(request) {
      const body = await request.text();
      bytes.push(request.url, decodeURIComponent(request.url), JSON.stringify([...request.headers]), body);
      const query = new URL(request.url).searchParams.get("query") ?? body;
      const kind: Kind = /^INSERT/.test(query)
        ? "insert"
        : /CREATE TABLE/.test(query)
          ? "schema"
          : /AS newest/.test(query)
            ? "extent"
            : "report";
      const place = armed.findIndex(([of]) => of === kind);
      const fault = place >= 0 ? armed.splice(place, 1)[0]?.[1] : always.get(kind);
      return fault === undefined ? carryOut(kind, body) : fail(fault, kind, body);
    },
  });
  const target = readAnalyticsUrl(`http://regulars:password-of-clickhouse@127.0.0.1:${server.port}/reports`);
  return {
    url: target.url,
    target,
    connect: () => connectClickHouse(target, { selectMs: 300, insertMs: 300 }),
    rows: (base = 0n) =>
      new Map(
        [...table].filter(([customer, row]) => customer !== 0 && row[2] === 0 && BigInt(String(row[1])) >= base).sort(([a], [b]) => a - b),
      ),
    inserts,
    received: () => bytes.join("\n"),
    arm: (kind, ...faults) => armed.push(...faults.map((fault): [Kind, Fault] => [kind, fault])),
    failAlways: (kind, fault) => void (fault === undefined ? always.delete(kind) : always.set(kind, fault)),
    drop() {
      table = new Map();
    },
    stop: () => void server.stop(true),
  };
}

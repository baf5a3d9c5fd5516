// Do `import --dry-run`, `imports` and `reconcile` do what they say, alone and beside a server?
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { connect } from "../../db/connection.ts";
import { FROM_SOURCE, run, start } from "../program.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { waitUntil } from "../wait-until.ts";

const program = (directory: string, ...args: string[]) => run([...FROM_SOURCE, ...args], directory);
const sale = (n: number, more: object = {}) =>
  JSON.stringify({ type: "sale", orderId: `O-${n}`, externalId: `u-${n % 3}`, value: 10, timestamp: "2026-01-05T10:00:00Z", ...more });
const HEAD = "id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Status,Customer ID,Customer Email,PaymentIntent ID";
const payment = (n: number, refunded = "0.00") =>
  `ch_${n},2026-01-0${n} 10:00:00,20.00,${refunded},usd,true,Paid,cus_${n},p${n}@x.example,pi_${n}`;

async function folderWith(name: string, lines: readonly string[]): Promise<string> {
  const directory = temporaryFolder();
  await Bun.write(join(directory, name), `${lines.join("\n")}\n`);
  return directory;
}

describe("imports", () => {
  test("are tried out, recorded, listed and taken back", async () => {
    const directory = await folderWith("a.ndjson", [...[1, 2, 3].map((n) => sale(n)), sale(4, { value: -1 })]);
    const tried = await program(directory, "import", "a.ndjson", "--dry-run");
    expect(tried.out).toContain("ndjson: 4 rows; nothing was written.\n  3 would be recorded, 0 duplicates, 0 conflicts, 1 refused");
    expect(tried.out).toContain(
      "  3 sales of 30.00 USD, 0 refunds of 0.00 USD\n  3 new customers, 0 known; 0 of these move to an older cohort",
    );
    expect(tried.code).toBe(1);
    expect((await program(directory, "imports", "list")).out).toBe("");
    expect(readdirSync(directory).filter((name) => name.includes("trial"))).toEqual([]);

    expect((await program(directory, "import", "a.ndjson")).err).toContain("3 accepted, 0 duplicates, 1 rejected");
    expect((await program(directory, "imports", "list")).out).toMatch(
      /^1\t2\S+Z\tdone\ta\.ndjson\tndjson\t3 recorded, 0 duplicates, 1 rejected\n$/,
    );
    expect((await program(directory, "imports", "undo", "1")).err).toContain("Import 1 (a.ndjson) is undone.");
    const again = await program(directory, "imports", "undo", "1");
    expect([again.code, again.err]).toEqual([1, "The import was undone already.\n"]);
    expect((await program(directory, "import", "a.ndjson", "--dry-run")).out).toContain("3 new customers, 0 known");
    expect((await program(directory, "imports", "undo", "9")).err).toContain("There is no import 9");
  }, 60_000);

  test("take a payment provider's file, beside a server too, and reconcile finds what is missing or differs", async () => {
    const directory = await folderWith("p.csv", [HEAD, payment(1), payment(2, "5.00")]);
    await Bun.write(join(directory, "later.csv"), `${[HEAD, payment(1), payment(2, "7.50"), payment(3)].join("\n")}\n`);
    const server = await start(FROM_SOURCE, directory);
    try {
      expect((await program(directory, "import", "p.csv")).err).toContain("2 accepted, 0 duplicates, 0 rejected");
      const { body } = await server.call("GET", "/customers/cohorts?group_by=month");
      expect(body).toMatchObject({ data: { totals: { customers: 2, sales: 2, revenue: 35 } } });
      expect((await program(directory, "reconcile", "p.csv")).err).toBe(
        "stripe payments: 2 matched, 0 missing, 0 differing. Nothing was written.\n",
      );
      const later = await program(directory, "reconcile", "later.csv");
      expect(later.out).toBe(
        "differing\tpi_2\ttheirs 20.00 USD, 7.50 refunded\tours 20.00 USD, 5.00 refunded\nmissing\tpi_3\ttheirs 20.00 USD, 0.00 refunded\tours -\n",
      );
      expect([later.code, later.err]).toEqual([1, "stripe payments: 1 matched, 1 missing, 1 differing. Nothing was written.\n"]);
      expect((await program(directory, "imports", "undo", "1")).code).toBe(0);
      expect((await server.call("GET", "/customers/count")).body).toMatchObject({ data: { count: 0 } });
    } finally {
      await server.stop();
    }
  }, 120_000);

  test("go on where they were cut, and end in the same database", async () => {
    const lines = Array.from({ length: 4000 }, (_, n) => sale(n, { externalId: `u-${n % 400}` }));
    const directory = await folderWith("a.ndjson", [...lines, "nonsense"]);
    const child = Bun.spawn([...FROM_SOURCE, "import", "a.ndjson"], {
      cwd: directory,
      env: { PATH: process.env.PATH ?? "" },
      stderr: "ignore",
    });
    const path = join(directory, "data", "regulars.db");
    const done = () => {
      if (!existsSync(path)) return 0;
      const sqlite = connect(path, { mustExist: true });
      try {
        return sqlite.prepare<[], number>("SELECT coalesce(max(rows), 0) FROM import").pluck().get() ?? 0;
      } catch {
        return 0; // the table is not there yet
      } finally {
        sqlite.close();
      }
    };
    expect(await waitUntil("some rows are written", () => done() > 0 && done())).toBeLessThan(4001);
    child.kill("SIGKILL");
    await child.exited;
    await program(directory, "import", "a.ndjson");
    expect((await program(directory, "imports", "list")).out).toMatch(
      /^1\t\S+\tdone\ta\.ndjson\tndjson\t4000 recorded, 0 duplicates, 1 rejected\n$/,
    );
    expect((await program(directory, "verify")).code).toBe(0);
  }, 120_000);
});

describe("a file that is sent to a server", () => {
  test("is cut off with its sender, and leaves no file; a server that was killed goes on with one", async () => {
    const directory = await folderWith(
      "a.ndjson",
      Array.from({ length: 20_000 }, (_, n) => sale(n, { externalId: `u-${n % 900}` })),
    );
    const leftovers = () => readdirSync(directory, { recursive: true }).filter((name) => String(name).includes(".import-"));
    const server = await start(FROM_SOURCE, directory);
    const socket = await Bun.connect({ hostname: "127.0.0.1", port: Number(new URL(server.url).port), socket: { data() {} } });
    socket.write(
      `POST /imports?name=cut HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${server.key}\r\nContent-Length: 1000000\r\n\r\n${sale(1)}`,
    );
    await Bun.sleep(500);
    socket.end();
    const states = async () =>
      ((await server.call("GET", "/imports")).body as { data: { state: string }[] }).data.map(({ state }) => state);
    for (let tries = 0; tries < 100 && (await states())[0] !== "failed"; tries += 1) await Bun.sleep(100);
    expect([await states(), leftovers()]).toEqual([["failed"], []]);

    const headers = { authorization: `Bearer ${server.key}` };
    const sent = await fetch(`${server.url}/imports?name=whole`, { method: "POST", headers, body: Bun.file(join(directory, "a.ndjson")) });
    expect(sent.status).toBe(202);
    await Bun.sleep(300);
    process.kill(server.pid, "SIGKILL");
    await Bun.sleep(200);
    const next = await start(FROM_SOURCE, directory, {}, server.key);
    try {
      const found = async () =>
        ((await next.call("GET", "/imports/2")).body as { data: { state: string; rows: number; recorded: number } }).data;
      for (let tries = 0; tries < 600 && (await found()).state === "writing"; tries += 1) await Bun.sleep(100);
      expect(await found()).toMatchObject({ state: "done", rows: 20_000, recorded: 20_000, duplicates: 0 });
      expect(leftovers()).toEqual([]);
    } finally {
      await next.stop();
    }
  }, 180_000);
});

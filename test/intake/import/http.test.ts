// Is a file imported over HTTP in the background, one at a time, and taken back, whatever happens on the way?
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openSpool } from "../../../src/intake/import/spool.ts";
import { openWorld, type World } from "../../harness.ts";
import { newDatabasePath, temporaryFolder } from "../../temporary-folder.ts";

interface Answer {
  id: number;
  state: string;
  rows: number;
  recorded: number;
  duplicates: number;
  refused: number;
  reasons: { result: string; reason: string; count: number; line: number }[];
  unnamedSales: object[];
  problem: string | null;
  found: { newCustomers: number; knownCustomers: number; movedCustomers: number; lacksRates: unknown[]; sums: unknown[] } | null;
}

const sale = (n: number, more: object = {}) =>
  JSON.stringify({ type: "sale", orderId: `o-${n}`, externalId: `u-${n % 5}`, value: n, timestamp: "2026-01-15T00:00:00Z", ...more });
const FILE = Array.from({ length: 20 }, (_, n) => sale(n + 1)).join("\n");

async function send(world: World, body: string | Uint8Array, query = ""): Promise<Answer> {
  const { status, body: answer } = await world.request<Answer>("POST", `/imports?name=a.ndjson${query}`, body);
  expect(status).toBe(202);
  await world.workspace.imports.idle();
  return (await world.request<Answer>("GET", `/imports/${answer.data.id}`)).body.data;
}
const totals = async (world: World) => (await world.request("GET", "/customers/cohorts?group_by=month")).body.data;

describe("POST /imports", () => {
  test("records a file, and DELETE takes it back", async () => {
    const world = openWorld();
    await world.request("POST", "/events", JSON.parse(sale(1)));
    const before = await totals(world);
    const done = await send(world, `${FILE}\nnonsense\n${sale(99, { value: -1, email: "x@y.example" })}`);
    expect(done).toMatchObject({ state: "done", rows: 22, recorded: 19, duplicates: 1, refused: 2, found: null });
    expect(done.reasons).toEqual([
      { result: "refused", reason: "The line is not valid JSON.", count: 1, line: 21 },
      { result: "refused", reason: "value must not be negative, send a refund instead", count: 1, line: 22 },
    ]);
    expect(await totals(world)).not.toEqual(before);
    const begun = await world.request<Answer>("DELETE", `/imports/${done.id}`);
    expect([begun.status, begun.body.data.state]).toEqual([202, "undoing"]);
    await world.workspace.imports.idle();
    expect((await world.request<Answer[]>("GET", "/imports")).body.data.map(({ state }) => state)).toEqual(["undone"]);
    expect(await totals(world)).toMatchObject({ totals: (before as { totals: object }).totals });
    expect((await world.request("GET", "/customers/count")).body.data).toEqual({ count: 1 });
    await world.close();
  });

  test("says which sales of a file are nobody's, and sums them with those of webhooks, each once", async () => {
    const world = openWorld();
    const head = "id,Created date (UTC),Amount,Currency,Captured,Status,Customer ID,Customer Email,PaymentIntent ID";
    const paid = (n: number, amount: string, who = ",") => `ch_${n},2026-01-05 10:00:00,${amount},usd,true,Paid,${who},pi_${n}`;
    const file = [head, paid(1, "20.00"), paid(2, "5.00", "cus_1,ann@x.example"), paid(3, "7.50")].join("\n");
    const unnamed = [{ currency: "USD", sales: 2, value: 27.5, lines: [2, 4] }];
    expect(await send(world, file, "&dryRun=true")).toMatchObject({ recorded: 1, ignored: 2, unnamedSales: unnamed });
    const ofStripe = async () => {
      const { body } = await world.request<{ sources: { source: string; unnamedSales: object[] }[] }>("GET", "/webhooks");
      return body.data.sources.find(({ source }) => source === "stripe")?.unnamedSales;
    };
    expect(await ofStripe()).toEqual([]);
    const first = await send(world, file);
    expect(first).toMatchObject({ unnamedSales: unnamed });
    await send(world, file);
    const { sqlite } = world.workspace.database;
    sqlite.exec("INSERT INTO webhook_unnamed_sale (source, order_id, currency, value) VALUES ('stripe', 'pi_1', 'USD', 2000)");
    expect(await ofStripe()).toEqual([{ currency: "USD", sales: 2, value: 27.5 }]);
    for (const id of [first.id, first.id + 1]) {
      await world.request("DELETE", `/imports/${id}`);
      await world.workspace.imports.idle();
    }
    expect(await ofStripe()).toEqual([{ currency: "USD", sales: 1, value: 20 }]);
    await world.close();
  });

  test("keeps the refunds of orders with the longest of ids", async () => {
    const world = openWorld();
    const map = encodeURIComponent("orderId=Order,value=Total,refunded=Refunded,externalId=Who,timestamp=When");
    const row = (length: number) => `${"o".repeat(length)},100,30,ann,2026-01-10T00:00:00Z`;
    const file = ["Order,Total,Refunded,Who,When", row(200), row(201), row(254), row(255)].join("\n");
    expect(await send(world, file, `&map=${map}`)).toMatchObject({ recorded: 4, refused: 0 });
    expect(await send(world, file, `&map=${map}`)).toMatchObject({ duplicates: 4 });
    expect((await world.request<object>("GET", "/customers/ext_ann")).body.data).toMatchObject({ sales: 4, refunds: 120 });
    await world.close();
  });

  test("knows of refunds until the file was exported, if it is told when", async () => {
    const orders = `Order,Total,Refunded,Who,When
o-1,100,30,ann,2026-01-10T00:00:00Z
`;
    const map = encodeURIComponent("orderId=Order,value=Total,refunded=Refunded,externalId=Who,timestamp=When");
    const refunds: number[] = [];
    for (const query of ["", "&exported_at=2026-02-20T00:00:00Z"]) {
      const world = openWorld();
      const live = { type: "refund", orderId: "o-1", eventId: "r-1", value: 30, timestamp: "2026-02-15T00:00:00Z" };
      await world.request("POST", "/events", live);
      expect(await send(world, orders, `&map=${map}${query}`)).toMatchObject({ state: "done", refused: 0 });
      refunds.push((await world.request<{ refunds: number }>("GET", "/customers/ext_ann")).body.data.refunds);
      await world.close();
    }
    expect(refunds).toEqual([60, 30]);
  });

  test("with dryRun writes nothing, and says what it would do", async () => {
    const world = openWorld();
    await world.request("POST", "/events", JSON.parse(sale(1, { externalId: "u-1", timestamp: "2026-02-15T00:00:00Z" })));
    await world.request("POST", "/events", { type: "lead", eventId: "l", externalId: "u-2", timestamp: "2025-01-15T00:00:00Z" });
    await world.request("GET", "/customers/count");
    const stored = () =>
      world.workspace.database.sqlite.prepare("SELECT (SELECT count(*) FROM entry) + (SELECT count(*) FROM customer)").pluck().get();
    const before = stored();
    const checked = await send(world, `${FILE}\n${sale(5)}\n${sale(50, { currency: "EUR" })}\n{}`, "&dryRun=true");
    // o-1 is here with another timestamp.
    expect(checked).toMatchObject({ state: "checked", rows: 23, recorded: 20, duplicates: 1, conflicts: 1, refused: 1 });
    expect(checked.found).toMatchObject({
      newCustomers: 3,
      knownCustomers: 2,
      movedCustomers: 1,
      lacksRates: [{ currency: "EUR", sales: 1 }],
      sums: [
        { currency: "EUR", sales: 1, value: 50, refunds: 0, refunded: 0 },
        { currency: "USD", sales: 19, value: 209, refunds: 0, refunded: 0 },
      ],
    });
    expect(stored()).toEqual(before);
    await world.close();
  });

  test("takes gzip, and says what is wrong with a file that it cannot take", async () => {
    const world = openWorld();
    expect(await send(world, Bun.gzipSync(new TextEncoder().encode(FILE)))).toMatchObject({ state: "done", recorded: 20 });
    expect(await send(world, Bun.gzipSync(new TextEncoder().encode(FILE)).slice(0, 40))).toMatchObject({
      state: "failed",
      problem: expect.stringContaining("damaged or incomplete"),
    });
    const empty = await world.request("POST", "/imports", "");
    expect([empty.status, empty.body.error?.code]).toEqual([400, "VALIDATION_ERROR"]);
    await world.close();
  });

  test("stops at MAX_DATABASE_BYTES, and what it wrote can be undone", async () => {
    const world = openWorld({ config: { maxDatabaseBytes: 600_000 } });
    const lines = Array.from({ length: 3000 }, (_, n) => sale(n + 1, { externalId: `u-${n}` })).join("\n");
    const { id, rows, ...stopped } = await send(world, lines);
    expect(stopped).toMatchObject({ state: "failed", problem: expect.stringContaining("MAX_DATABASE_BYTES") });
    expect(rows).toBeGreaterThan(0);
    expect(rows).toBeLessThan(3000);
    expect((await world.request("POST", "/imports", FILE)).status).toBe(503);
    expect((await world.request("DELETE", `/imports/${id}`)).status).toBe(202);
    await world.workspace.imports.idle();
    expect((await world.request("GET", "/customers/count")).body.data).toEqual({ count: 0 });
    await world.close();
  });

  test("is refused while another import is not finished", async () => {
    const world = openWorld();
    const first = world.request<Answer>("POST", "/imports", FILE);
    const second = await world.request("POST", "/imports", FILE);
    expect([(await first).status, second.status]).toEqual([202, 409]);
    expect(second.headers.get("connection")).toBe("close");
    await world.workspace.imports.idle();
    expect((await world.request<Answer[]>("GET", "/imports")).body.data).toHaveLength(1);
    await world.close();
  });

  test("stores nothing of anybody in what is kept of it", async () => {
    const world = openWorld();
    const secret = "Ann.Secret@x.example";
    const lines = [
      { email: secret, value: -1 },
      { [secret]: 1 },
      { SecretField: 1 },
      { metadata: { [secret]: secret } },
      { email: secret, name: `${secret}\u0000` },
      { currency: secret },
      { timestamp: secret },
    ];
    await send(world, lines.map((line, n) => sale(n, line)).join("\n"));
    await send(world, lines.map((line, n) => sale(n, line)).join("\n"), "&dryRun=true");
    const { sqlite } = world.workspace.database;
    for (const table of ["import", "import_span", "import_status", "import_rate"])
      expect(JSON.stringify(sqlite.prepare(`SELECT * FROM ${table}`).all()).toLowerCase()).not.toContain("secret");
    await world.close();
  });
});

describe("the file of an import", () => {
  test("is beside the database, for this user only, and gone when the import is done", async () => {
    const path = newDatabasePath();
    const world = openWorld({ config: { databasePath: path } });
    const spool = openSpool(path);
    await spool.store(7, pieces("abc"));
    expect(statSync(spool.pathOf(7)).mode & 0o777).toBe(0o600);
    await send(world, FILE);
    await send(world, FILE, "&dryRun=true");
    expect(readdirSync(dirname(path)).filter((name) => name.includes(".import-"))).toEqual(["regulars.db.import-7"]);
    world.workspace.imports.resume();
    expect(readdirSync(dirname(path)).filter((name) => name.includes(".import-"))).toEqual([]);
    await world.close();
  });

  test("that is cut off, or comes too slowly, leaves nothing", async () => {
    const path = join(temporaryFolder(), "x.db");
    const spool = openSpool(path, 20);
    await expect(spool.store(1, cut())).rejects.toThrow("not valid");
    await expect(spool.store(1, slow())).rejects.toThrow("too slowly");
    expect(existsSync(spool.pathOf(1))).toBe(false);
  });

  test("is gone on with by the next start, from where it stopped", async () => {
    const path = newDatabasePath();
    const world = openWorld({ config: { databasePath: path } });
    const { imports, ledger, database } = world.workspace;
    await send(world, FILE);
    const id = Number(database.sqlite.prepare("SELECT max(id) FROM import").pluck().get());
    // As if the server had been killed after 12 rows.
    await world.request("DELETE", `/imports/${id}`);
    await imports.idle();
    const half = await send(world, FILE.split("\n").slice(0, 12).join("\n"));
    ledger.write(() => imports.store.setState(half.id, "writing"));
    writeFileSync(`${path}.import-${half.id}`, FILE);
    imports.resume();
    await imports.idle();
    expect((await world.request<Answer>("GET", `/imports/${half.id}`)).body.data).toMatchObject({
      state: "done",
      rows: 20,
      recorded: 20,
      duplicates: 0,
    });
    await world.close();
  });

  test("that was being read when the server stopped has failed", async () => {
    const world = openWorld();
    const { imports, ledger } = world.workspace;
    const { id } = await send(world, FILE);
    ledger.write(() => imports.store.setState(id, "reading"));
    imports.resume();
    expect((await world.request<Answer>("GET", `/imports/${id}`)).body.data).toMatchObject({
      state: "failed",
      problem: expect.stringContaining("send it again"),
    });
    await world.close();
  });
});

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}
async function* cut(): AsyncGenerator<Uint8Array> {
  yield* pieces("abc");
  throw new Error("The connection is gone.");
}
async function* slow(): AsyncGenerator<Uint8Array> {
  yield* pieces("abc");
  await Bun.sleep(500);
}

// Does the feed tell everything that was stored, once, in order, as it is now, and nothing of anybody who was erased?
import { describe, expect, test } from "bun:test";
import { createKey, listKeys, revokeKey } from "../../src/access/api-key.ts";
import type { Scope } from "../../src/access/keyring.ts";
import type { Told } from "../../src/feed/told.ts";
import { openWorld, type World } from "../harness.ts";
import { type Page, read, sale, seqsOf } from "./reading.ts";

const withScopes = (world: World, ...scopes: Scope[]) => ({ authorization: `Bearer ${createKey(world.workspace, { scopes })}` });
const typesOf = (page: Page) => page.changes.map(({ type }) => type);
const allOf = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** What one request makes the feed tell. */
async function toldBy(world: World, method: string, path: string, body?: unknown): Promise<Told[]> {
  await world.workspace.ledger.catchUp();
  const { next } = await read(world);
  const { status, text } = await world.request(method, path, body);
  expect(`${status} ${text}`).toMatch(/^20[012]/);
  await world.workspace.imports.idle();
  await world.workspace.ledger.catchUp();
  return (await read(world, `after=${next}&limit=1000`)).changes;
}

describe("what is stored is told", () => {
  test("entries, customers and their statuses, each as it is now", async () => {
    const world = openWorld();
    const first = await toldBy(world, "POST", "/events", sale("o-1", { externalId: "ann" }));
    expect(first.map(({ type }) => type)).toEqual(["customer.created", "entry.created", "customer.updated"]);
    expect(first[1]).toMatchObject({
      id: "ent_0000000001",
      data: { orderId: "o-1", value: 10, status: "approved", customerId: first[0]?.id },
    });
    expect(first[2]).toMatchObject({ id: first[0]?.id, data: { externalId: "ann", ltv: 10, sales: 1 } });

    const changed = await toldBy(world, "PATCH", "/conversions/ord_o-1", { status: "fraud" });
    expect(changed.map(({ type }) => type)).toEqual(["entry.updated", "customer.updated"]);
    expect(changed[0]).toMatchObject({ id: "ent_0000000001", data: { status: "fraud" } });
    expect(changed[1]).toMatchObject({ data: { ltv: 0 } });
    await world.close();
  });

  test("an entry that gets another owner, and where its former customer went", async () => {
    const world = openWorld();
    await world.request("POST", "/events", sale("o-1", { externalId: undefined, email: "ann@example.com" }));
    const told = await toldBy(world, "POST", "/events", sale("o-2", { externalId: "ann", email: "ann@example.com", aliases: ["crm:1"] }));
    expect(told.map(({ type }) => type)).toContain("entry.created");
    const joined = await toldBy(world, "POST", "/events", sale("o-3", { externalId: "bob", timestamp: "2026-01-01" }));
    expect(joined.map(({ type }) => type)).not.toContain("customer.merged");
    await world.request("POST", "/customers", { externalId: "dan" });
    await world.request("POST", "/events", sale("o-4", { externalId: undefined, email: "eve@example.com" }));
    const merged = await toldBy(world, "PATCH", "/customers/ext_dan", { email: "eve@example.com" });
    const into = (await world.request<{ id: string }>("GET", "/customers/ext_dan")).body.data.id;
    const gone = merged.find(({ type }) => type === "customer.merged");
    expect(gone?.data).toEqual({ id: gone?.id ?? "", into });
    const created = (await read(world)).changes.find(({ type, id }) => type === "customer.created" && id === gone?.id);
    expect(created).toMatchObject({ data: null });
    expect(merged.find(({ type }) => type === "entry.updated")?.data).toMatchObject({ orderId: "o-4", customerId: into });
    await world.close();
  });

  test("what an undone import takes back", async () => {
    const world = openWorld();
    await world.request("POST", "/events", sale("o-1", { externalId: "ann" }));
    const lines = [sale("o-2", { externalId: "ann" }), sale("o-3"), { type: "rate", currency: "EUR", date: "2026-01-01", rate: "1.1" }];
    await world.request("POST", "/imports?name=a.ndjson", lines.map((line) => JSON.stringify(line)).join("\n"));
    await world.workspace.imports.idle();
    const made = (await read(world)).changes;
    const idOf = (type: string, orderId: string) =>
      made.find((change) => change.type === type && (change.data as { orderId?: string } | null)?.orderId === orderId)?.id;
    const deleted = (await toldBy(world, "DELETE", "/imports/1")).filter(({ type }) => type.endsWith(".deleted"));
    expect(deleted.map(({ type, id }) => `${type} ${id}`).sort()).toEqual([
      ...["o-2", "o-3"].map((order) => `entry.deleted ${idOf("entry.created", order)}`),
      "rate.deleted EUR:2026-01-01",
    ]);
    expect(deleted.map(({ data }) => data)).toEqual(deleted.map(() => null));
    await world.close();
  });

  test("rates, keys and settings, without what is secret", async () => {
    const world = openWorld();
    expect(await toldBy(world, "PUT", "/rates", { currency: "EUR", date: "2026-01-31", rate: "1.1" })).toMatchObject([
      { type: "rate.set", id: "EUR:2026-01-31", data: { currency: "EUR", date: "2026-01-31", rate: "1.1" } },
    ]);
    expect(await toldBy(world, "PUT", "/rates", { currency: "EUR", date: "2026-01-31", rate: "1.2" })).toMatchObject([
      { data: { rate: "1.2" } },
    ]);
    const { next } = await read(world);
    createKey(world.workspace, { scopes: ["links:read"], name: "shop" });
    const [key] = listKeys(world.workspace);
    revokeKey(world.workspace, key?.id ?? "");
    const { changes } = await read(world, `after=${next}`);
    expect(changes).toMatchObject([
      { type: "key.created", id: key?.id, data: { scopes: ["links:read"] } },
      { type: "key.revoked", id: key?.id, data: { revokedAt: "2026-03-01T00:00:00.000Z" } },
    ]);
    expect(JSON.stringify(changes)).not.toContain("hash");
    world.workspace.database.sqlite.exec("INSERT INTO setting VALUES ('currency', 'USD')");
    expect((await read(world)).changes.at(-1)).toMatchObject({ type: "setting.set", id: "currency", data: null });
    await world.close();
  });

  test("in numbers without a gap, whatever is refused or undone between", async () => {
    const world = openWorld();
    await Promise.all(
      Array.from({ length: 40 }, (_, place) =>
        world.request(
          "POST",
          "/events",
          sale(`o-${place % 25}`, { externalId: undefined, email: `p${place % 7}@example.com`, value: place % 3 === 0 ? 10 : place }),
        ),
      ),
    );
    await world.request("POST", "/events", [sale("x"), sale("x", { value: 11 }), { type: "nothing" }, sale("y")]);
    await world.request("POST", "/customers", { externalId: "ann", email: "p1@example.com" });
    await world.workspace.ledger.catchUp();
    const seqs = seqsOf(world);
    expect(seqs.length).toBeGreaterThan(60);
    expect(seqs).toEqual(allOf(1, seqs.length));
    const entries = world.workspace.database.sqlite.prepare<[], number>("SELECT id FROM entry ORDER BY id").pluck().all();
    const told = world.workspace.database.sqlite.prepare<[], number>("SELECT id FROM change WHERE type = 0 ORDER BY seq").pluck().all();
    expect(told).toEqual(entries);
    await world.close();
  });

  test("once in an answer, though it changed several times", async () => {
    const world = openWorld();
    await world.request("POST", "/events", sale("o-1", { externalId: undefined, email: "ann@example.com" }));
    await world.workspace.ledger.catchUp();
    await world.request("PATCH", "/conversions/ord_o-1", { status: "pending" });
    await world.request("PATCH", "/conversions/ord_o-1", { status: "approved" });
    await world.workspace.ledger.catchUp();
    const page = await read(world);
    expect(typesOf(page).filter((type) => type.startsWith("entry."))).toEqual(["entry.created"]);
    expect(typesOf(page).filter((type) => type === "customer.updated")).toHaveLength(1);
    await world.close();
  });
});

describe("whoever reads", () => {
  test("goes on where they were, page by page", async () => {
    const world = openWorld();
    for (let place = 0; place < 7; place++)
      await world.request("POST", "/events", sale(`o-${place}`, { externalId: undefined, email: `p${place}@example.com` }));
    await world.workspace.ledger.catchUp();
    const seen: number[] = [];
    for (let after = 0; ; ) {
      const { changes, next } = await read(world, `after=${after}&limit=3`);
      seen.push(...changes.map(({ seq }) => seq));
      if (next === after) break;
      after = next;
    }
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
    const rows = world.workspace.database.sqlite.prepare("SELECT count(*) FROM change WHERE type = 0").pluck().get();
    expect(rows).toBe(7);
    await world.close();
  });

  test("waits for news, and is woken by a write", async () => {
    const world = openWorld();
    const { next } = await read(world);
    const asked = read(world, `after=${next}&wait=30`);
    const sent = await world.request("POST", "/events", sale("o-1"));
    expect(sent.status).toBe(201);
    expect(typesOf(await asked)).toContain("entry.created");
    await world.close();
  });

  test("is let go when the server stops", async () => {
    const world = openWorld();
    const { next } = await read(world);
    const asked = read(world, `after=${next}&wait=30`);
    await Promise.resolve();
    world.app.close();
    expect((await asked).changes).toEqual([]);
    await world.close();
  });

  test("sees names and emails with the scope links:read alone", async () => {
    const world = openWorld();
    await world.request(
      "POST",
      "/events",
      sale("o-1", { externalId: "ann-42", email: "ann@example.com", url: "https://shop.example/ann" }),
    );
    await world.workspace.ledger.catchUp();
    const bare = withScopes(world, "changes:read");
    const masked = await read(world, "limit=1000", bare);
    expect(JSON.stringify(masked)).not.toContain("ann");
    expect(typesOf(masked)).toContain("customer.updated");
    expect(JSON.stringify(await read(world, "limit=1000", withScopes(world, "changes:read", "links:read")))).toContain("ann@example.com");
    for (const [path, headers] of [
      ["/changes", withScopes(world, "links:read")],
      ["/changes/rows", bare],
    ] as const)
      expect((await world.request("GET", path, undefined, headers)).status).toBe(403);
    await world.close();
  });
});

test("after an erasure nothing of the person can be read from it", async () => {
  const world = openWorld();
  const secretly = {
    externalId: "secret-id",
    email: "secret@example.com",
    name: "Secret Name",
    aliases: ["secret:alias"],
    visitorId: "secret-visitor",
  };
  await world.request("POST", "/events", sale("o-1", secretly));
  await world.request("POST", "/customers", { externalId: "secret-id", name: "Secret Name", metadata: { note: "secret" } });
  await world.workspace.ledger.catchUp();
  expect((await world.request("GET", "/changes/rows?limit=1000")).text).toContain("secret");
  const told = await toldBy(world, "DELETE", "/customers/ext_secret-id");
  expect(told).toMatchObject([
    { type: "customer.erased", id: "cus_0000000001", data: null },
    { type: "customer.updated", data: null },
  ]);
  for (const path of ["/changes", "/changes/rows"]) {
    const { text, status } = await world.request("GET", `${path}?limit=1000`);
    expect(status).toBe(200);
    expect(text).toContain("customer.erased");
    expect(text.toLowerCase()).not.toContain("secret");
  }
  const stored = world.workspace.database.sqlite.prepare("SELECT * FROM change").all();
  expect(JSON.stringify(stored).toLowerCase()).not.toContain("secret");
  await world.close();
});

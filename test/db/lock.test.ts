// Does one server alone have the database, and do commands work beside it?

import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { openDatabase } from "../../db/database.ts";
import { holdDatabase } from "../../db/lock.ts";
import { MIGRATIONS } from "../../db/migrate.ts";
import { openWorld } from "../harness.ts";
import { FROM_SOURCE, run } from "../program.ts";
import { newDatabasePath, temporaryFolder } from "../temporary-folder.ts";
import { waitUntil } from "../wait-until.ts";
import { makeDatabase } from "./damaged-starts.ts";

const PROGRAM = [...FROM_SOURCE, "serve"];
const SETTINGS = { HOST: "127.0.0.1", PORT: "0", PATH: process.env.PATH ?? "" };

describe("the lock", () => {
  test("keeps a second server out, and says who has it", () => {
    const path = newDatabasePath();
    const first = openDatabase(path, {}, { alone: true });
    expect(() => openDatabase(path, {}, { alone: true })).toThrow(
      new RegExp(
        `^The database .* is in use by another server \\(process ${process.pid} on \\S+, since 20\\S+Z\\): stop that server, or .*\\.$`,
      ),
    );
    first.close();
    openDatabase(path, {}, { alone: true }).close();
  });

  test("lets commands in beside a server, but no migration", () => {
    const path = newDatabasePath();
    const server = openDatabase(path, {}, { alone: true });
    openDatabase(path).close();
    const next = [...MIGRATIONS, { name: "9001_next", sql: "CREATE TABLE next (id INTEGER) STRICT" }];
    expect(() => openDatabase(path, {}, { migrations: next })).toThrow(/in use by another server/);
    server.close();
    openDatabase(path, {}, { migrations: next }).close();
  });

  test("tells commands whether a server runs", () => {
    const path = newDatabasePath();
    const command = openDatabase(path);
    expect(command.isServed()).toBe(false);
    const server = openDatabase(path, {}, { alone: true });
    expect([command.isServed(), server.isServed()]).toEqual([true, true]);
    server.close();
    expect(command.isServed()).toBe(false);
    command.close();
  });

  test("is not made for a database in memory", () => {
    const before = readdirSync(".");
    openDatabase(":memory:", {}, { alone: true }).close();
    expect(readdirSync(".")).toEqual(before);
  });

  test("that is no lock is said", async () => {
    const path = newDatabasePath();
    makeDatabase(path, 1);
    await Bun.write(`${path}.lock`, "some text that is no database".repeat(99));
    expect(() => holdDatabase(path)).toThrow(
      /^The lock file .* cannot be opened: check its permissions, or delete it if no server is running\.$/,
    );
  });
});

test("of many servers at once one serves; the others end and name it; after kill -9 a new one starts", async () => {
  const folder = temporaryFolder();
  const servers = Array.from({ length: 5 }, () =>
    Bun.spawn([...PROGRAM], { cwd: folder, env: SETTINGS, stdin: "ignore", stdout: "ignore", stderr: "pipe" }),
  );
  const ended: { code: number; text: string }[] = [];
  for (const { exited, stderr } of servers) void exited.then(async (code) => ended.push({ code, text: await new Response(stderr).text() }));
  await waitUntil("four servers have ended", () => ended.length >= 4, { deadlineMs: 20_000, seen: () => ended });
  const living = servers.filter(({ exitCode }) => exitCode === null);
  expect([ended.length, living.length]).toEqual([4, 1]);
  expect(ended.map(({ code }) => code)).toEqual([1, 1, 1, 1]);
  const [holder] = living;
  for (const { text } of ended)
    expect(text).toMatch(/^The database [^\n]+ is in use by another server \(process \d+ on \S+, since \S+\): [^\n]+\n$/);
  // Those that came at the same moment may name the one that held it before; one that comes later names this one.
  const late = await run(PROGRAM, folder);
  expect([late.code, late.err]).toEqual([1, expect.stringContaining(`(process ${holder?.pid} on `)]);
  expect((await run([...FROM_SOURCE, "keys", "create", "--scope", "links:read"], folder)).code).toBe(0);

  holder?.kill("SIGKILL");
  await holder?.exited;
  openDatabase(`${folder}/data/regulars.db`, {}, { alone: true }).close();
});

test("a server notices what a command wrote: kept answers about customers are forgotten", async () => {
  const path = newDatabasePath();
  const world = openWorld({ config: { databasePath: path, snapshotTtl: 600 } });
  const beside = openWorld({ config: { databasePath: path } });
  const sale = (orderId: string) => ({
    type: "sale",
    orderId,
    externalId: "user_1",
    value: 10,
    currency: "USD",
    timestamp: "2026-02-01T10:00:00Z",
  });
  const journey = async () => {
    const { headers, body } = await world.request<{ summary: unknown }>("GET", "/customers/ext_user_1/journey");
    return [headers.get("x-cache"), JSON.stringify(body.data).split('"sale"').length - 1];
  };
  await world.request("POST", "/events", sale("A-1"));
  expect(await journey()).toEqual(["MISS", 1]);
  expect(await journey()).toEqual(["HIT", 1]);
  await beside.request("POST", "/events", sale("A-2"));
  expect(await journey()).toEqual(["MISS", 2]);
  expect(await journey()).toEqual(["HIT", 2]);
  await world.close();
  beside.close();
});

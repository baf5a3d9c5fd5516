// Is an import in bulk there wholly or not at all, whatever stops it, and does it leave others alone?
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import fc from "fast-check";
import { connect, type Sqlite } from "../../db/connection.ts";
import { loadingCopyOf, removeLeftOfLoad } from "../../db/loading-copy.ts";
import { createKey } from "../../src/access/api-key.ts";
import { openWorkspace } from "../../src/app/workspace.ts";
import type { Config } from "../../src/host/config.ts";
import { silentLog } from "../../src/host/log.ts";
import { storeRate } from "../../src/intake/rate.ts";
import { type RandomLog, randomLog } from "../oracle/random-log.ts";
import { byLine, config, contentOf, expectSame, fileOf, importText, inBulk, NEVER, openAt } from "./bulk.ts";

const SEED = Number(process.env.LAW_SEED ?? 1);

setDefaultTimeout(120_000);
console.log(`stopped bulk imports: LAW_SEED=${SEED}`);

describe("an import in bulk", () => {
  const [log] = fc.sample(randomLog, { numRuns: 1, seed: SEED }) as [RandomLog];
  const { text: whole } = fileOf(log, SEED, false);

  test("leaves an empty database empty, and nothing beside it, wherever it stops; the next one makes the same", async () => {
    const wanted = await byLine(config(log.timezone), whole);
    const settings = config(log.timezone);
    let phases = 0;
    const stopAt = async (moment: number) => {
      let moments = 0;
      const stop = () => {
        moments += 1;
        if (moments === moment) throw new Error("stopped");
      };
      await importText(settings, whole, 0, { checkInterrupted: stop, tell: () => undefined });
      phases = moments;
    };
    for (let moment = 1 + (SEED % 5); phases === 0; moment += 5) {
      if (
        await stopAt(moment).then(
          () => true,
          (error: Error) => error.message !== "stopped",
        )
      )
        break;
      expect(readdirSync(dirname(settings.databasePath)).filter((name) => name.includes("loading"))).toEqual([]);
      const workspace = await openAt(settings);
      expect(contentOf(workspace.database.sqlite).entry).toEqual([]);
      await workspace.close();
    }
    expect(phases).toBeGreaterThan(10);
    await expectSame(settings, wanted.config);
  });

  test("removes the copy that a killed one left, whatever is imported next, and so does the start of a server", async () => {
    const settings = config("UTC");
    await (await openAt(settings)).close();
    const left = loadingCopyOf(settings.databasePath);
    for (const ending of ["", "-journal"]) writeFileSync(left + ending, "ann@x.example");
    await byLine(settings, whole);
    expect([existsSync(left), existsSync(`${left}-journal`)]).toEqual([false, false]);
    writeFileSync(left, "ann@x.example");
    const server = await openWorkspace(settings, { log: silentLog(), alone: true });
    expect(existsSync(left)).toBe(false);
    writeFileSync(left, "of a load that runs");
    removeLeftOfLoad(settings.databasePath);
    expect(existsSync(left)).toBe(true);
    await server.close();
  });

  test("is not done beside a server, another command or into a database that has entries", async () => {
    const settings = config("UTC");
    const beside = async (hold: () => Promise<{ close(): unknown }>) => {
      const held = await hold();
      const { report, left } = await inBulk(settings, whole);
      await held.close();
      return [report.recorded > 0, left > 0];
    };
    expect(await beside(() => openWorkspace(settings, { log: silentLog(), alone: true }))).toEqual([true, true]);
    const other = config("UTC");
    await (await openAt(other)).close();
    const reader = connect(other.databasePath);
    reader.prepare("SELECT count(*) FROM entry").get();
    const { left } = await inBulk(other, whole);
    reader.close();
    expect(left).toBeGreaterThan(0);
    expect((await inBulk(other, whole)).left).toBeGreaterThan(0);
  });

  test("keeps other commands out until it ends, so that nothing of theirs is lost", async () => {
    const settings = config("UTC");
    const [besides, met] = [new Set<string>(), new Set<unknown>()];
    let waiting: Sqlite | undefined;
    const tell = () => {
      for (const name of readdirSync(dirname(settings.databasePath))) if (name.includes("loading")) besides.add(name);
      waiting ??= connect(settings.databasePath, { busyMs: 0 });
      try {
        met.add(waiting.prepare("SELECT count(*) FROM migration").get());
      } catch (error) {
        met.add((error as { code?: unknown }).code);
      }
    };
    await importText(settings, whole, 0, { tell, checkInterrupted: NEVER });
    expect([...besides]).toEqual(["regulars.db.loading"]); // and no journal of it
    // A journal of the former file would be taken for one of the new database.
    expect(readdirSync(dirname(settings.databasePath)).filter((name) => /-(journal|wal|shm)$/.test(name))).toEqual([]);
    expect([...met]).toEqual(["SQLITE_BUSY"]);
    expect(() => waiting?.prepare("SELECT count(*) FROM migration").get()).toThrow("no such table"); // it has the former file open
    waiting?.close();
  });

  test("stores what comes before the damage of a file", async () => {
    // So much that is not compressible that the start is unpacked before the damage is met.
    const noise = Array.from({ length: 400 }, () =>
      JSON.stringify(Buffer.from(crypto.getRandomValues(new Uint8Array(2000))).toString("hex")),
    );
    const packed = Bun.gzipSync([whole, ...noise].join("\n"));
    const damaged = packed.subarray(0, packed.length - 1000);
    const [bulk, lines] = [config(log.timezone), config(log.timezone)];
    await expect(importText(bulk, damaged, 0)).rejects.toThrow("damaged");
    await expect(importText(lines, damaged, Number.MAX_SAFE_INTEGER)).rejects.toThrow("damaged");
    const count = async (settings: Config) => {
      const workspace = await openAt(settings);
      const entries = workspace.database.sqlite.prepare("SELECT count(*) FROM entry").pluck().get();
      await workspace.close();
      return Number(entries);
    };
    expect(await count(bulk)).toBeGreaterThan(0);
    expect(await count(bulk)).toBe(await count(lines));
  });

  test("takes what was set before into account: rates, keys and the currency", async () => {
    const made = async (leastLines: number) => {
      const settings = { ...config(log.timezone), currency: "EUR" };
      const workspace = await openAt(settings);
      createKey(workspace, { scopes: ["links:read"], name: "kept" });
      workspace.ledger.write(() => storeRate(workspace, { currency: "USD", day: 18_000, rate: "0.92" }));
      await workspace.close();
      await importText(settings, whole, leastLines);
      return settings;
    };
    const [bulk, lines] = [await made(0), await made(Number.MAX_SAFE_INTEGER)];
    const names = async (settings: Config) => {
      const workspace = await openAt(settings);
      const found = workspace.database.sqlite.prepare("SELECT name FROM api_key").pluck().all();
      workspace.database.sqlite.exec("DELETE FROM api_key");
      await workspace.close();
      return found;
    };
    expect([await names(bulk), await names(lines)]).toEqual([["kept"], ["kept"]]);
    await expectSame(bulk, lines);
  });
});

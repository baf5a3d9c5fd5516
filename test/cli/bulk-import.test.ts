// Does an import in bulk make the same database as one line by line, whatever the file holds?
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import type { Config } from "../../src/host/config.ts";
import { openImportStore } from "../../src/intake/import/store.ts";
import { openUndo } from "../../src/intake/import/undo.ts";
import { storeRate } from "../../src/intake/rate.ts";
import { type RandomLog, randomLog } from "../oracle/random-log.ts";
import { answersOf, byLine, config, expectSame, fileOf, inBulk, nobodiesOf, openAt } from "./bulk.ts";

const RUNS = Number(process.env.LAW_RUNS ?? 4);
const SEED = Number(process.env.LAW_SEED ?? 1);

setDefaultTimeout(60_000 + RUNS * 10_000);
console.log(`bulk imports: LAW_RUNS=${RUNS} LAW_SEED=${SEED}`);

/** Tells both of rates and of further entries, which meet what was imported. */
async function goOn(settings: Config, text: string): Promise<void> {
  const workspace = await openAt(settings);
  workspace.ledger.write(() => {
    storeRate(workspace, { currency: "EUR", day: 18_000, rate: "1.0855" });
    storeRate(workspace, { currency: "JPY", day: 18_700, rate: "0.0092" });
  });
  await workspace.ledger.catchUp();
  await workspace.close();
  await byLine(settings, text);
}

describe("an import in bulk", () => {
  const logs = fc.sample(randomLog, { numRuns: RUNS * 2, seed: SEED });

  test("makes the same database as one line by line, and goes on in the same way", async () => {
    for (const [index, log] of logs.slice(0, RUNS).entries()) {
      const { text } = fileOf(log, SEED + index, false);
      const [bulk, lines] = [await inBulk(config(log.timezone), text), await byLine(config(log.timezone), text)];
      expect(bulk.left).toBe(0);
      expect(lines.left).toBeGreaterThan(40);
      expect([bulk.report, bulk.rejected]).toEqual([lines.report, lines.rejected]);
      await expectSame(bulk.config, lines.config);
      const nobodies = [await nobodiesOf(bulk.config), await nobodiesOf(lines.config)];
      const more = fileOf(logs[RUNS + index] as RandomLog, SEED, true).text;
      await goOn(bulk.config, more);
      await goOn(lines.config, more);
      await expectSame(bulk.config, lines.config, nobodies);
    }
  });

  test("notes customers whom an email alone makes as customers of the import", async () => {
    const lead = (n: number) => ({ type: "lead", eventId: `e-${n}`, event: "signup", email: `${n}@x.example`, timestamp: `2021-01-0${n}` });
    const text = [1, 2].map((n) => `${JSON.stringify(lead(n))}\n`).join("");
    const [bulk, lines] = [await inBulk(config("Europe/Berlin"), text), await byLine(config("Europe/Berlin"), text)];
    expect(bulk.left).toBe(0);
    expect(bulk.report).toEqual(lines.report);
    await expectSame(bulk.config, lines.config);
  });

  test("leaves the lines from the first one on that is more than an entry to the way line by line", async () => {
    for (const [index, log] of logs.slice(0, Math.ceil(RUNS / 2)).entries()) {
      const { text } = fileOf(log, SEED + index, true);
      const [bulk, lines] = [await inBulk(config(log.timezone), text), await byLine(config(log.timezone), text)];
      expect([bulk.report, bulk.rejected]).toEqual([lines.report, lines.rejected]);
      await expectSame(bulk.config, lines.config);
    }
  });

  test("can be undone, and then the database answers like an empty one that knew nobody, and takes the file again", async () => {
    for (const [index, log] of logs.slice(0, Math.ceil(RUNS / 2)).entries()) {
      const { text } = fileOf(log, SEED + index, false);
      const [bulk, lines] = [await inBulk(config(log.timezone), text), await byLine(config(log.timezone), text)];
      for (const { config: settings } of [bulk, lines]) {
        const workspace = await openAt(settings);
        const store = openImportStore(workspace.database.sqlite, workspace.now);
        const undo = openUndo(workspace, store);
        workspace.ledger.write(() => undo.begin(store.require(1)));
        await undo.finish(1);
        await workspace.close();
      }
      const workspace = await openAt(bulk.config);
      const { sqlite } = workspace.database;
      for (const table of ["entry", "claim", "external_id", "import_span", "stale"])
        expect([table, sqlite.prepare(`SELECT count(*) FROM ${table}`).pluck().get()]).toEqual([table, 0]);
      expect(openImportStore(sqlite, workspace.now).require(1).state).toBe("undone");
      const empty = await openAt(config(log.timezone));
      expect(await answersOf(workspace)).toEqual(await answersOf(empty));
      await Promise.all([workspace.close(), empty.close()]);
      await expectSame(bulk.config, lines.config);
      const again = [await inBulk(bulk.config, text), await byLine(lines.config, text)];
      expect(again[0]?.left).toBeGreaterThan(0); // it has had entries, so nothing is in bulk
      await expectSame(bulk.config, lines.config);
    }
  });
});

// Does the journal get into the file beside the thread that writes, and does nothing go round in circles while a reader holds it?

import { afterEach, beforeEach, expect, spyOn, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { type Checkpoints, openCheckpoints } from "../../db/checkpoint.ts";
import { connect } from "../../db/connection.ts";
import type { Database } from "../../db/database.ts";
import { openDatabase } from "../../db/database.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { waitUntil } from "../wait-until.ts";

const THREAD = new URL("../../db/checkpoint-thread.ts", import.meta.url);
let folder: string;
let database: Database;
let checkpoints: Checkpoints;

beforeEach(() => {
  folder = temporaryFolder();
  database = openDatabase(join(folder, "data.db"));
  checkpoints = openCheckpoints(database, join(folder, "data.db"), THREAD);
  database.sqlite.exec("CREATE TABLE page (bytes BLOB)");
});
afterEach(async () => {
  await checkpoints.close();
  database.close();
});

const write = (pages: number) =>
  database.write(() => {
    const insert = database.sqlite.prepare("INSERT INTO page VALUES (randomblob(4000))");
    for (let page = 0; page < pages; page++) insert.run();
  });
const journal = () => database.sqlite.prepare("PRAGMA wal_checkpoint(NOOP)").get() as { log: number; checkpointed: number };

async function untilThrough(): Promise<void> {
  await waitUntil("the journal is in the file", () => journal().checkpointed >= journal().log, { deadlineMs: 20_000, seen: journal });
}

test("what was written gets into the file without another write", async () => {
  write(3000);
  expect(journal().log).toBeGreaterThan(3000);
  expect(journal().checkpointed).toBe(0);
  await untilThrough();
  expect(journal().checkpointed).toBeGreaterThan(3000);
});

test("a long journal begins anew while writes go on", async () => {
  const pages = () => statSync(join(folder, "data.db-wal")).size / 4096;
  let written = journal().log; // the pages of the new database
  const isBegunAnew = () => {
    if (journal().log < written) return true;
    write(500);
    written += 500;
    return false;
  };
  await waitUntil("the journal begins anew", isBegunAnew, { deadlineMs: 20_000, seen: journal });
  expect(written).toBeGreaterThan(8000);
  expect(pages()).toBeLessThan(32_000);
});

test("while somebody reads old pages the thread is asked once for a write, and goes on at the next one after", async () => {
  const reader = connect(join(folder, "data.db"), { readonly: true });
  reader.exec("BEGIN");
  reader.prepare("SELECT count(*) FROM page").get();
  const asked = spyOn(Worker.prototype, "postMessage");
  try {
    write(3000);
    await Bun.sleep(600);
    expect(asked.mock.calls.length).toBeLessThanOrEqual(2);
    reader.exec("COMMIT");
    write(1);
    await untilThrough();
  } finally {
    asked.mockRestore();
    reader.close();
  }
});

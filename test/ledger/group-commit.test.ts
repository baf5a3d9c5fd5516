// What becomes of writes that come together: one commit, each its own answer, and patience with another process that writes?

import { afterEach, expect, spyOn, test } from "bun:test";
import { join } from "node:path";
import { connect, type Sqlite } from "../../db/connection.ts";
import type { Database } from "../../db/database.ts";
import { openDatabase } from "../../db/database.ts";
import { openGroupCommit } from "../../src/ledger/group-commit.ts";
import { ApiError } from "../../src/value/error.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { waitUntil } from "../wait-until.ts";

let opened: { close(): unknown }[] = [];

afterEach(() => {
  for (const each of opened) each.close();
  opened = [];
});

function open(): { database: Database; other: Sqlite; put: (name: string) => Promise<unknown>; names: () => unknown[] } {
  const path = join(temporaryFolder(), "data.db");
  const database = openDatabase(path);
  database.waitAtMost(0);
  const other = connect(path);
  opened = [database, other];
  const groupCommit = openGroupCommit(database, (work) => database.write(work));
  const insert = database.sqlite.prepare("INSERT INTO setting (name, value) VALUES (?, 'x')");
  return {
    database,
    other,
    put: (name) =>
      groupCommit(() => {
        insert.run(name);
        if (name === "bad") throw new ApiError("CONFLICT", "no");
        return name;
      }),
    names: () => other.prepare("SELECT name FROM setting WHERE value = 'x' ORDER BY name").pluck().all(),
  };
}

test("writes that come together are stored together, and one that is refused fails alone", async () => {
  const { put, names } = open();
  const answers = await Promise.allSettled([put("a"), put("bad"), put("b")]);
  expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(names()).toEqual(["a", "b"]);
});

test("while another process writes they wait, others go on, and all are stored when it is done", async () => {
  const { put, names, other, database } = open();
  const write = spyOn(database, "write");
  other.exec("BEGIN IMMEDIATE");
  const first = put("a");
  let done = false;
  void first.then(() => {
    done = true;
  });
  await waitUntil("the write was tried again", () => write.mock.calls.length >= 3);
  const second = put("b"); // comes while the first waits
  expect(done).toBe(false);
  other.exec("COMMIT");
  expect(await Promise.all([first, second])).toEqual(["a", "b"]);
  expect(names()).toEqual(["a", "b"]);
});

test("writes that have waited long enough for another process fail together, without another try for each", async () => {
  const { put, names, other, database } = open();
  other.exec("BEGIN IMMEDIATE");
  const write = spyOn(database, "write");
  const clock = spyOn(performance, "now").mockReturnValue(0);
  /** Waits in turns of the event loop, as the clock stands still. */
  const waitTries = async (more: number) => {
    for (const before = write.mock.calls.length; write.mock.calls.length < before + more; ) await new Promise(setImmediate);
  };
  try {
    const waiting = Promise.allSettled([put("a"), put("b"), put("c")]);
    await waitTries(2);
    clock.mockReturnValue(1500);
    const later = put("d");
    await waitTries(2);
    write.mockClear();
    clock.mockReturnValue(2500);
    expect((await waiting).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(write).toHaveBeenCalledTimes(1);
    other.exec("COMMIT");
    expect(await later).toBe("d");
    expect(names()).toEqual(["d"]);
  } finally {
    clock.mockRestore();
  }
});

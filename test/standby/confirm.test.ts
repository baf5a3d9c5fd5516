// Does a command end only once a standby has what it wrote, if FOLLOW_ACK says so?
import { expect, test } from "bun:test";
import { join } from "node:path";
import { holdDatabase } from "../../db/lock.ts";
import { confirmStored } from "../../src/cli/confirm.ts";
import { sale } from "../feed/reading.ts";
import { openWorld } from "../harness.ts";
import { FROM_SOURCE, run } from "../program.ts";
import { temporaryFolder } from "../temporary-folder.ts";

test("a command waits until a follower has everything, and no longer than it is told to", async () => {
  const world = openWorld({ config: { databasePath: join(temporaryFolder(), "regulars.db") } });
  const { workspace } = world;
  const { sqlite } = workspace.database;
  await world.request("POST", "/events", sale("o-1"));
  await expect(confirmStored(workspace)).rejects.toThrow("stored here, but no standby has confirmed it because no server is running");
  const lock = holdDatabase(workspace.config.databasePath);
  const newest = sqlite.prepare<[], number>("SELECT max(seq) FROM change").pluck().get() ?? 0;
  sqlite.exec(`INSERT INTO follower VALUES ('standby-1', ${newest - 1}, 0)`);
  await expect(confirmStored(workspace, 10)).rejects.toThrow("no standby has confirmed it within 0.01 seconds (FOLLOW_ACK)");
  let isDone = false;
  const confirmed = confirmStored(workspace).then(() => {
    isDone = true;
  });
  await Bun.sleep(50);
  expect(isDone).toBe(false);
  sqlite.exec(`UPDATE follower SET seq = ${newest}`);
  await confirmed;
  lock.release();
  await world.close();
});

test("a command that writes ends with 1 if nobody can confirm it; one that only reads, or tries a file, does not wait", async () => {
  const folder = temporaryFolder();
  await Bun.write(join(folder, "a.ndjson"), `${JSON.stringify(sale("o-1"))}\n`);
  const command = (...args: string[]) => run([...FROM_SOURCE, ...args], folder, { FOLLOW_ACK: "1" });
  const created = await command("keys", "create", "--scope", "links:read");
  expect(created).toMatchObject({ code: 1, out: expect.stringMatching(/^rg_/), err: expect.stringContaining("(FOLLOW_ACK)") });
  expect(await command("import", "a.ndjson")).toMatchObject({
    code: 1,
    err: expect.stringMatching(/1 accepted(.|\n)*no server is running/),
  });
  expect(await command("import", "a.ndjson", "--dry-run")).toMatchObject({ code: 0, err: expect.not.stringContaining("FOLLOW_ACK") });
  expect((await command("keys", "list")).code).toBe(0);
});

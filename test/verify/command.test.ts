// Does `regulars verify` say what it found, by text and exit code, beside a running server, and leave nothing behind?

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readdirSync } from "node:fs";
import { connect } from "../../db/connection.ts";
import { FROM_SOURCE, run, start } from "../program.ts";
import { temporaryFolder } from "../temporary-folder.ts";

// It starts programs, on machines that may be busy.
setDefaultTimeout(60_000);

const verify = (directory: string, settings: Readonly<Record<string, string>> = {}, ...args: string[]) =>
  run([...FROM_SOURCE, "verify", ...args], directory, settings);

const sale = (id: number) => ({
  type: "sale",
  orderId: `O-${id}`,
  externalId: `user_${id % 7}`,
  timestamp: "2026-01-05T10:00:00Z",
  value: 10,
});

describe("regulars verify", () => {
  test("finds nothing beside a running server, then what was broken, and leaves nothing behind", async () => {
    const directory = temporaryFolder();
    const server = await start(FROM_SOURCE, directory);
    const sales = Array.from({ length: 50 }, (_, index) => sale(index));
    expect((await server.call("POST", "/events", sales)).status).toBe(200);
    const found = await verify(directory);
    expect(found).toMatchObject({
      code: 0,
      out: "",
      err: expect.stringMatching(/^Verified \d+ values of 7 customers and 50 entries in [\d.]+ s: no differences\./),
    });
    expect(await server.stop()).toBe(0);

    const database = connect(`${directory}/data/regulars.db`, { mustExist: true });
    database.exec("UPDATE customer SET gross_minor = gross_minor + 1, email = 'ann@example.com' WHERE external_id = 'user_3'");
    database.close();
    const broken = await verify(directory);
    expect(broken.code).toBe(1);
    expect(broken.out).toMatch(/^customer cus_\w+: gross_minor: stored 7001, computed 7000$/m);
    expect(broken.out).toMatch(/^customer cus_\w+: email: stored \(not shown\), computed another$/m);
    expect(broken.out + broken.err).not.toMatch(/user_3|ann@/);
    expect(broken.err).toMatch(/^\d+ differences in /);
    expect(readdirSync(`${directory}/data`).filter((name) => name.includes("verify"))).toEqual([]);

    expect((await run([...FROM_SOURCE, "rebuild"], directory)).code).toBe(0);
    expect(await verify(directory)).toMatchObject({ code: 0, out: "" });
  });

  test("removes the copy of a run that was killed, and leaves that of one that runs", async () => {
    const directory = temporaryFolder();
    expect((await run([...FROM_SOURCE, "import", "-"], directory, {}, `${JSON.stringify(sale(1))}\n`)).code).toBe(0);
    const ended = Bun.spawn(["true"]);
    await ended.exited;
    const folders = [`.regulars.db.verify-${ended.pid}-abc`, `.regulars.db.verify-${process.pid}-abc`];
    for (const name of folders) mkdirSync(`${directory}/data/${name}`);
    expect((await verify(directory)).code).toBe(0);
    expect(readdirSync(`${directory}/data`).filter((name) => name.includes("verify"))).toEqual(folders.slice(1));
  });

  test("makes no database where there is none", async () => {
    const directory = temporaryFolder();
    const { code, err } = await verify(directory);
    expect([code, err.trim().split("\n").length]).toEqual([1, 1]);
    expect(err).toContain("There is no database");
    expect(readdirSync(directory)).toEqual([]);
    expect(await verify(directory, { DATABASE_PATH: ":memory:" })).toMatchObject({ code: 2, out: "" });
  });

  test("refuses another zone than the numbers are kept in", async () => {
    const directory = temporaryFolder();
    const server = await start(FROM_SOURCE, directory, { TIMEZONE: "Europe/Berlin" });
    await server.stop();
    const { code, err } = await verify(directory, { TIMEZONE: "Asia/Tokyo" });
    expect([code, err]).toEqual([2, expect.stringContaining("set TIMEZONE=Europe/Berlin")]);
  });

  test("--self-test proves the program by the world inside it, wherever it stands", async () => {
    const directory = temporaryFolder();
    const found = await verify(directory, { TIMEZONE: "Asia/Tokyo", REVENUE_TRACKING: "false", RATE_LIMIT: "5" }, "--self-test");
    expect(found).toMatchObject({ code: 0, out: "Self-test passed: 121 operations, 109 of 109 answers correct.\n", err: "" });
    expect(readdirSync(directory)).toEqual([]);
  });
});

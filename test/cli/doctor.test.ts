// Does the doctor find what is wrong with an installation, say how to mend it, and leave everything as it is?

import { describe, expect, test } from "bun:test";
import { chmodSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { secretOf } from "../../db/secret.ts";
import { createKey, listKeys, revokeKey } from "../../src/access/api-key.ts";
import { assembleWorkspace } from "../../src/app/workspace.ts";
import { type Config, readConfig } from "../../src/host/config.ts";
import { silentLog } from "../../src/host/log.ts";
import { examine } from "../../src/ops/doctor/examine.ts";
import { lookAtSettings } from "../../src/ops/doctor/settings.ts";
import { FROM_SOURCE, run } from "../program.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const NOW = Date.now();

/** An installation with a database in it. */
async function install(): Promise<{ config: Config; directory: string }> {
  const directory = `${temporaryFolder()}/data`;
  const config = readConfig({ DATABASE_PATH: `${directory}/regulars.db` });
  const context = assembleWorkspace(config, { log: silentLog() });
  createKey(context, { scopes: ["links:read"] });
  await context.close();
  return { config, directory };
}

/** The doctor's word on one thing. */
function lookAt(subject: string, config: Config, now = NOW): string {
  const found = examine(config, now).find((each) => each.subject === subject);
  return `${found?.level}: ${found?.text}`;
}

describe("the doctor", () => {
  test("finds nothing to fail in a new installation, and changes nothing", async () => {
    const { config } = await install();
    const before = readFileSync(config.databasePath);
    expect(examine(config, NOW).filter(({ level }) => level === "fail")).toEqual([]);
    expect(lookAt("pragmas", config)).toBe("ok: journal_mode wal, synchronous 2, secure_delete 1, foreign_keys 1");
    expect(readFileSync(config.databasePath).equals(before)).toBe(true);
  });

  test("notices a misspelt setting, and tells no value", () => {
    const told = lookAtSettings({ PATH: "/bin", HOME: "/root", PORT: "3000", STRIPE_WEBHOK_SECRET: "whsec_1", log_level: "debug" });
    expect(`${told.level}: ${told.text}`).toBe(
      "warn: STRIPE_WEBHOK_SECRET is no setting, did you mean STRIPE_WEBHOOK_SECRET? log_level is no setting, did you mean LOG_LEVEL?: rename it, or ignore this if it is another program's.",
    );
    expect(lookAtSettings({ PATH: "/bin", STRIPE_WEBHOOK_SECRET: "a", STRIPE_WEBHOOK_SECRETS: "b" }).level).toBe("ok");
  });

  test("warns of publishable keys while the server cannot know the addresses of visitors", async () => {
    const { config } = await install();
    const open = { ...config, host: "0.0.0.0" };
    expect(lookAt("publishable", open)).toBe("ok: no page may send entries");
    const context = assembleWorkspace(config, { log: silentLog() });
    createKey(context, { origins: ["https://shop.example"] });
    await context.close();
    expect(lookAt("publishable", open)).toMatch(/^warn: .*1 publishable key, .*TRUST_PROXY is 0/);
    expect(lookAt("publishable", config)).toBe("ok: 1 publishable key");
    expect(lookAt("publishable", { ...open, trustProxy: 1 })).toBe("ok: 1 publishable key");
  });

  test("says how near the database is to MAX_DATABASE_BYTES", async () => {
    const { config } = await install();
    const size = statSync(config.databasePath).size;
    const at = (share: number) => lookAt("size", { ...config, maxDatabaseBytes: Math.floor(size / share) });
    expect(lookAt("size", config)).toContain("without MAX_DATABASE_BYTES it may fill the disk");
    expect(at(0.5)).toMatch(/^ok: .*50 % of MAX_DATABASE_BYTES$/);
    expect(at(0.9)).toMatch(/^warn: .*90 % of MAX_DATABASE_BYTES: raise it/);
    expect(at(1.01)).toMatch(/^fail: .*entries of publishable keys are refused/);
  });

  test("says of a folder and a file that others may read how to close them", async () => {
    const { config, directory } = await install();
    chmodSync(directory, 0o755);
    chmodSync(config.databasePath, 0o644);
    expect(lookAt("folder", config)).toBe(`warn: other users can open ${directory} (mode 755): run \`chmod 700 ${directory}\`.`);
    expect(lookAt("files", config)).toContain(`chmod 600 ${config.databasePath}`);
    chmodSync(config.databasePath, 0o600);
    writeFileSync(secretOf(config.databasePath), "", { mode: 0o644 });
    expect(lookAt("files", config)).toContain(`chmod 600 ${secretOf(config.databasePath)}`);
  });

  test("fails a damaged, a foreign and a lost database, with the remedy", async () => {
    const damaged = await install();
    truncateSync(damaged.config.databasePath, 8192);
    expect(lookAt("database", damaged.config)).toMatch(/^fail: .*regulars restore FILE/);
    const foreign = await install();
    writeFileSync(foreign.config.databasePath, "not a database at all".repeat(100));
    expect(lookAt("database", foreign.config)).toMatch(/^fail: .*is not a SQLite database/);
    const lost = await install();
    rmSync(lost.config.databasePath);
    expect(lookAt("database", lost.config)).toMatch(/^fail: .*is missing, but it had data/);
  });

  test("fails a clock that went back, and warns of one that stands still", async () => {
    const { config } = await install();
    expect(lookAt("clock", config)).toStartWith("ok");
    const later = (NOW + 3_600_000) / 1000;
    utimesSync(config.databasePath, later, later);
    expect(lookAt("clock", config)).toMatch(/^fail: .*which is in the past: set the clock of the machine/);
    expect(lookAt("clock", { ...config, clock: NOW })).toMatch(/^warn: CLOCK fixes the time at/);
  });

  test("warns of settings that would compute everything anew, and of a backlog", async () => {
    const { config } = await install();
    expect(lookAt("derived", { ...config, timezone: "Europe/Berlin" })).toStartWith("ok"); // nothing was derived yet
    const context = assembleWorkspace(config, { log: silentLog() });
    context.database.sqlite.exec("INSERT INTO setting VALUES ('timezone', 'UTC'), ('currency', 'USD')");
    context.database.sqlite.exec(
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO customer (created_at, updated_at) SELECT 0, 0 FROM n",
    );
    context.database.sqlite.exec(`INSERT INTO stale (customer_id, due_at, marked_at, changes) SELECT id, 0, ${NOW}, 2 FROM customer`);
    await context.close();
    expect(lookAt("derived", { ...config, timezone: "Europe/Berlin" })).toMatch(
      /^warn: TIMEZONE is Europe\/Berlin, but the database was computed with UTC/,
    );
    expect(lookAt("derived", config)).toMatch(
      /^warn: 2000 of 2000 customers are waiting to be recomputed: the reports lack 4000 changes, the oldest since 2026-/,
    );
  });

  test("fails when no key opens anything any more", async () => {
    const { config } = await install();
    const context = assembleWorkspace(config, { log: silentLog() });
    for (const { id } of listKeys(context)) revokeKey(context, id);
    await context.close();
    expect(lookAt("keys", config)).toMatch(/^fail: no key is valid: create one with/);
    expect(lookAt("keys", { ...config, adminKey: "a-key-of-the-admin" })).toStartWith("ok");
  });

  test("warns of backups that nobody makes, and fails those that are old", async () => {
    const { config, directory } = await install();
    expect(lookAt("backups", config)).toMatch(/^warn: no backups are scheduled/);
    const scheduled = { ...config, backupEvery: 3_600_000, backupDir: directory };
    utimesSync(config.databasePath, NOW / 1000 - 100 * 3600, NOW / 1000 - 100 * 3600);
    expect(lookAt("backups", scheduled)).toMatch(/^fail: .*read its log/);
    utimesSync(config.databasePath, NOW / 1000, NOW / 1000);
    expect(lookAt("backups", scheduled)).toStartWith("ok");
  });

  test("is a command that ends with 1 when something fails", async () => {
    const { config, directory } = await install();
    const settings = { DATABASE_PATH: config.databasePath, PORT: "0" };
    const good = await run([...FROM_SOURCE, "doctor"], directory, settings);
    expect([good.code, good.err]).toEqual([0, ""]);
    expect(good.out).toMatch(/^ok {4}version/m);
    truncateSync(config.databasePath, 50);
    const bad = await run([...FROM_SOURCE, "doctor"], directory, settings);
    expect(bad.code).toBe(1);
    expect(bad.out).toMatch(/^fail {2}database/m);
  });
});

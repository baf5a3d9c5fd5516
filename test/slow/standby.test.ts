// Do two machines, which are two processes here, behave as the README says: following, killing the primary, promoting, and following back?
import { expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FROM_SOURCE, type Running, run, start } from "../program.ts";
import { temporaryFolder } from "../temporary-folder.ts";

setDefaultTimeout(300_000);

const sale = (orderId: string) => ({ type: "sale", orderId, externalId: "ann", value: 10, timestamp: "2026-02-01T10:00:00Z" });
const salesOn = async (server: Running) => {
  const { body } = await server.call("GET", "/customers/ext_ann");
  return (body as { data?: { sales: number } }).data?.sales;
};

/** Asks again until it is so, for half a minute. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + 30_000; !(await isSo()); await Bun.sleep(20))
    if (performance.now() > deadline) throw new Error(`Waited in vain: ${isSo}`);
}

async function kill(server: Running): Promise<void> {
  process.kill(server.pid, "SIGKILL");
  await until(async () => (await server.call("GET", "/healthz").catch(() => undefined)) === undefined);
}

test("a standby follows, is promoted while it runs and while it is stopped, and the former primary follows only if it is told to discard", async () => {
  const [first, second] = [temporaryFolder(), temporaryFolder()];
  const path = (folder: string) => join(folder, "data", "regulars.db");
  const primary = await start([...FROM_SOURCE], first);
  expect((await primary.call("POST", "/events", sale("o-1"))).status).toBe(201);
  const created = await run([...FROM_SOURCE, "keys", "create", "--scope", "backup:read", "--name", "standby"], first);
  const key = created.out.trim();

  const missing = await run([...FROM_SOURCE, "follow", primary.url], second);
  expect(missing).toMatchObject({ code: 2, err: expect.stringContaining("FOLLOW_KEY") });
  const wrong = await run([...FROM_SOURCE, "follow", primary.url, "--key", "rg_wrong"], second);
  expect(wrong).toMatchObject({ code: 1, err: expect.stringMatching(/^http\S+ gave no copy of its database: [^\n]+\n$/) });

  const standby = await start([...FROM_SOURCE, "follow", primary.url], second, { FOLLOW_KEY: key }, primary.key);
  expect(await salesOn(standby)).toBe(1);
  expect((await primary.call("POST", "/events", sale("o-2"))).status).toBe(201);
  await until(async () => (await salesOn(standby)) === 2);
  expect(await standby.call("POST", "/events", sale("o-3"))).toMatchObject({
    status: 503,
    body: { error: { message: expect.stringContaining(primary.url) } },
  });
  expect(readFileSync(`${path(second)}.secret`, "utf8")).toBe(readFileSync(`${path(first)}.secret`, "utf8"));
  expect((await run([...FROM_SOURCE, "keys", "create", "--scope", "links:read"], second)).err).toContain("is a standby of");

  // What the primary alone has is not given up silently.
  process.kill(standby.pid, "SIGSTOP");
  expect((await primary.call("POST", "/events", sale("o-lost"))).status).toBe(201);
  await kill(primary);
  process.kill(standby.pid, "SIGCONT");
  const promoted = await run([...FROM_SOURCE, "promote"], second);
  expect(promoted).toMatchObject({ code: 0, err: expect.stringContaining("goes on and takes writes") });
  expect((await standby.call("POST", "/events", sale("o-3"))).status).toBe(201);
  expect((await run([...FROM_SOURCE, "promote"], second)).err).toContain("is no standby");

  const before = readFileSync(path(first));
  const refused = await run([...FROM_SOURCE, "follow", standby.url], first, { FOLLOW_KEY: key });
  expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(/^The database \S+ is no standby [^\n]+--discard[^\n]+\n$/) });
  expect(readFileSync(path(first)).equals(before)).toBe(true);
  const back = await start([...FROM_SOURCE, "follow", standby.url, "--discard"], first, { FOLLOW_KEY: key }, primary.key);
  const count = Number(await salesOn(standby));
  await until(async () => (await salesOn(back)) === count);

  // A standby that starts while its primary is away serves what it has, and a stopped one is promoted in its file.
  expect(await back.stop()).toBe(0);
  await kill(standby);
  const alone = await start([...FROM_SOURCE, "follow", standby.url], first, { FOLLOW_KEY: key }, primary.key);
  expect(await salesOn(alone)).toBe(count);
  expect(await alone.stop()).toBe(0);
  const serving = await run([...FROM_SOURCE], first);
  expect(serving).toMatchObject({ code: 1, err: expect.stringContaining("regulars promote") });
  expect(await run([...FROM_SOURCE, "promote"], first)).toMatchObject({ code: 0, err: expect.stringContaining("Start it with") });
  const again = await start([...FROM_SOURCE], first, {}, primary.key);
  expect((await again.call("POST", "/events", sale("o-4"))).status).toBe(201);
  expect(await salesOn(again)).toBe(count + 1);
  expect(await again.stop()).toBe(0);
});

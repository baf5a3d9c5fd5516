// Are the totals of attribution added up anew in short steps, with right answers and new entries meanwhile?
import { expect, test } from "bun:test";
import { assembleWorkspace, openWorkspace } from "../../src/app/workspace.ts";
import { readConfig } from "../../src/host/config.ts";
import { silentLog } from "../../src/host/log.ts";
import { openEvents } from "../../src/intake/events.ts";
import { isCreditRight } from "../../src/ledger/check-credit.ts";
import { openWorld, type World } from "../harness.ts";
import { record } from "../record-entries.ts";
import { ask, click, sale } from "../report/attribution/ask-totals.ts";
import { newDatabasePath } from "../temporary-folder.ts";
import { waitUntil } from "../wait-until.ts";

const isRight = ({ workspace: { database, calendar, ledger } }: World) => isCreditRight(database, calendar, ledger.credit);

test("who is in the totals already and who is not are both followed, and reports are right meanwhile", async () => {
  const world = openWorld();
  const { ledger } = world.workspace;
  const names = Array.from({ length: 300 }, (_, n) => `c${n}`);
  await record(
    world,
    names.flatMap((who) => [click(who, `k-${who}`, "01-10", "x"), sale(who, `o-${who}`, "01-12", 1)]),
  );
  expect((await ask(world, "")).totals).toEqual({ touches: 300, clicks: 300, customers: 300, sales: 300, revenue: 300 });
  ledger.write(ledger.credit.addUp);
  expect(ledger.credit.some()).toBe(true);
  await record(
    world,
    ["c0", "c299", "new"].flatMap((who) => [click(who, `k2-${who}`, "01-05", "y"), sale(who, `o2-${who}`, "01-20", 1)]),
  );
  const wanted = { touches: 303, clicks: 303, customers: 301, sales: 303, revenue: 303 };
  expect((await ask(world, "")).totals).toEqual(wanted);
  expect(ledger.credit.isAddingUp()).toBe(true); // the report has not waited for it
  while (ledger.credit.some());
  expect(ledger.credit.isAddingUp()).toBe(false);
  expect((await ask(world, "")).totals).toEqual(wanted);
  expect(isRight(world)).toBe(true);
  world.close();
});

test("what changes of somebody while their share is being added up is in it", async () => {
  const world = openWorld();
  const { ledger } = world.workspace;
  for (const part of [0, 1])
    await record(
      world,
      Array.from({ length: 550 }, (_, n) => click("busy", `k-${part}-${n}`, "01-10", "x")),
    );
  await ask(world, "");
  while (ledger.credit.some());
  ledger.write(ledger.credit.addUp);
  expect(ledger.credit.some()).toBe(true); // the first of the steps that so many touches take
  await record(world, [click("busy", "later", "01-11", "y")]);
  ledger.ensureCustomerFresh(1);
  while (ledger.credit.some());
  expect((await ask(world, "")).totals).toMatchObject({ touches: 1101, clicks: 1101 });
  expect(isRight(world)).toBe(true);
  world.close();
});

test("a start goes on with what an earlier one has left", async () => {
  const config = readConfig({ DATABASE_PATH: newDatabasePath(), ADMIN_KEY: "a-key-of-sixteen-characters" });
  const first = await openWorkspace(config, { log: silentLog() });
  openEvents(first).many([{ type: "click", clickId: "1", externalId: "a", source: "x", timestamp: "2026-01-05T23:30:00Z" }]);
  await first.ledger.catchUp();
  first.ledger.write(first.ledger.credit.addUp);
  await first.close();
  const next = assembleWorkspace(config, { log: silentLog(), derives: "soon" }); // nothing of a start writes
  expect(next.ledger.credit.isAddingUp()).toBe(true);
  await waitUntil("all is added up", () => !next.ledger.credit.isAddingUp());
  expect(isCreditRight(next.database, next.calendar, next.ledger.credit)).toBe(true);
  await next.close();
});

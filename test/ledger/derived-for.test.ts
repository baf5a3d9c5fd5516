// Does a start after an upgrade or a change of the time zone derive everything anew, and say so?
import { expect, test } from "bun:test";
import { openWorkspace } from "../../src/app/workspace.ts";
import { readConfig } from "../../src/host/config.ts";
import { silentLog } from "../../src/host/log.ts";
import { openEvents } from "../../src/intake/events.ts";
import { openTotals } from "../../src/report/attribution/totals.ts";
import { openRevenue } from "../../src/report/revenue/revenue.ts";
import { newDatabasePath } from "../temporary-folder.ts";

const NOW = Date.parse("2026-03-01T00:00:00Z");

/** Opens the workspace at a path as `serve` does, and gives what it logged. */
async function openAt(path: string, settings: Record<string, string> = {}) {
  const logged: string[] = [];
  const log = { ...silentLog(), info: ({ message }: { message?: unknown }) => void logged.push(String(message)) };
  const config = readConfig({ DATABASE_PATH: path, ADMIN_KEY: "a-key-of-sixteen-characters", ...settings });
  const workspace = await openWorkspace(config, { now: () => NOW, log });
  const ask = () => openRevenue(workspace)({ groupBy: "day", startAt: undefined, endAt: undefined, explain: false });
  return { workspace, logged, ask };
}

test("a start derives everything anew, and logs that, only if the version or the time zone is another", async () => {
  const path = newDatabasePath();
  const first = await openAt(path);
  openEvents(first.workspace).many([
    { type: "sale", orderId: "1", externalId: "a", value: 10, timestamp: "2026-01-05T23:30:00Z" },
    { type: "sale", orderId: "2", externalId: "a", value: 5, timestamp: "2026-01-07T12:00:00Z" },
  ]);
  await first.workspace.ledger.catchUp();
  const wanted = await first.ask();
  expect(wanted.periods.map(({ period }) => period)).toEqual(["2026-01-05", "2026-01-06", "2026-01-07"]);
  expect(first.logged).toEqual([]);
  // As a migration from an older version leaves it.
  first.workspace.database.sqlite.exec(
    "UPDATE setting SET value = '0' WHERE name = 'derived_version'; DELETE FROM customer_cell; DELETE FROM revenue_day",
  );
  await first.workspace.close();

  const upgraded = await openAt(path);
  expect(await upgraded.ask()).toEqual(wanted);
  expect(upgraded.logged).toHaveLength(2);
  for (const message of upgraded.logged) expect(message).toContain("all derived data");
  await upgraded.workspace.close();

  const again = await openAt(path);
  expect([await again.ask(), again.logged]).toEqual([wanted, []]);
  await again.workspace.close();

  const elsewhere = await openAt(path, { TIMEZONE: "Europe/Berlin" });
  expect((await elsewhere.ask()).periods.map(({ period }) => period)).toEqual(["2026-01-06", "2026-01-07"]);
  expect(elsewhere.logged).toHaveLength(2);
  await elsewhere.workspace.close();
});

test("a start with another attribution window or time zone computes the totals of attribution anew", async () => {
  const path = newDatabasePath();
  const ask = (workspace: Awaited<ReturnType<typeof openAt>>["workspace"], startAt: string, windowDays: number) =>
    openTotals(workspace)({
      groupBy: "source",
      model: "last",
      compare: [],
      windowDays,
      limit: 10,
      explain: false,
      startAt: Date.parse(startAt),
      endAt: undefined,
    }).then(({ rows }) => rows.map(({ key, touches, customers, revenue }) => [key, touches, customers, revenue]));
  const first = await openAt(path);
  openEvents(first.workspace).many([
    { type: "click", clickId: "1", externalId: "a", source: "x", timestamp: "2026-01-05T23:30:00Z" },
    { type: "sale", orderId: "1", externalId: "a", value: 10, timestamp: "2026-01-15T23:30:00Z" },
  ]);
  await first.workspace.ledger.catchUp();
  expect(await ask(first.workspace, "2026-01-05T00:00:00Z", 30)).toEqual([["x", 1, 1, 10]]);
  await first.workspace.close();

  const shorter = await openAt(path, { ATTRIBUTION_WINDOW_DAYS: "5" });
  expect(await ask(shorter.workspace, "2026-01-05T00:00:00Z", 5)).toEqual([
    ["(direct)", 0, 1, 10],
    ["x", 1, 0, 0],
  ]);
  expect(shorter.logged).toEqual([expect.stringContaining("another window")]);
  await shorter.workspace.close();

  const elsewhere = await openAt(path, { ATTRIBUTION_WINDOW_DAYS: "5", TIMEZONE: "Europe/Berlin" });
  expect(await ask(elsewhere.workspace, "2026-01-15T23:00:00Z", 5)).toEqual([["(direct)", 0, 1, 10]]);
  expect(await ask(elsewhere.workspace, "2026-01-16T23:00:00Z", 5)).toEqual([]);
  await elsewhere.workspace.close();
});

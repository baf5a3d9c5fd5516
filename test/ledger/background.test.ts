// Is everything derived by itself, also where nobody writes or asks? Webhooks tell what was derived.
import { expect, test } from "bun:test";
import { assembleWorkspace, openWorkspace, type Workspace } from "../../src/app/workspace.ts";
import { readConfig } from "../../src/host/config.ts";
import { silentLog } from "../../src/host/log.ts";
import { openEvents } from "../../src/intake/events.ts";
import { newDatabasePath } from "../temporary-folder.ts";
import { waitUntil } from "../wait-until.ts";

const openConfig = () => readConfig({ DATABASE_PATH: newDatabasePath(), ADMIN_KEY: "a-key-of-sixteen-characters" });
const saleAt = (timestamp: string) => ({ type: "sale", orderId: `o-${timestamp}`, externalId: "a", value: 5, timestamp });
/** The derived figure as it is stored. Reading it derives nothing. */
const storedSales = ({ database }: Pick<Workspace, "database">) =>
  database.sqlite.prepare<[], number | null>("SELECT max(sales) FROM customer").pluck().get() ?? 0;

test("a start derives what an earlier run had no time for", async () => {
  const config = openConfig();
  const first = await openWorkspace(config, { log: silentLog() });
  openEvents(first).many([saleAt("2026-01-05T10:00:00Z")]);
  expect(storedSales(first)).toBe(0);
  await first.close();
  const next = assembleWorkspace(config, { log: silentLog(), derives: "soon" }); // nothing of a start writes
  await waitUntil("the sale is derived", () => storedSales(next) === 1);
  await next.close();
});

// How is an empty database filled with a realistic shop, so that every report has data?

import { defineCommand } from "citty";
import { createApp } from "../../app/app.ts";
import type { Workspace } from "../../app/workspace.ts";
import { openEvents } from "../../intake/events.ts";
import { Failure } from "../failure.ts";
import { openProgress } from "../progress.ts";
import { strict } from "../strict.ts";
import { withWorkspace } from "../workspace.ts";
import { toRates, toShop } from "./shop.ts";

const BATCH = 1000;

export const demoCommand = defineCommand({
  meta: { name: "demo", description: "Fill an empty database with a made-up tea shop: 2,000 customers and 14 months of sales" },
  plugins: [strict],
  run: () => withWorkspace(fill),
});

async function fill(workspace: Workspace): Promise<void> {
  const { databasePath, currency } = workspace.config;
  const used = workspace.database.sqlite
    .prepare("SELECT EXISTS (SELECT 1 FROM entry) OR EXISTS (SELECT 1 FROM customer) OR EXISTS (SELECT 1 FROM rate)")
    .pluck()
    .get();
  if (used) throw new Failure(`The database ${databasePath} is not empty: set DATABASE_PATH to a new file for the demo.`);
  await putRates(workspace, toRates(workspace.now(), currency));
  const entries = toShop(workspace.now(), currency);
  const events = openEvents(workspace);
  const progress = openProgress();
  for (let start = 0; start < entries.length; start += BATCH) {
    for (const result of events.many(entries.slice(start, start + BATCH)))
      if ("error" in result) throw new Failure(`The demo's entries were rejected: ${result.error.message} Report this as a bug.`);
    progress.show(start, entries.length, "");
    await Bun.sleep(0);
  }
  await workspace.ledger.catchUp();
  progress.clear();
  console.error(
    `Filled ${databasePath} with ${entries.length} entries of a made-up tea shop. To look at it, start the server with DATABASE_PATH=${databasePath}.`,
  );
}

/** Stores the rates through the API. */
async function putRates(workspace: Workspace, rates: ReturnType<typeof toRates>): Promise<void> {
  if (rates.length === 0) return;
  const adminKey = crypto.randomUUID();
  const app = createApp({ ...workspace, config: { ...workspace.config, adminKey } });
  const response = await app.handle(
    new Request("http://localhost/rates", {
      method: "PUT",
      headers: { "content-type": "application/json", "x-api-key": adminKey },
      body: JSON.stringify(rates),
    }),
  );
  if (!response.ok) throw new Failure(`The demo's rates were rejected: ${await response.text()} Report this as a bug.`);
}

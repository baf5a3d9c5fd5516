// Does every number that is stored and served follow from the log? And does this build give the documented answers?
import { defineCommand } from "citty";
import type { setting } from "../../db/schema.ts";
import { createApp } from "../app/app.ts";
import { assembleWorkspace, openWorkspace, type Workspace } from "../app/workspace.ts";
import type { Config } from "../host/config.ts";
import { silentLog } from "../host/log.ts";
import { withCopy } from "../verify/copy.ts";
import type { Findings } from "../verify/finding.ts";
import { readWorldSettings, type Send, selfTest } from "../verify/self-test.ts";
import { verify } from "../verify/verify.ts";
import { toAmount } from "./amount.ts";
import { Failure } from "./failure.ts";
import { openProgress } from "./progress.ts";
import { strict } from "./strict.ts";
import { readSettings } from "./workspace.ts";

/** Nobody waits for these answers, and some take long with a large log. */
const DEADLINE_MS = 3_600_000;
/** How many differences of the self-test are printed. */
const MOST_SHOWN = 100;

export const verifyCommand = defineCommand({
  meta: {
    name: "verify",
    description:
      "Recompute every number from the log and compare it with what is stored and served. The exit code is 1 if any number differs",
  },
  args: {
    "self-test": {
      type: "boolean",
      description:
        "Check the program instead of the database: load the test data inside it into memory and compare every answer with the correct one",
    },
  },
  plugins: [strict],
  run: ({ args }) => (args["self-test"] ? runSelfTest() : verifyWorkspace()),
});

async function verifyWorkspace(): Promise<void> {
  const settings = readSettings();
  if (settings.databasePath === ":memory:")
    throw new Failure("DATABASE_PATH is :memory:, which has nothing to verify: set it to a database file.", 2);
  const startedAt = performance.now();
  const now = settings.clock ?? Date.now();
  const progress = openProgress();
  const found = await withCopy(settings.databasePath, async (copyPath) => {
    // Stale customers are refreshed in the copy, by the program itself, as a read of the original would do it.
    const config = askable({ ...settings, databasePath: copyPath });
    await checkWorkspace(config);
    const workspace = await openWorkspace(config, { log: silentLog(), now: () => now });
    try {
      await workspace.ledger.catchUp();
      const { database, calendar } = workspace;
      const send = toSend(workspace);
      const ask = async (path: string) => {
        const { status, body } = await send("GET", path);
        if (status !== 200)
          throw new Failure(
            `GET ${path} answered ${status} ${body.error?.code ?? ""}, so nothing could be compared: read the server's log, or report this as a bug.`,
          );
        return body.data;
      };
      return await verify({ database, calendar, currency: config.currency, now, ask, progress: progress.show });
    } finally {
      progress.clear();
      await workspace.close();
    }
  });
  print(found);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const of = `${toAmount(found.compared, "value")} of ${toAmount(found.customers, "customer")} and ${toAmount(found.entries, "entry")}`;
  console.error(
    found.count === 0
      ? `Verified ${of} in ${seconds} s: no differences.`
      : `${toAmount(found.count, "difference")} in ${of}, found in ${seconds} s. Run \`regulars rebuild\` to recompute the stored numbers, and report this as a bug.`,
  );
  process.exitCode = found.count === 0 ? 0 : 1;
}

/** Throws a Failure if the stored numbers were computed for another zone or currency than in the settings. */
async function checkWorkspace(config: Config): Promise<void> {
  const workspace = assembleWorkspace(config, { log: silentLog() });
  try {
    const find = workspace.database.sqlite
      .prepare<[name: string], (typeof setting.$inferSelect)["value"]>("SELECT value FROM setting WHERE name = ?")
      .pluck();
    for (const [name, value] of [
      ["TIMEZONE", config.timezone],
      ["CURRENCY", config.currency],
    ] as const) {
      const kept = find.get(name.toLowerCase());
      if (kept !== undefined && kept !== value)
        throw new Failure(`${name} is ${value}, but this database was computed with ${kept}: set ${name}=${kept}.`, 2);
    }
  } finally {
    await workspace.close();
  }
}

function print({ kept, count }: Findings): void {
  for (const { what, stored, computed } of kept) console.log(`${what}: stored ${stored}, computed ${computed}`);
  if (count > kept.length) console.log(`… and ${count - kept.length} more`);
}

async function runSelfTest(): Promise<void> {
  const { timezone, currency, attributionWindowDays, now } = readWorldSettings();
  const settings = { ...readSettings(), databasePath: ":memory:", timezone, currency, attributionWindowDays, clock: Date.parse(now) };
  const workspace = assembleWorkspace(askable(settings), { log: silentLog() });
  try {
    const { operations, answers, differences } = await selfTest(toSend(workspace));
    for (const difference of differences.slice(0, MOST_SHOWN)) console.log(difference);
    if (differences.length > MOST_SHOWN) console.log(`… and ${differences.length - MOST_SHOWN} more`);
    if (differences.length > 0)
      throw new Failure(`${differences.length} of ${answers} answers are wrong: do not use this build, and report this as a bug.`);
    console.log(`Self-test passed: ${operations} operations, ${answers} of ${answers} answers correct.`);
  } finally {
    await workspace.close();
  }
}

/** Settings with which every report is enabled and freshly computed. */
function askable(config: Config): Config {
  return { ...config, adminKey: crypto.randomUUID(), revenueTracking: true, snapshotTtl: 0, rateLimit: 0 };
}

/** Makes the function that sends a request through the app, as in production. */
function toSend(workspace: Workspace): Send {
  const app = createApp(workspace, { deadlineMs: DEADLINE_MS });
  return async (method, path, body) => {
    const headers = { "x-api-key": workspace.config.adminKey ?? "", "content-type": "application/json" };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    const response = await app.handle(new Request(`http://localhost${path}`, init));
    return { status: response.status, body: (await response.json()) as Awaited<ReturnType<Send>>["body"] };
  };
}

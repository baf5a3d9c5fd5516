// How fast is a whole history imported into an empty database, until everything is derived, indexed and on disk?
import { rmSync } from "node:fs";
import { openWorkspace } from "../../src/app/workspace.ts";
import { readConfig } from "../../src/host/config.ts";
import { silentLog } from "../../src/host/log.ts";
import { openBareIntake } from "./bare-intake.ts";
import { settings } from "./load.ts";
import { judge, type Line, timed } from "./measure.ts";
import { removeDatabase, runOurs } from "./program.ts";
import type { Progress } from "./progress.ts";
import { benchPath, type Size } from "./size.ts";
import { type Fact, openWorld, toWire } from "./world.ts";

const CHUNK = 1000;
/** The peer takes ten minutes for ten million. It only becomes slower as its indexes grow, so it is measured on the first ones. */
const MOST_OF_PEER = 1_000_000;

function* chunks(facts: Iterable<Fact>, most = Number.POSITIVE_INFINITY): Generator<Fact[]> {
  let chunk: Fact[] = [];
  let count = 0;
  for (const fact of facts) {
    if (count++ === most) break;
    chunk.push(fact);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** An empty database, as the first start makes it. */
async function emptyDatabase(name: string): Promise<string> {
  const path = benchPath(name);
  removeDatabase(path);
  await (await openWorkspace(readConfig(settings(path)), { log: silentLog() })).close();
  return path;
}

/** `import` of a whole world, and the same rows by bare inserts, one by one, a thousand in a transaction, with nothing derived. */
export async function bulkLine(size: Size, progress: Progress): Promise<Line> {
  const world = openWorld(size);
  const file = benchPath("history.ndjson");
  rmSync(file, { force: true }); // a writer leaves the end of a longer one
  const writer = Bun.file(file).writer();
  for (const chunk of chunks(world.facts())) {
    writer.write(`${chunk.map((fact) => JSON.stringify(toWire(fact, size.customers))).join("\n")}\n`);
    await writer.flush();
  }
  await writer.end();

  progress("import into an empty database");
  const path = await emptyDatabase("ours.db");
  const ms = await timed(async () => {
    if ((await runOurs(path, ["import", file])) !== 0) throw new Error("the import failed");
  });
  rmSync(file);

  progress("import into an empty database, the peer");
  const peer = openBareIntake(await emptyDatabase("peer.db"), size.customers, { isEmpty: true, rows: 1 });
  let [entries, peerMs] = [0, 0];
  for (const chunk of chunks(world.facts(), MOST_OF_PEER)) {
    const rows = peer.toRows(chunk);
    peerMs += await timed(() => peer.store(rows));
    entries += rows.length;
  }
  peer.close();
  const what = `import of ${world.entries.toLocaleString("en")} entries into an empty database, until derived`;
  const figures = { ours: (world.entries / ms) * 1000, peer: (entries / peerMs) * 1000 };
  return judge({ part: "intake", what, unit: "/s", against: "bare inserts one by one, same tables" }, figures, { of: "share", least: 1 });
}

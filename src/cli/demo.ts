// demo: fills an empty database with a realistic shop, so that every report has data.
import { defineCommand } from "citty";
import type { Workspace } from "../app/workspace.ts";
import { openDemo } from "../intake/demo/fill.ts";
import { Failure } from "./failure.ts";
import { openProgress } from "./progress.ts";
import { strict } from "./strict.ts";
import { withWorkspace } from "./workspace.ts";

const BATCH = 1000;

export const demoCommand = defineCommand({
  meta: { name: "demo", description: "Fill an empty database with a made-up tea shop: 2,000 customers and 14 months of sales" },
  plugins: [strict],
  run: () => withWorkspace(fill, { writes: true }),
});

async function fill(workspace: Workspace): Promise<void> {
  const { databasePath } = workspace.config;
  const demo = openDemo(workspace);
  if (!demo.isEmpty()) throw new Failure(`The database ${databasePath} is not empty: set DATABASE_PATH to a new file for the demo.`);
  const progress = openProgress();
  const { entries, importId } = await demo.fill(BATCH, (done, total) => progress.show(done, total, ""));
  progress.clear();
  console.error(
    `Filled ${databasePath} with ${entries} entries of a made-up tea shop. To look at it, start the server with DATABASE_PATH=${databasePath}. \`regulars imports undo ${importId}\` takes it back.`,
  );
}

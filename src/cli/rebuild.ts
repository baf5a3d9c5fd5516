// How are all derived figures recomputed from the log?
import { defineCommand } from "citty";
import { toAmount } from "./amount.ts";
import { openProgress } from "./progress.ts";
import { strict } from "./strict.ts";
import { withWorkspace } from "./workspace.ts";

export const rebuildCommand = defineCommand({
  meta: { name: "rebuild", description: "Recompute all derived figures (customers, cohorts, curves) from the log" },
  plugins: [strict],
  run: () =>
    withWorkspace(
      async (context) => {
        const startedAt = performance.now();
        const progress = openProgress();
        const total = Number(context.database.sqlite.prepare("SELECT count(*) FROM customer").pluck().get());
        await context.ledger.rebuild((done, of) => progress.show(done, of, `${done} of ${of} rows`));
        progress.clear();
        console.error(`Rebuilt ${toAmount(total, "customer")} from the log in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
      },
      { writes: true },
    ),
});

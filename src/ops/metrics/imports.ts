// How many imports are there in each state? Read from the database for each scrape.
import { IMPORT_STATES, type ImportState } from "../../../db/import-schema.ts";
import type { Context } from "../../context.ts";
import type { Sample } from "./sample.ts";

/** Gives the function that reads the samples of imports. */
export function openImportSamples({ database }: Pick<Context, "database">): () => Sample[] {
  const byState = database.sqlite.prepare<[], { state: ImportState; count: number }>(
    "SELECT state, count(*) AS count FROM import GROUP BY state",
  );
  return () => {
    const counts = new Map(byState.all().map(({ state, count }) => [state, count]));
    return [
      {
        name: "regulars_imports",
        type: "gauge",
        help: "Imports by state.",
        values: IMPORT_STATES.map((state) => ({ labels: { state }, value: counts.get(state) ?? 0 })),
      },
    ];
  };
}

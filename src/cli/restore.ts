// How does the command line restore a backup?
import { defineCommand } from "citty";
import { restore } from "../app/restore.ts";
import { toAmount } from "./amount.ts";
import { strict } from "./strict.ts";
import { readSettings } from "./workspace.ts";

export const restoreCommand = defineCommand({
  meta: {
    name: "restore",
    description:
      "Replace the database with a backup. Stop the server first. The former database is kept beside it, and people who were erased since stay erased",
  },
  args: { file: { type: "positional", description: "A backup, made by `regulars backup` or by the server", required: true } },
  plugins: [strict],
  async run({ args }) {
    const { databasePath, ...config } = readSettings();
    const { keptAt, erased, rows } = await restore({ databasePath, ...config }, args.file);
    console.error(
      [
        `Restored ${toAmount(rows.customer ?? 0, "customer")} and ${toAmount(rows.entry ?? 0, "entry")} from ${args.file} to ${databasePath}.`,
        ...(erased > 0 ? [`Erased again: ${toAmount(erased, "customer")} erased after the backup was made.`] : []),
        ...(keptAt ? [`The former database is kept at ${keptAt}: delete it when you no longer need it.`] : []),
      ].join("\n"),
    );
  },
});

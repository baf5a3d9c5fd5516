// How does a backup become the database again from the command line?
import { defineCommand } from "citty";
import { restore } from "../app/restore.ts";
import { strict } from "./strict.ts";
import { readSettings } from "./workspace.ts";

export const restoreCommand = defineCommand({
  meta: {
    name: "restore",
    description:
      "Put a backup in the place of the database, which is kept beside it. Who was erased since stays erased. The server must not run",
  },
  args: { file: { type: "positional", description: "A file that backup or the server's schedule wrote", required: true } },
  plugins: [strict],
  async run({ args }) {
    const { databasePath, ...config } = readSettings();
    const { keptAt, erased, rows } = await restore({ databasePath, ...config }, args.file);
    console.error(
      [
        `Restored ${rows.customer} customers and ${rows.entry} entries from ${args.file} to ${databasePath}.`,
        ...(erased > 0 ? [`People erased since the backup, now erased again: ${erased}.`] : []),
        ...(keptAt ? [`The former database is kept at ${keptAt}: delete it when you no longer need it.`] : []),
      ].join("\n"),
    );
  },
});

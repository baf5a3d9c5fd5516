// How is the database copied from the command line, also beside a running server?
import { defineCommand } from "citty";
import { checkCopy } from "../../db/backup.ts";
import { backUpBeside } from "../ops/backup/make-backup.ts";
import { strict } from "./strict.ts";
import { readSettings } from "./workspace.ts";

export const backupCommand = defineCommand({
  meta: { name: "backup", description: "Copy the database into a new file, also beside a running server, and read the copy through" },
  args: {
    file: { type: "positional", description: "The new file; one that is there is never overwritten", required: true },
    check: { type: "boolean", description: "Copy nothing: read the backup FILE through, and print as JSON what is in it" },
  },
  plugins: [strict],
  async run({ args }) {
    if (args.check) return console.log(JSON.stringify(checkCopy(args.file)));
    const startedAt = performance.now();
    const { rows } = await backUpBeside(readSettings().databasePath, args.file);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.error(
      `Backed up ${rows.customer} customers and ${rows.entry} entries to ${args.file} in ${seconds} s, and read the copy through.`,
    );
  },
});

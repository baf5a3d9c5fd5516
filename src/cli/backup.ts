// How is the database copied from the command line, also beside a running server?
import { defineCommand } from "citty";
import { checkCopy } from "../../db/backup.ts";
import { backUpBeside } from "../ops/backup/make-backup.ts";
import { toAmount } from "./amount.ts";
import { strict } from "./strict.ts";
import { readSettings } from "./workspace.ts";

export const backupCommand = defineCommand({
  meta: { name: "backup", description: "Copy the database into a new file and check the copy. The server may be running" },
  args: {
    file: { type: "positional", description: "The new file; an existing file is never overwritten", required: true },
    check: { type: "boolean", description: "Make no copy: check the existing backup FILE, and print what it contains as JSON" },
    json: { type: "boolean", description: "Also print what the copy contains as JSON" },
  },
  plugins: [strict],
  async run({ args }) {
    if (args.check) return console.log(JSON.stringify(checkCopy(args.file)));
    const startedAt = performance.now();
    const contents = await backUpBeside(readSettings().databasePath, args.file);
    const { rows } = contents;
    if (args.json) console.log(JSON.stringify(contents));
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.error(
      `Backed up ${toAmount(rows.customer ?? 0, "customer")} and ${toAmount(rows.entry ?? 0, "entry")} to ${args.file} in ${seconds} s, and checked the copy.`,
    );
  },
});

// reconcile: compares the payments of a provider's file with the database, and prints what is missing or differs.
import { defineCommand } from "citty";
import { reconcile } from "../intake/import/reconcile.ts";
import { openRows } from "../intake/import/rows.ts";
import { openSource } from "../intake/import/source.ts";
import { toAmount } from "./amount.ts";
import { trialPath } from "./import/import.ts";
import { exportedAtOf, type FileArgs, fileArgs, toImportOptions } from "./import/options.ts";
import { strict } from "./strict.ts";
import { withWorkspace } from "./workspace.ts";

export const reconcileCommand = defineCommand({
  meta: {
    name: "reconcile",
    description:
      "Compare each payment of a file, and how much of it is refunded, with the database: prints those that are missing or differ, and writes nothing. The exit code is 1 if there are any, or rows that cannot be read",
  },
  args: fileArgs,
  plugins: [strict],
  run: ({ args }) => {
    const source = openSource(args.file);
    const told = toImportOptions(args as FileArgs);
    return withWorkspace(async (context) => {
      const rows = await openRows(context, source, { ...told, ...exportedAtOf(args as FileArgs, context) });
      const counts = { matched: 0, missing: 0, differing: 0, refused: 0 };
      for await (const { result, key, theirs, ours } of reconcile(context, trialPath(context), rows, (_, { result: became }) => {
        if (became === "refused" || became === "conflict") counts.refused += 1;
      })) {
        counts[result] += 1;
        if (result === "missing") console.log(`missing\t${key}\ttheirs ${theirs}\tours -`);
        if (result === "differing") console.log(`differing\t${key}\ttheirs ${theirs}\tours ${ours}`);
      }
      const { matched, missing, differing, refused } = counts;
      const unread = refused > 0 ? `; ${toAmount(refused, "row")} could not be read` : "";
      console.error(`${rows.format}: ${matched} matched, ${missing} missing, ${differing} differing${unread}. Nothing was written.`);
      if (missing + differing + refused > 0) process.exitCode = 1;
    });
  },
});

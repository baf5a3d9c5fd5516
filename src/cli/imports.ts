// imports: lists what was imported, and takes an import back.
import { defineCommand } from "citty";
import { retryWhileBusy } from "../host/retry.ts";
import { type Import, openImportStore } from "../intake/import/store.ts";
import { openUndo } from "../intake/import/undo.ts";
import { toIso } from "../value/instant.ts";
import { toAmount } from "./amount.ts";
import { Failure } from "./failure.ts";
import { openProgress } from "./progress.ts";
import { strict } from "./strict.ts";
import { withWorkspace } from "./workspace.ts";

const PATIENCE_MS = 10_000;
const MOST_LISTED = 1000;

function toLine({ id, name, format, state, createdAt, report, problem }: Import): string {
  const { recorded, duplicates, conflicts, refused } = report;
  const counts = `${recorded} recorded, ${toAmount(duplicates, "duplicate")}, ${refused + conflicts} rejected`;
  return [id, toIso(createdAt), state, name, format ?? "", problem ?? counts].join("\t");
}

const list = defineCommand({
  meta: { name: "list", description: "List the imports, the newest first: id, time, state, file, format, counts" },
  plugins: [strict],
  run: () =>
    withWorkspace(({ database, now }) => {
      for (const each of openImportStore(database.sqlite, now).list(Number.MAX_SAFE_INTEGER, MOST_LISTED)) console.log(toLine(each));
    }),
});

const undo = defineCommand({
  meta: {
    name: "undo",
    description: "Take back what an import added, and nothing that came by another way too. All figures come out as if it had never been",
  },
  args: { id: { type: "positional", description: "The id of the import", required: true } },
  plugins: [strict],
  run: ({ args }) =>
    withWorkspace(
      async (context) => {
        const store = openImportStore(context.database.sqlite, context.now);
        const id = Number(args.id);
        const found = Number.isSafeInteger(id) ? store.find(id) : undefined;
        if (found === undefined) throw new Failure(`There is no import ${args.id}: see \`regulars imports list\`.`);
        const work = openUndo(context, store);
        await retryWhileBusy(() => context.ledger.write(() => work.begin(store.require(id))), PATIENCE_MS);
        const progress = openProgress();
        await work.finish(id, { onProgress: (rows) => progress.show(0, undefined, `${rows.toLocaleString("en")} rows taken back`) });
        progress.clear();
        console.error(`Import ${id} (${found.name}) is undone.`);
      },
      { writes: true },
    ),
});

export const importsCommand = defineCommand({
  meta: { name: "imports", description: "List imports, and take one back" },
  subCommands: { list, undo },
});

// Where is a file tried out? In a database of its own beside the real one, so that a dry run takes no lock, writes nothing to the real one, and
// needs no more memory than an import. It knows nothing of what is in the real one; who asks compares the two.
import { closeSync, existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { openBlank, prepareBlank } from "../../../db/blank.ts";
import { openDatabase } from "../../../db/database.ts";
import { MIGRATIONS } from "../../../db/migrate.ts";
import { openReplacedFile } from "../../../db/private-file.ts";
import type { Context } from "../../context.ts";
import { nextTurn, openTurn } from "../../host/turn.ts";
import { openLedger } from "../../ledger/ledger.ts";
import { sqlFunctions } from "../../ledger/sql-functions.ts";
import { openCarryOut } from "./carry-out.ts";
import type { RowResult } from "./report.ts";
import type { Row, Rows } from "./rows.ts";

export interface Trial {
  readonly context: Context;
  close(): void;
}

/** Opens a blank database at `path`, in turns. Its entries get the same keys as in the real one. */
export async function openTrial(context: Context, path: string): Promise<Trial> {
  const { config, calendar, now, log } = context;
  removeTrial(path);
  // A copy of a blank one, because migrations on a disk would hold up a server.
  await prepareBlank(sqlFunctions(calendar), MIGRATIONS, nextTurn);
  const blank = openBlank(sqlFunctions(calendar), MIGRATIONS);
  await nextTurn();
  const file = openReplacedFile(path);
  writeFileSync(file, blank.serialize());
  closeSync(file);
  blank.close();
  await nextTurn();
  const database = openDatabase(path, sqlFunctions(calendar), { standsFor: `${path}.home` });
  // Nothing of it must outlast a power cut.
  database.sqlite.pragma("synchronous = OFF");
  database.sqlite.pragma("secure_delete = OFF");
  const own = { ...database, secret: context.database.secret };
  await nextTurn();
  const ledger = openLedger({
    database: own,
    currency: config.currency,
    attributionWindowDays: config.attributionWindowDays,
    calendar,
    now,
  });
  return {
    context: { config, calendar, now, log, database: own, ledger },
    close() {
      ledger.close();
      database.close();
      removeTrial(path);
    },
  };
}

/** Opens a blank database in memory, in turns, with a clock of its own. */
export async function openScratch({ config, calendar, log }: Context, now: () => number): Promise<Trial> {
  await prepareBlank(sqlFunctions(calendar), MIGRATIONS, nextTurn);
  const database = openDatabase(":memory:", sqlFunctions(calendar));
  await nextTurn();
  const { currency, attributionWindowDays } = config;
  const ledger = openLedger({ database, currency, attributionWindowDays, calendar, now });
  return {
    context: { config, calendar, now, log, database, ledger },
    close() {
      ledger.close();
      database.close();
    },
  };
}

/** Removes the database of a trial, with everything beside it that it made. */
export function removeTrial(path: string): void {
  const folder = dirname(path);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder))
    if (name === basename(path) || name.startsWith(`${basename(path)}-`) || name.startsWith(`${basename(path)}.`))
      rmSync(join(folder, name), { force: true });
}

/** Carries all rows out in the trial, in turns. `onRow` is called within the write, with the ids of the entries before and after the row. */
export async function tryOut(
  trial: Trial,
  rows: Rows,
  onRow: (row: Row, result: RowResult, before: number, after: number) => void,
  isStopped: () => boolean = () => false,
): Promise<void> {
  const { ledger, database } = trial.context;
  await nextTurn();
  const carryOut = openCarryOut(trial.context);
  await nextTurn();
  const lastEntry = database.sqlite.prepare<[], number>("SELECT coalesce(max(id), 0) FROM entry").pluck();
  let batch: Row[] = [];
  async function flush(): Promise<void> {
    while (batch.length > 0) {
      const isOver = openTurn();
      const count = ledger.write(() => {
        let handled = 0;
        for (const row of batch) {
          const before = lastEntry.get() ?? 0;
          onRow(row, carryOut(row), before, lastEntry.get() ?? 0);
          handled += 1;
          if (isOver()) break;
        }
        return handled;
      });
      batch = batch.slice(count);
      await nextTurn();
      await ledger.allReassigned();
    }
  }
  for await (const row of rows.all()) {
    batch.push(row);
    if (batch.length >= 250) await flush();
    if (isStopped()) return;
  }
  await flush();
}

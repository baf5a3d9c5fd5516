// Which import does a run of the command go on with? One of the same file that was cut, or a new one.
import type { Context } from "../../context.ts";
import { retryWhileBusy } from "../../host/retry.ts";
import { emptyReport } from "../../intake/import/report.ts";
import type { Source } from "../../intake/import/source.ts";
import type { ImportOptions, ImportStore } from "../../intake/import/store.ts";

/** For how long a write is retried while a server holds the database. */
export const PATIENCE_MS = 10_000;

/** The id of the import, which is in the state `writing`. `name`: by which it is listed. */
export async function beginImport(
  { database, ledger }: Context,
  store: ImportStore,
  name: string,
  source: Source,
  options: ImportOptions,
): Promise<number> {
  const hash = await source.hash();
  const fileHash = hash === undefined ? undefined : database.secret.hash(hash);
  const cut = fileHash === undefined ? undefined : store.findCut(fileHash, options);
  const added = () => ledger.write(() => store.add({ name, options, state: "writing", fileHash, report: emptyReport() }));
  return cut?.id ?? (await retryWhileBusy(added, PATIENCE_MS));
}

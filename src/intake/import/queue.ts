// Which import is the server working on? One at a time, in the background: it reads the file, tries it out or writes it, and takes imports back.
import type { Context } from "../../context.ts";
import { retryWhileBusy } from "../../host/retry.ts";
import { nextTurn } from "../../host/turn.ts";
import { OWN_SHARE } from "../../http/ceiling.ts";
import { FileError } from "../../provider/file/file-error.ts";
import { ApiError } from "../../value/error.ts";
import { checkFile } from "./check-file.ts";
import { emptyReport } from "./report.ts";
import { openRows } from "./rows.ts";
import { openSource } from "./source.ts";
import { openSpool, type Spool } from "./spool.ts";
import { type Import, type ImportOptions, type ImportStore, openImportStore } from "./store.ts";
import { openUndo } from "./undo.ts";
import { writeFile } from "./write-file.ts";

const PATIENCE_MS = 10_000;
const STOPPED = "The server stopped while it was reading the file: send it again.";

export interface Imports {
  readonly store: ImportStore;
  /** Stores a file beside the database, and begins to import it. Throws CONFLICT while another import is not finished. */
  receive(file: AsyncIterable<Uint8Array>, name: string, options: ImportOptions): Promise<Import>;
  /** Runs `work` as an import of its own, and waits for it. Throws CONFLICT while another import is not finished. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** Begins to take an import back. Throws NOT_FOUND or CONFLICT. */
  undo(id: number | undefined): Promise<Import>;
  /** Which share of its file an import has read, from 0 to 1. Undefined: it is not being read. */
  progressOf(id: number): number | undefined;
  /** Goes on with what a former run of the server had begun, and removes its files. */
  resume(): void;
  /** Resolves when nothing is being worked on. */
  idle(): Promise<void>;
  /** Stops after the current step. What is left goes on with the next start. */
  close(): Promise<void>;
}

export function openImports(context: Context, spool: Spool = openSpool(context.config.databasePath)): Imports {
  const { database, ledger, log, now, config } = context;
  const store = openImportStore(database.sqlite, now);
  const undo = openUndo(context, store);
  const isStopped = () => stopped;
  let stopped = false;
  let last: Promise<unknown> = Promise.resolve();
  let working = 0;
  let progress: { readonly id: number; share(): number | undefined } | undefined;

  const write = <T>(work: () => T): Promise<T> => Promise.resolve(retryWhileBusy(() => ledger.write(work), PATIENCE_MS));

  /** Does work when everything before it is done. */
  function enqueue<T>(work: () => Promise<T>): Promise<T> {
    working += 1;
    const done = last.then(work).finally(() => {
      working -= 1;
    });
    last = done.catch(() => undefined);
    return done;
  }

  function requireIdle(): void {
    if (working > 0)
      throw new ApiError("CONFLICT", "Another import is not finished. Wait for it, and try again: GET /imports shows how far it is.", {
        headers: { Connection: "close" },
      });
  }

  /** What to tell of a failure. Only what a file has is for the caller; the rest is for the log. */
  function problemOf(error: unknown): string {
    if (error instanceof FileError) return error.kept;
    if (error instanceof ApiError) return error.message;
    log.error({ message: "an import failed", error: error instanceof Error ? error.message : "unknown" });
    return "Something went wrong on our side. The server's log says more.";
  }

  async function carryOut(id: number): Promise<void> {
    try {
      const { options } = store.require(id);
      const source = openSource(spool.pathOf(id));
      progress = { id, share: () => (source.size ? source.read() / source.size : undefined) };
      await nextTurn();
      const rows = await openRows(context, source, options);
      await nextTurn();
      await write(() => store.setFormat(id, rows.format));
      if (options.dryRun) {
        const report = await checkFile(context, spool.trialOf(id), rows, { isStopped });
        if (stopped) return;
        await write(() => {
          store.requireState(id, "reading");
          store.setProgress(id, 0, rowsOf(report), report);
          store.setState(id, "checked");
        });
      } else {
        await write(() => {
          if (store.require(id).state === "reading") store.setState(id, "writing");
        });
        const isWhole = await writeFile(context, store, id, rows, {
          isStopped,
          isBesideServer: true,
          maxBytes: config.maxDatabaseBytes * OWN_SHARE,
        });
        if (!isWhole) return; // the next start goes on
      }
    } catch (error) {
      const problem = problemOf(error);
      await write(() => {
        if (["reading", "writing"].includes(store.require(id).state)) store.setState(id, "failed", problem);
      });
    } finally {
      progress = undefined;
    }
    spool.remove(id);
  }

  async function takeBack(id: number): Promise<void> {
    try {
      await undo.finish(id, { isStopped, isBesideServer: true });
    } catch (error) {
      problemOf(error); // it stays undoing, and the next start goes on
    }
  }

  const inBackground = (work: () => Promise<void>): void => void enqueue(work).catch((error: unknown) => void problemOf(error));

  return {
    store,
    async receive(file, name, options) {
      requireIdle();
      return enqueue(async () => {
        const id = await write(() => store.add({ name, options, state: "reading", isSpooled: true, report: emptyReport() }));
        try {
          await spool.store(id, file);
        } catch (error) {
          await write(() => store.setState(id, "failed", problemOf(error)));
          throw error;
        }
        inBackground(() => carryOut(id));
        return store.require(id);
      });
    },
    alone(work) {
      requireIdle();
      return enqueue(work);
    },
    async undo(id) {
      const found = store.require(id);
      await write(() => undo.begin(store.require(found.id)));
      inBackground(() => takeBack(found.id));
      return store.require(found.id);
    },
    progressOf: (id) => (progress?.id === id ? progress.share() : undefined),
    resume() {
      const unfinished = store.inStates();
      const goesOn = unfinished.filter(({ id, state, isSpooled }) => state === "writing" && isSpooled && spool.has(id));
      spool.clear(goesOn.map(({ id }) => id));
      for (const each of unfinished) {
        if (goesOn.includes(each)) inBackground(() => carryOut(each.id));
        else if (each.state === "undoing") inBackground(() => takeBack(each.id));
        else if (each.isSpooled) ledger.write(() => store.setState(each.id, "failed", STOPPED));
      }
    },
    async idle() {
      while (working > 0) await last;
    },
    async close() {
      stopped = true;
      await last;
    },
  };
}

const rowsOf = ({ recorded, duplicates, conflicts, refused, ignored }: ReturnType<typeof emptyReport>) =>
  recorded + duplicates + conflicts + refused + ignored;

// GET /backup and GET /backup/secret: what a standby begins with. The copy is made by another process, so nobody waits for it.
import { randomUUID } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, rmSync } from "node:fs";
import { Type } from "@sinclair/typebox";
import { readSecret } from "../../../db/secret.ts";
import type { Key } from "../../access/keyring.ts";
import type { Context } from "../../context.ts";
import { type Endpoint, endpoint, ok } from "../../http/endpoint.ts";
import { Nullable, success } from "../../http/wire.ts";
import { ApiError } from "../../value/error.ts";
import { type BackUp, backUpElsewhere, backUpGivingWay } from "./back-up-elsewhere.ts";
import { removeSentCopies, toSentCopy } from "./make-backup.ts";

/** How long a copy may take. */
const MOST_MS = 30 * 60_000;
const PIECE_BYTES = 256 * 1024;
const TYPE = "application/vnd.sqlite3";

function refuseSession(key: Key | undefined): void {
  if (key?.session !== undefined) throw new ApiError("FORBIDDEN", "A session of the dashboard cannot follow.");
}

export function backupEndpoints({ database, config, log }: Context, backUp: BackUp = backUpElsewhere): Endpoint[] {
  const path = config.databasePath;
  let isBusy = false;

  /** Makes a copy. Its name is removed before it is sent, so that nothing is left of it after a kill. */
  async function openCopy(): Promise<number> {
    if (isBusy)
      throw new ApiError("SERVICE_UNAVAILABLE", "Another copy is being made. Try again soon.", { headers: { "Retry-After": "10" } });
    isBusy = true;
    removeSentCopies(path);
    const file = toSentCopy(path, randomUUID());
    try {
      await backUpGivingWay(database, [path, file], backUp, AbortSignal.timeout(MOST_MS));
      return openSync(file, "r");
    } catch (error) {
      log.error({ message: "a copy for GET /backup could not be made", error: error instanceof Error ? error.message : "unknown" });
      throw new ApiError("SERVICE_UNAVAILABLE", "The copy could not be made. The server's log says why.", {
        headers: { "Retry-After": "60" },
        cause: error,
      });
    } finally {
      rmSync(file, { force: true });
      isBusy = false;
    }
  }

  return [
    endpoint({
      method: "GET",
      path: "/backup",
      admission: "backup:read",
      waitsMs: MOST_MS,
      tag: "Changes",
      summary: "Copy the database",
      description:
        "A consistent copy of the whole database, with everything that was stored before the request, as a SQLite file. `regulars restore FILE` makes a database of it, and `regulars follow` a standby. It has all personal data.",
      produces: TYPE,
      answers: { 200: Type.String({ description: "The SQLite file.", format: "binary" }) },
      errors: ["SERVICE_UNAVAILABLE"],
      handle: async ({ key }) => {
        refuseSession(key);
        const headers = { "Content-Type": TYPE, "Cache-Control": "no-store" };
        if (path === ":memory:") return new Response(new Uint8Array(database.sqlite.serialize()), { headers });
        const file = await openCopy();
        const { size } = fstatSync(file);
        return new Response(toStream(file), { headers: { ...headers, "Content-Length": String(size) } });
      },
    }),
    endpoint({
      method: "GET",
      path: "/backup/secret",
      admission: "backup:read",
      onPrimaryAlone: true,
      tag: "Changes",
      summary: "Read the secret beside the database",
      description:
        "What a standby needs beside a copy, to recognize the same entries and Idempotency-Keys after it is promoted. Keep it apart from backups: with it, guesses at erased people can be confirmed. null: the database is in memory.",
      answers: { 200: success(Type.Object({ secret: Nullable(Type.String()) })) },
      examples: { answer: { success: true, data: { secret: "q0Yp0V3sT5m1m1o7o8d2tI3cX1y7yF0b4eJ9wQ2kZ6A" } } },
      handle: ({ key }) => {
        refuseSession(key);
        if (database.secret.state() !== "kept") database.secret.hash(""); // makes it, if nothing was hashed yet
        return ok({ secret: path === ":memory:" ? null : (readSecret(path) ?? null) }, {}, { "Cache-Control": "no-store" });
      },
    }),
  ];
}

/** Sends a file piece by piece, as fast as it is taken, and closes it. */
function toStream(file: number): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      pull(controller) {
        try {
          const piece = new Uint8Array(PIECE_BYTES);
          const read = readSync(file, piece);
          if (read > 0) return controller.enqueue(piece.subarray(0, read));
          closeSync(file);
          controller.close();
        } catch (error) {
          closeSync(file);
          controller.error(error);
        }
      },
      cancel: () => closeSync(file),
    },
    { highWaterMark: 1 },
  );
}

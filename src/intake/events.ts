// How do entries of the /events shape go in, one or many? One transaction, each with a result of its own.
import { ENTRY_TYPES } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import { ApiError, type Detail, type ErrorCode, invalid } from "../errors.ts";
import { toCustomerId, toEntryId } from "../id.ts";
import type { Draft } from "./draft.ts";
import { openRecorder, type Recorded } from "./record.ts";
import { understand } from "./understand.ts";

/** What became of one entry, in the form of the wire. */
export type EventResult =
  | { id: string; type: string; customerId: string | null; duplicate: boolean; clickId?: string }
  | { error: { code: ErrorCode; message: string; details?: readonly Detail[] } };

export interface Events {
  /** Records one entry, in one commit with others that come at the same time; rejects with what is wrong with it. */
  one(raw: unknown): Promise<EventResult & { duplicate: boolean }>;
  /** Records entries in order; a bad one does not stop the others. All of them are stored when this returns. */
  many(raws: readonly unknown[]): EventResult[];
}

function toResult({ id, type, clickId, customerId, duplicate }: Recorded) {
  const name = ENTRY_TYPES[type] ?? "custom";
  return {
    id: toEntryId(id),
    type: name,
    customerId: customerId === null ? null : toCustomerId(customerId),
    duplicate,
    ...(name === "click" && clickId !== null && { clickId }),
  };
}

export function openEvents(context: Context): Events {
  const recorder = openRecorder(context);

  function requireDraft(raw: unknown): Draft {
    const understood = understand(raw, context);
    if ("details" in understood) throw invalid(understood.details);
    return understood.draft;
  }

  return {
    async one(raw) {
      const draft = requireDraft(raw);
      return toResult(await context.ledger.gather(() => recorder.record(draft)));
    },
    many: (raws) =>
      context.ledger.write(() =>
        raws.map((raw) => {
          try {
            return toResult(recorder.record(requireDraft(raw)));
          } catch (error) {
            if (!(error instanceof ApiError)) throw error; // of the database: then none of them is stored
            const { code, message, details } = error;
            return { error: { code, message, ...(details && { details }) } };
          }
        }),
      ),
  };
}

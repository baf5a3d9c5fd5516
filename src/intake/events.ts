// How are entries in the shape of /events recorded? One or many, in one transaction, each with its own result.
import { ENTRY_TYPES } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import { EntryInput } from "../entry/input.ts";
import { type Attempt, type Idempotency, openIdempotency } from "../http/idempotency.ts";
import { ApiError, type Detail, type ErrorCode, invalid } from "../value/error.ts";
import { toCustomerId, toEntryId } from "../value/id.ts";
import { browserProblems } from "./browser-entry.ts";
import { type BrowserResult, toBrowserResult, withOwnClickId } from "./browser-result.ts";
import type { Draft } from "./draft.ts";
import { openPageEntries } from "./page-entries.ts";
import { parseEntry } from "./parse-entry.ts";
import { openRecorder, type Recorded } from "./record.ts";

export interface Refused {
  error: { code: ErrorCode; message: string; details?: readonly Detail[] };
}

/** The result of one entry, as it is answered to a server. */
interface Taken {
  id: string;
  type: string;
  customerId: string | null;
  duplicate: boolean;
  pending?: true;
  clickId?: string;
}

export type EventResult = Taken | BrowserResult | Refused;

export interface Sender {
  /** It comes from a web page with a publishable key: fewer fields are accepted, and fewer are answered. */
  readonly fromBrowser?: boolean;
  readonly attempt?: Attempt | undefined;
}

export interface Events {
  /** Records one entry, in a group commit with others that arrive at the same time. Rejects with the ApiError of a bad one. */
  one(raw: unknown, sender?: Sender): Promise<{ data: Taken | BrowserResult; replayed: boolean }>;
  /** Records entries in order. A bad one does not stop the others. The good ones are stored when this returns. */
  many(raws: readonly unknown[]): EventResult[];
  /** The same for a sender who may repeat the request with an Idempotency-Key. */
  batch(raws: readonly unknown[], sender: Sender): { results: EventResult[]; replayed: boolean };
}

/** What is stored of a result for a repeated request: the entry's id and whether it was a duplicate, or the refusal. */
type Kept = readonly [id: number, duplicate: 0 | 1] | Refused;

function toResult({ id, type, clickId, customerId, duplicate, isPending }: Recorded): Taken {
  const name = ENTRY_TYPES[type] ?? "custom";
  return {
    id: toEntryId(id),
    type: name,
    customerId: customerId === null ? null : toCustomerId(customerId),
    duplicate,
    ...(isPending && { pending: true as const }),
    ...(name === "click" && clickId !== null && { clickId }),
  };
}

export function openEvents(context: Context): Events {
  const recorder = openRecorder(context);
  const pages = openPageEntries(context);
  const idempotency: Idempotency = openIdempotency(context);

  function requireDraft(raw: unknown, fromBrowser: boolean): Draft {
    const problems = fromBrowser ? browserProblems(raw) : [];
    if (problems.length > 0) throw invalid(problems);
    const read = parseEntry(raw, context);
    if ("details" in read) throw invalid(read.details);
    return fromBrowser ? withOwnClickId(read.draft) : read.draft;
  }

  /** Records what a page sent. If another entry has its clickId, the first one stays, and the visitor must not learn of it. */
  function recordOfBrowser(draft: Draft): BrowserResult {
    try {
      recorder.record(pages.detach(draft));
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "CONFLICT")) throw error;
    }
    return toBrowserResult(draft);
  }

  /** The refusal without the caller's texts. Details of invalid input contain some; they are not stored, but computed again from the input. */
  function toKept({ error: { details, ...error } }: Refused, isValid: boolean): Refused {
    const ours = (isValid ? details : undefined)?.filter(({ path }) => Object.hasOwn(EntryInput.properties, path)) ?? [];
    return { error: { ...error, ...(ours.length > 0 && { details: ours }) } };
  }

  /** The result of a repeated request. Problems of the input are computed again from it. */
  function recall(kept: Kept, raw: unknown): EventResult {
    if (!("error" in kept)) return toResult(recorder.recall(kept[0], kept[1] === 1));
    if (kept.error.code !== "VALIDATION_ERROR") return kept;
    try {
      requireDraft(raw, false);
      return kept;
    } catch (error) {
      return toRefused(error);
    }
  }

  const events: Events = {
    async one(raw, { fromBrowser = false, attempt } = {}) {
      const draft = requireDraft(raw, fromBrowser);
      if (fromBrowser) return { data: await context.ledger.groupCommit(() => recordOfBrowser(draft)), replayed: false };
      if (!attempt) return { data: toResult(await context.ledger.groupCommit(() => recorder.record(draft))), replayed: false };
      const { result, replayed } = await context.ledger.groupCommit(() =>
        idempotency.once(attempt, () => {
          const { id, duplicate } = recorder.record(draft);
          return { status: duplicate ? 200 : 201, result: { id, duplicate } };
        }),
      );
      return { data: toResult(recorder.recall(result.id, result.duplicate)), replayed };
    },
    many: (raws) => events.batch(raws, {}).results,
    batch(raws, { fromBrowser = false, attempt }) {
      let results: EventResult[] = [];
      const work = () => {
        const kept: Kept[] = [];
        results = raws.map((raw) => {
          let isValid = false;
          try {
            const draft = requireDraft(raw, fromBrowser);
            isValid = true;
            if (fromBrowser) return recordOfBrowser(draft); // pages have no Idempotency-Key
            const recorded = recorder.record(draft);
            kept.push([recorded.id, recorded.duplicate ? 1 : 0]);
            return toResult(recorded);
          } catch (error) {
            const refused = toRefused(error);
            kept.push(toKept(refused, isValid));
            return refused;
          }
        });
        return { status: 200, result: kept };
      };
      const { result, replayed } = context.ledger.write(() => idempotency.once(attempt, work));
      return { results: replayed ? result.map((each, index) => recall(each, raws[index])) : results, replayed };
    },
  };
  return events;
}

/** The result of an entry that was refused. A failure of the database is thrown on, and then none of the entries is stored. */
export function toRefused(error: unknown): Refused {
  if (!(error instanceof ApiError)) throw error;
  const { code, message, details } = error;
  return { error: { code, message, ...(details && { details }) } };
}

// How are entries in the shape of /events recorded? One or many, in one transaction, each with its own result.
import { ENTRY_TYPES } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import { EntryInput } from "../entry/input.ts";
import { retryWhileBusy } from "../host/retry.ts";
import { nextTurn, openTurn } from "../host/turn.ts";
import { cutDetails, MAX_DETAILS } from "../http/check.ts";
import { toApiError } from "../http/failure.ts";
import { type Attempt, type Idempotency, openIdempotency, UNFINISHED } from "../http/idempotency.ts";
import { ApiError, type Detail, type ErrorCode, invalid } from "../value/error.ts";
import { toCustomerId, toEntryId } from "../value/id.ts";
import { browserProblems } from "./browser-entry.ts";
import { type BrowserResult, toBrowserResult, withOwnClickId } from "./browser-result.ts";
import type { Draft } from "./draft.ts";
import { openPageEntries } from "./page-entries.ts";
import { parseEntry } from "./parse-entry.ts";
import { openRecorder, type Recorded, type Recorder } from "./record.ts";

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
  /** Records entries in order, in one write. A bad one does not stop the others. The good ones are stored when this returns. */
  many(raws: readonly unknown[]): EventResult[];
  /**
   * The same in several short writes, for a sender who may repeat the request with an Idempotency-Key. If a write fails after the first one,
   * the results of the entries that are left say so; with an Idempotency-Key it rejects, and the same request goes on where it stopped.
   */
  batch(raws: readonly unknown[], sender: Sender): Promise<{ results: EventResult[]; replayed: boolean }>;
}

/** What is stored of a result for a repeated request: the entry's id and whether it was a duplicate, or the refusal. */
type Kept = readonly [id: number, duplicate: 0 | 1] | Refused;

/** An entry of an array, after its input was read. */
type Read = Draft | Refused;

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

/**
 * How long one write of a page's array takes, and how often longer the page waits after it. So pages that flood have a third of the thread at most,
 * and the shop's own server finds it free after a few milliseconds.
 */
const PAGE_TURN_MS = 3;
const PAGE_WAITS = 2;

/** `turnMs`: how long one write of `batch` takes; for tests. */
export function openEvents(context: Context, turnMs?: number, recorder: Recorder = openRecorder(context)): Events {
  const pages = openPageEntries(context);
  const idempotency: Idempotency = openIdempotency(context);

  /** `most`: about how many problems are told. */
  function requireDraft(raw: unknown, fromBrowser: boolean, most?: number): Draft {
    const problems = fromBrowser ? browserProblems(raw) : [];
    if (problems.length > 0) throw invalid(cutDetails(problems));
    const read = parseEntry(raw, context, { most });
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

  function readEntry(raw: unknown, fromBrowser: boolean, most?: number): Read {
    try {
      return requireDraft(raw, fromBrowser, most);
    } catch (error) {
      return toRefused(error);
    }
  }

  /** Reads entries in short turns. Of an array without any sense, it does not tell every problem of every entry. */
  async function readAll(raws: readonly unknown[], fromBrowser: boolean): Promise<Read[]> {
    const isOver = openTurn(fromBrowser ? PAGE_TURN_MS : undefined);
    const all: Read[] = [];
    let details = 0;
    for (const raw of raws) {
      const read = readEntry(raw, fromBrowser, Math.max(MAX_DETAILS - details, 1));
      if ("error" in read) details += read.error.details?.length ?? 0;
      all.push(read);
      if (isOver()) await nextTurn();
    }
    return all;
  }

  /** Stores an entry within a write. `kept` is what is stored of the result; pages have no Idempotency-Key, so nothing of theirs is. */
  function store(read: Read, fromBrowser: boolean): { result: EventResult; kept: Kept } {
    if ("error" in read) return { result: read, kept: toKept(read, false) };
    try {
      if (fromBrowser) return { result: recordOfBrowser(read), kept: [0, 0] };
      const recorded = recorder.record(read);
      return { result: toResult(recorded), kept: [recorded.id, recorded.duplicate ? 1 : 0] };
    } catch (error) {
      const refused = toRefused(error);
      return { result: refused, kept: toKept(refused, true) };
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
    many: (raws) => context.ledger.write(() => raws.map((raw) => store(readEntry(raw, false), false).result)),
    async batch(raws, { fromBrowser = false, attempt }) {
      const read = await readAll(raws, fromBrowser);
      const results: EventResult[] = [];
      /** Stores further entries until the turn is over. `before`: what is stored of the results so far. */
      const storeSome = (before: readonly Kept[]) => {
        const isOver = openTurn(fromBrowser ? PAGE_TURN_MS : turnMs);
        const kept = [...before];
        do {
          const stored = store(read[kept.length] as Read, fromBrowser);
          results[kept.length] = stored.result;
          kept.push(stored.kept);
        } while (kept.length < read.length && !isOver());
        return { status: kept.length < read.length ? UNFINISHED : 200, result: kept };
      };
      let isReplayed: boolean | undefined;
      let kept: readonly Kept[] = [];
      for (let isLeft = true; isLeft; ) {
        const startedAt = performance.now();
        try {
          const { status, result, replayed } = await retryWhileBusy(() =>
            context.ledger.write(() => (attempt ? idempotency.step(attempt, storeSome) : { ...storeSome(kept), replayed: false })),
          );
          kept = result;
          isLeft = status === UNFINISHED;
          isReplayed ??= replayed;
        } catch (error) {
          if (kept.length === 0 || attempt) throw error;
          const failure = toApiError(error);
          return {
            results: read.map((_, index) => (index < kept.length ? (results[index] as EventResult) : toRefused(failure))),
            replayed: false,
          };
        }
        if (fromBrowser) await Bun.sleep(PAGE_WAITS * (performance.now() - startedAt));
        else if (isLeft) await nextTurn();
      }
      // What another try of the same request has stored is recalled.
      return { results: kept.map((each, index) => results[index] ?? recall(each, raws[index])), replayed: isReplayed === true };
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

// How are the messages of Segment's API recorded? In order and in short turns, each with its own result.
import { type Static, Type } from "@sinclair/typebox";
import type { Context } from "../../context.ts";
import { openProfileUpdates } from "../../customer/update-profile.ts";
import { retryWhileBusy } from "../../host/retry.ts";
import { nextTurn, openTurn } from "../../host/turn.ts";
import { check } from "../../http/check.ts";
import { Avatar, Country, Email, Metadata, Text } from "../../http/wire.ts";
import { ApiError, type Detail, invalid } from "../../value/error.ts";
import { checkInstant } from "../../value/instant.ts";
import { openRecorder } from "../record.ts";
import { type Call, readMessage } from "./message.ts";
import { cleaned, toDraft } from "./tidy.ts";
import { type Meaning, type Told, translate } from "./translate.ts";

/** What became of a message. `conflict`: its order is recorded with other content, and the first stays. */
export type Result =
  | { readonly result: "recorded" | "duplicate" | "conflict" | "ignored" }
  | { readonly result: "refused"; readonly details: readonly Detail[] };

/** Counts messages, for the metrics. */
export interface MessageCount {
  note(result: Result["result"], amount: number): void;
}

export interface Receiver {
  /** Records messages in order; a bad one does not stop the others. `call`: the one of the path. Resolves when all is on disk. */
  receive(raws: readonly unknown[], call?: Call): Promise<Result[]>;
}

/** The fields of a profile that are stored if they are valid. */
const Profile = Type.Object({
  email: Type.Optional(Email),
  name: Type.Optional(Text(255)),
  avatar: Type.Optional(Avatar),
  country: Type.Optional(Country),
  metadata: Type.Optional(Metadata),
  clickId: Type.Optional(Text(255)),
  visitorId: Type.Optional(Text(255)),
});
const ExternalId = Type.Object({ externalId: Text(255) });

/** The fields of an entry as a message names them. */
const PATHS: Readonly<Record<string, string>> = {
  externalId: "userId",
  visitorId: "anonymousId",
  eventId: "messageId",
  clickId: "messageId",
  orderId: "properties.order_id",
  value: "properties.total",
  currency: "properties.currency",
};

const refused = (details: readonly Detail[]): Result => ({
  result: "refused",
  details: details.map(({ path, message }) => ({ path: PATHS[path] ?? path, message })),
});

export function openReceiver(context: Context, messages: MessageCount): Receiver {
  const { ledger, config, log, now } = context;
  const recorder = openRecorder(context);
  const profiles = openProfileUpdates(context);
  const reading = { currency: config.currency, leadEvents: config.segmentLeadEvents, otherEvents: config.segmentOtherEvents };

  /** The instant of a time, or of its absence; throws VALIDATION_ERROR if it cannot be read. */
  function requireAt(path: string, time: string | number | undefined): number {
    if (time === undefined) return now();
    const instant = checkInstant(time, context);
    if ("message" in instant) throw invalid([{ path, message: instant.message }]);
    return instant.at;
  }

  function tell({ profile: { externalId, ...given }, time, createdAt }: Told): Result {
    const named = check(ExternalId, cleaned({ externalId }));
    if ("details" in named) throw invalid(named.details);
    const checked = check(Profile, cleaned(given));
    const { email, ...fields }: Partial<Static<typeof Profile>> = "value" in checked ? checked.value : checked.sound;
    const said = {
      ...fields,
      ...(email !== undefined && { email: email.trim().toLowerCase() }),
      externalId: named.value.externalId.normalize("NFC"),
    };
    const at = requireAt("timestamp", time);
    const isCreatedKnown = createdAt !== undefined && "at" in checkInstant(createdAt, context);
    const creation = isCreatedKnown ? { createdAt: requireAt("traits.createdAt", createdAt) } : {};
    try {
      profiles.say(said, at, creation);
    } catch (error) {
      // Its metadata is too large together with what is stored.
      if (!(error instanceof ApiError && error.code === "VALIDATION_ERROR")) throw error;
      const { metadata: _, ...rest } = said;
      profiles.say(rest, at, creation);
    }
    return { result: "recorded" };
  }

  function apply(meaning: Meaning): Result {
    if ("ignored" in meaning) return { result: "ignored" };
    if ("problems" in meaning) return refused(meaning.problems);
    if ("told" in meaning) return tell(meaning.told);
    const tidy = toDraft(meaning.entry, context);
    if ("details" in tidy) return refused(tidy.details);
    // A refund of more than its sale takes what is left: the shop has paid it back, whatever was told of the order.
    return { result: recorder.record(tidy.draft, { isMeasured: false }).duplicate ? "duplicate" : "recorded" };
  }

  function record(raw: unknown, call: Call | undefined): Result {
    const message = readMessage(raw, call);
    if (message === undefined) return refused([{ path: "type", message: "must be identify, track, page, screen, group or alias" }]);
    try {
      return apply(translate(message, reading));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === "CONFLICT") return { result: "conflict" };
      return refused(error.details ?? []);
    }
  }

  /** Records messages within a write until the turn is over, at least one. */
  function recordSome(raws: readonly unknown[], call: Call | undefined): Result[] {
    const isOver = openTurn();
    const results: Result[] = [];
    do results.push(record(raws[results.length], call));
    while (results.length < raws.length && !isOver());
    return results;
  }

  /** Counts the results, and logs what was not recorded: how many, and the names of the fields. */
  function report(results: readonly Result[]): void {
    for (const [result, same] of Map.groupBy(results, (each) => each.result)) messages.note(result, same.length);
    const bad = results.filter((each) => each.result === "refused");
    const conflicts = results.filter((each) => each.result === "conflict").length;
    if (bad.length === 0 && conflicts === 0) return;
    const fields = [...new Set(bad.flatMap((each) => (each.result === "refused" ? each.details.map(({ path }) => path) : [])))].slice(
      0,
      20,
    );
    log.warn({ message: "messages of the Segment API were not recorded", refused: bad.length, conflicts, fields });
  }

  return {
    async receive(raws, call) {
      await ledger.allReassigned(); // an identify must know whose the visitor is
      const results: Result[] = [];
      while (results.length < raws.length) {
        const left = raws.slice(results.length);
        results.push(...(await retryWhileBusy(() => ledger.groupCommit(() => recordSome(left, call)))));
        if (results.length < raws.length) await nextTurn();
      }
      report(results);
      return results;
    },
  };
}

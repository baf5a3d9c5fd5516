// How do adapters record what a provider tells: entries, statuses and profiles, in any order and any number of times? Nothing is thrown for bad
// or contradicting input: it is given back as a value, so that the adapter can answer the provider and count it.
import { Type } from "@sinclair/typebox";
import { ENTRY_TYPES, type EntryType } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import type { CreationFields, ProfileUpdateFields } from "../customer/store-update.ts";
import { openProfileUpdates } from "../customer/update-profile.ts";
import { check } from "../http/check.ts";
import { Aliases, Avatar, Country, Email, Metadata, Text } from "../http/wire.ts";
import type { SaidStatus } from "../ledger/status.ts";
import { ApiError, invalid } from "../value/error.ts";
import { toNames } from "../value/text.ts";
import { type Refused, toRefused } from "./events.ts";
import { parseEntry } from "./parse-entry.ts";
import { openRecorder, type Recorded } from "./record.ts";
import { openStatuses } from "./status.ts";

/** The fields of a profile that a provider tells. Absent ones stay as they are, null clears a name, avatar, country or email. */
const ProfileFields = Type.Partial(
  Type.Object({
    externalId: Text(255),
    email: Type.Union([Email, Type.Null()]),
    aliases: Aliases,
    name: Type.Union([Text(255), Type.Null()]),
    avatar: Type.Union([Avatar, Type.Null()]),
    country: Type.Union([Country, Type.Null()]),
    metadata: Type.Union([Metadata, Type.Null()]),
    clickId: Text(255),
    visitorId: Text(255),
  }),
);

/** `Refused` has code CONFLICT for a known key with other content, of which the first stays, else VALIDATION_ERROR with every bad field. */
export type EntryOutcome = Recorded | Refused;

export interface ProviderIntake {
  /**
   * Records an entry in the shape of `POST /events`. A refund is never refused for its value: what it takes is decided when it is derived. Send an
   * entry without its status if that can change, and say the status apart: a status is part of the content that replays are compared by.
   */
  record(entry: unknown): EntryOutcome;
  /**
   * Says the status of a conversion or refund for the provider's own instant `at`, in milliseconds since 1970. The newest instant counts,
   * whatever the order of the calls. It may come before its entry, and then waits for it: also over a restart and in exports. `key` is the orderId
   * of a sale, else the eventId. `changed` is false if the same was said before.
   */
  sayStatus(
    of: { readonly type: Exclude<EntryType, "click">; readonly key: string },
    status: SaidStatus,
    at: number,
  ): { changed: boolean } | Refused;
  /**
   * Says a profile for the provider's own instant `saidAt`, in milliseconds since 1970. For each field the newest instant wins, whatever the order
   * of the calls. If it makes the customer, it does so at `creation.createdAt`, else at `saidAt`. Without an externalId it names its customer by
   * aliases and email as an entry does (definitions §5). Call it after `await ledger.allReassigned()`.
   */
  sayProfile(fields: unknown, saidAt: number, creation?: Partial<CreationFields>): { id: number; created: boolean } | Refused;
}

/** All its functions must be called within a write: `ledger.write` or `ledger.groupCommit`. */
export function openProviderIntake(context: Context): ProviderIntake {
  const recorder = openRecorder(context);
  const statuses = openStatuses(context);
  const profileUpdates = openProfileUpdates(context);

  /** The result of the work, or its refusal. Other errors are thrown on. */
  function attempt<T>(work: () => T): T | Refused {
    try {
      return work();
    } catch (error) {
      if (error instanceof ApiError && error.code !== "VALIDATION_ERROR" && error.code !== "CONFLICT") throw error;
      return toRefused(error);
    }
  }

  return {
    record: (entry) =>
      attempt(() => {
        const parsed = parseEntry(entry, context);
        if ("details" in parsed) throw invalid(parsed.details);
        return recorder.record(parsed.draft, { isMeasured: false });
      }),
    sayStatus: ({ type, key }, status, at) =>
      attempt(() => ({ changed: statuses.say({ type: ENTRY_TYPES.indexOf(type), key }, status, at) })),
    sayProfile: (fields, saidAt, creation) =>
      attempt(() => {
        const checked = check(ProfileFields, fields);
        if ("details" in checked) throw invalid(checked.details);
        const { externalId, email, aliases, ...rest } = checked.value;
        const named: ProfileUpdateFields = {
          ...rest,
          ...(externalId !== undefined && { externalId: externalId.normalize("NFC") }),
          ...(email !== undefined && { email: email === null ? null : email.trim().toLowerCase() }),
          ...(aliases?.length && { aliases: toNames(aliases) }),
        };
        return profileUpdates.say(named, saidAt, creation);
      }),
  };
}

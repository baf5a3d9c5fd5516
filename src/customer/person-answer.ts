// What does the export of a person consist of? Its schema, and how stored rows become parts of it.
import { Type } from "@sinclair/typebox";
import type { entry, profileUpdate } from "../../db/schema.ts";
import { type EntryRow, JourneyEntry, toJourneyEntry } from "../entry/answer.ts";
import { Instant, Nullable } from "../http/wire.ts";
import { toAliases } from "../ledger/name.ts";
import { toIso } from "../value/instant.ts";
import { Customer } from "./to-customer.ts";

const text = (description: string) => Nullable(Type.String({ description }));
const list = (description: string) => Type.Array(Type.String(), { description });

const StoredEntry = Type.Object({
  ...JourneyEntry.properties,
  receivedAt: Type.Unsafe<string>({ ...Instant, description: "When it was received." }),
  externalId: text("As sent with it."),
  email: text("As sent with it."),
  aliases: list("As sent with it."),
  name: text("As sent with it."),
  avatar: text("As sent with it."),
  country: text("As sent with it."),
  visitorId: text("As sent with it."),
});
const ProfileUpdate = Type.Object({
  calledAt: Type.Unsafe<string>({ ...Instant, description: "When POST or PATCH /customers was called." }),
  at: Type.Unsafe<string>({ ...Instant, description: "From when it takes effect; for a creation, its createdAt." }),
  created: Type.Boolean({ description: "Whether this call created the customer." }),
  externalId: text("Theirs at the time."),
  email: text("As told, or the one that they were known by."),
  aliases: list("As told, after the one that they were known by, if any."),
  clickId: text("As told."),
  visitorId: text("As told."),
  source: text("As told."),
  campaign: text("As told."),
  profile: Type.Record(Type.String(), Type.Unknown(), {
    description: "Name, avatar, country, email and metadata as sent; null clears a field.",
  }),
});
export const PersonExport = Type.Object({
  exportedAt: Instant,
  customer: Customer,
  externalIds: list("Every externalId that leads to them, current and former."),
  emails: list("Every email that is theirs."),
  aliases: list("Every alias that is theirs."),
  visitorIds: list("Every visitorId that is theirs."),
  clickIds: list("Every clickId that is theirs."),
  told: Type.Array(ProfileUpdate, { description: "The calls of POST and PATCH /customers about this person, in order." }),
  entries: Type.Array(StoredEntry, { description: "The person's entries, and other entries that name them, in the order of arrival." }),
});

export type StoredEntryRow = EntryRow &
  Pick<typeof entry.$inferSelect, "receivedAt" | "externalId" | "email" | "aliases" | "name" | "avatar" | "country" | "visitorId">;
export type ProfileUpdateRow = Omit<typeof profileUpdate.$inferSelect, "customerId" | "isSaid">;

/** An entry as it is stored. */
export function toStoredEntry(row: StoredEntryRow) {
  const { receivedAt, externalId, email, name, avatar, country, visitorId } = row;
  const aliases = toAliases(row.aliases);
  return { ...toJourneyEntry(row), receivedAt: toIso(receivedAt), externalId, email, aliases, name, avatar, country, visitorId };
}

/** A call of POST or PATCH /customers, as it was told. */
export function toProfileUpdate({
  calledAt,
  at,
  isCreation,
  key,
  knownEmail,
  knownAlias,
  email,
  aliases,
  clickId,
  visitorId,
  source,
  campaign,
  profile,
}: ProfileUpdateRow) {
  const isNameless = key === "" || knownEmail !== null || knownAlias !== null;
  const told = [...(knownAlias === null ? [] : [knownAlias]), ...toAliases(aliases)];
  const names = { externalId: isNameless ? null : key, email: email ?? knownEmail, aliases: told, clickId, visitorId };
  return { calledAt: toIso(calledAt), at: toIso(at), created: isCreation === 1, ...names, source, campaign, profile: JSON.parse(profile) };
}

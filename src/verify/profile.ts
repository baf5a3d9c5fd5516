// What is a customer's profile, by the log? The newest value of each field (definitions §5).
import { PROFILE_UPDATE } from "../../db/schema.ts";
import { compareLogOrder } from "../value/log-order.ts";

const FIELDS = ["email", "name", "avatar", "country"] as const;
export type ProfileField = (typeof FIELDS)[number] | "metadata";
export type Profile = Record<ProfileField, string | null>;

/** An entry with the profile fields that it carries. */
export interface ProfileEntry extends Record<(typeof FIELDS)[number], string | null> {
  readonly at: number;
  readonly type: number;
  readonly key: string;
}

/** A profile update: when it was called, and its fields as JSON. An absent field changes nothing, null clears the field. */
export interface ProfileChange {
  readonly calledAt: number;
  readonly profile: string;
}

type Metadata = Record<string, unknown>;

/**
 * The profile from entries, and from profile updates in the order of the calls. At the same instant, profile updates come after entries.
 */
export function profileOf(entries: readonly ProfileEntry[], profileUpdates: readonly ProfileChange[]): Profile {
  const changes = [
    ...entries.map((entry) => ({ at: entry.at, type: entry.type, key: entry.key, values: entry as Partial<Profile> })),
    ...profileUpdates.map(({ calledAt, profile }) => ({
      at: calledAt,
      type: PROFILE_UPDATE,
      key: "",
      values: JSON.parse(profile) as Partial<Profile>,
    })),
  ].sort(compareLogOrder);
  const profile: Profile = { email: null, name: null, avatar: null, country: null, metadata: null };
  for (const { type, values } of changes)
    for (const field of FIELDS) {
      const value = values[field];
      if (value !== undefined && (value !== null || type === PROFILE_UPDATE)) profile[field] = value;
    }
  let metadata: Metadata | null = null as Metadata | null;
  for (const profileUpdate of profileUpdates) {
    const change = (JSON.parse(profileUpdate.profile) as { metadata?: Metadata | null }).metadata;
    if (change === null) metadata = null;
    else if (change !== undefined) {
      const merged: Metadata = { ...(metadata ?? {}), ...change };
      for (const [key, value] of Object.entries(merged)) if (value === null) delete merged[key];
      metadata = merged;
    }
  }
  profile.metadata = metadata === null ? null : JSON.stringify(metadata);
  return profile;
}

/** Text as the search compares it: upper and lower case, and composed and decomposed characters, are the same in any script. */
export const foldCase = (text: string): string => text.normalize("NFC").toUpperCase().toLowerCase();

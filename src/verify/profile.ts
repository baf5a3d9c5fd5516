// What is a customer called, by the log? The newest value told of each field (definitions §5).
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

/** A profile update: when it was called, and what it said as JSON; a field that is absent says nothing, null clears. */
export interface ProfileProfileUpdate {
  readonly calledAt: number;
  readonly profile: string;
}

type Metadata = Record<string, unknown>;

/** Profile updates come in the order of the calls; at one instant they come after entries. */
export function profileOf(entries: readonly ProfileEntry[], profileUpdates: readonly ProfileProfileUpdate[]): Profile {
  const said = [
    ...entries.map((entry) => ({ at: entry.at, type: entry.type, key: entry.key, values: entry as Partial<Profile> })),
    ...profileUpdates.map(({ calledAt, profile }) => ({ at: calledAt, type: 5, key: "", values: JSON.parse(profile) as Partial<Profile> })),
  ].sort(compareLogOrder);
  const profile: Profile = { email: null, name: null, avatar: null, country: null, metadata: null };
  for (const { type, values } of said)
    for (const field of FIELDS) {
      const value = values[field];
      if (value !== undefined && (value !== null || type === 5)) profile[field] = value;
    }
  let metadata: Metadata | null = null as Metadata | null;
  for (const profileUpdate of profileUpdates) {
    const told = (JSON.parse(profileUpdate.profile) as { metadata?: Metadata | null }).metadata;
    if (told === null) metadata = null;
    else if (told !== undefined) {
      const merged: Metadata = { ...(metadata ?? {}), ...told };
      for (const [key, value] of Object.entries(merged)) if (value === null) delete merged[key];
      metadata = merged;
    }
  }
  profile.metadata = metadata === null ? null : JSON.stringify(metadata);
  return profile;
}

/** Text as a search compares it: the same for every spelling, in any script. */
export const foldCase = (text: string): string => text.normalize("NFC").toUpperCase().toLowerCase();

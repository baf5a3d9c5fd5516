// Can a new entry be added to its customer's figures without reading the rest of them? If it comes last and leaves the profile as it is.
import type { Database } from "../../db/database.ts";
import type { entry } from "../../db/schema.ts";

const PROFILE = ["email", "name", "avatar", "country"] as const;

/** An entry that was just stored, with its profile fields. */
export type ArrivedEntry = Readonly<Pick<typeof entry.$inferSelect, "id" | "at" | (typeof PROFILE)[number]>>;

/** Makes the function that tells whether an entry is later than all others of its customer, and leaves their profile as it is. */
export function openAppended({ sqlite }: Database, now: () => number): (customerId: number, entry: ArrivedEntry) => boolean {
  const appendedTo = sqlite.prepare<{ customerId: number; at: number; id: number }, Omit<ArrivedEntry, "id" | "at">>(
    `SELECT email, name, avatar, country FROM customer AS c WHERE id = :customerId AND first_touch_at IS NOT NULL AND entries > 0
       AND NOT EXISTS (SELECT 1 FROM entry WHERE customer_id = c.id AND at >= :at AND id <> :id)
       AND NOT EXISTS (SELECT 1 FROM profile_update WHERE customer_id = c.id AND is_creation AND at >= :at)`,
  );
  return (customerId, entry) => {
    if (entry.at > now()) return false;
    const row = appendedTo.get({ customerId, at: entry.at, id: entry.id });
    return row !== undefined && PROFILE.every((field) => entry[field] === null || entry[field] === row[field]);
  };
}

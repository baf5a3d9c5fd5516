// What is a customer called? The newest value of each field wins. An entry's value is as old as its timestamp, a profile update's as its call (definitions §5).
import type { Database } from "../../db/database.ts";
import type { profileUpdate } from "../../db/schema.ts";

/** The profile fields that entries carry too; also the columns of `customer` and `entry`. */
const FIELDS = ["email", "name", "avatar", "country"] as const;
type Field = (typeof FIELDS)[number];
export type Metadata = Record<string, unknown>;

/** The profile fields of a profile update. An absent field stays as it is, and null clears it. */
export type ProfileChange = { [name in Field]?: string | null } & { metadata?: Metadata | null };

/** What one customer was told last: each field with the time of its call, and the metadata of all calls. */
type Told = { [name in Field]?: { readonly value: string | null; readonly calledAt: number } } & { metadata?: Metadata | null };

/** Merges metadata key by key. In `change`, null removes a key; null instead of an object removes all metadata. */
export function mergeMetadata(before: Metadata | null, change: Metadata | null): Metadata | null {
  if (change === null) return null;
  const merged = Object.entries({ ...before, ...change }).filter(([, value]) => value !== null);
  return Object.fromEntries(merged);
}

/** The condition of a partial index. Without it, a million clicks would be read for one name. */
const HAS_PROFILE = `(${FIELDS.map((field) => `${field} IS NOT NULL`).join(" OR ")})`;

const newest = (field: Field) =>
  `${field} = (SELECT ${field} FROM entry WHERE customer_id = customer.id AND ${HAS_PROFILE} AND ${field} IS NOT NULL ORDER BY at DESC, type DESC, key DESC LIMIT 1)`;

export interface Profiles {
  /** Derives the profiles of the customers in `temp.batch`, except those with appended_from: their new entries change no profile. */
  derive(): void;
}

export function openProfiles({ sqlite }: Pick<Database, "sqlite">): Profiles {
  const fromEntries = sqlite.prepare(
    `UPDATE customer SET metadata = NULL, ${FIELDS.map(newest).join(", ")} WHERE id IN (SELECT customer_id FROM temp.batch WHERE appended_from IS NULL) AND deleted_at IS NULL`,
  );
  // What was said for one instant has no order of its own, so its text decides, whichever came first.
  const profileUpdates = sqlite.prepare<[], Pick<typeof profileUpdate.$inferSelect, "customerId" | "calledAt" | "profile">>(
    `SELECT t.customer_id AS customerId, t.called_at AS calledAt, t.profile FROM temp.batch AS b CROSS JOIN profile_update AS t ON t.customer_id = b.customer_id
     JOIN customer AS c ON c.id = b.customer_id WHERE b.appended_from IS NULL AND c.deleted_at IS NULL
     ORDER BY t.customer_id, t.called_at, t.is_said DESC, CASE WHEN t.is_said THEN t.profile END, t.id`,
  );
  const entryAt = Object.fromEntries(
    FIELDS.map((field) => [
      field,
      sqlite
        .prepare<[number], number | null>(`SELECT max(at) FROM entry WHERE customer_id = ? AND ${HAS_PROFILE} AND ${field} IS NOT NULL`)
        .pluck(),
    ]),
  );
  const set = Object.fromEntries(FIELDS.map((field) => [field, sqlite.prepare(`UPDATE customer SET ${field} = ? WHERE id = ?`)]));
  const setMetadata = sqlite.prepare(`UPDATE customer SET metadata = ? WHERE id = ?`);
  const setSearchText = sqlite.prepare(
    `UPDATE customer SET search_text = fold(coalesce(name, '') || char(10) || coalesce(email, '') || char(10) || coalesce(external_id, ''))
     WHERE id IN (SELECT customer_id FROM temp.batch WHERE appended_from IS NULL) AND deleted_at IS NULL`,
  );

  return {
    derive() {
      fromEntries.run();
      // A customer can be told many times, but each column is written once.
      const told = new Map<number, Told>();
      for (const row of profileUpdates.all()) {
        const change = JSON.parse(row.profile) as ProfileChange;
        const known = told.get(row.customerId) ?? {};
        told.set(row.customerId, known);
        for (const field of FIELDS) {
          const value = change[field];
          if (value !== undefined) known[field] = { value, calledAt: row.calledAt };
        }
        if (change.metadata !== undefined) known.metadata = mergeMetadata(known.metadata ?? null, change.metadata);
      }
      for (const [id, { metadata, ...fields }] of told) {
        for (const field of FIELDS) {
          const last = fields[field];
          if (last === undefined) continue;
          const lastAt = entryAt[field]?.get(id) ?? null;
          if (lastAt === null || lastAt <= last.calledAt) set[field]?.run(last.value, id);
        }
        if (metadata !== undefined) setMetadata.run(metadata === null ? null : JSON.stringify(metadata), id);
      }
      setSearchText.run();
    },
  };
}

/** Folds the case of a text, in any script, so that a search finds every spelling. */
export function fold(text: string): string {
  return text.normalize("NFC").toUpperCase().toLowerCase();
}

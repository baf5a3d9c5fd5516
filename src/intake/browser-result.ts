// What does a page learn of what it sent? That it was taken, and nothing of what was known before: all answers look alike.
import { CLICK, ENTRY_TYPES } from "../../db/schema.ts";
import { randomEntryId } from "../value/id.ts";
import type { Draft } from "./draft.ts";
import { CLICK_ID_PREFIX } from "./key.ts";

/** The same for an entry that is new, known or not stored. `id` is random: numbered ones would tell how much is sold meanwhile. */
export interface BrowserResult {
  id: string;
  type: string;
  clickId?: string;
}

/** A clickId that tells nothing, not even of the content that a made one is hashed from, and that nobody can guess. */
export const randomClickId = (): string => CLICK_ID_PREFIX + crypto.randomUUID();

/** A click without a clickId, as if the page had made one. */
export function withOwnClickId(draft: Draft): Draft {
  return draft.type === CLICK && draft.clickId === null ? { ...draft, clickId: randomClickId() } : draft;
}

export function toBrowserResult({ type, clickId }: Draft): BrowserResult {
  return { id: randomEntryId(), type: ENTRY_TYPES[type] ?? "custom", ...(type === CLICK && clickId !== null && { clickId }) };
}

// What is a page told about the entries it sent? Only that they were accepted. The answer is the same whatever was known before.
import { CLICK, ENTRY_TYPES } from "../../db/schema.ts";
import { randomEntryId } from "../value/id.ts";
import type { Draft } from "./draft.ts";
import { CLICK_ID_PREFIX } from "./key.ts";

/** The same for an entry that is new, known or not stored. `id` is random, because consecutive ids would reveal how many entries arrive. */
export interface BrowserResult {
  id: string;
  type: string;
  clickId?: string;
}

/** A random clickId. It reveals nothing, unlike one that is a hash of the content, and nobody can guess it. */
export const randomClickId = (): string => CLICK_ID_PREFIX + crypto.randomUUID();

/** The draft; a click without a `clickId` gets a random one, as if the page had made it. */
export function withOwnClickId(draft: Draft): Draft {
  return draft.type === CLICK && draft.clickId === null ? { ...draft, clickId: randomClickId() } : draft;
}

/** The result of a page's entry. A click's has the `clickId` that the page sent or was given. */
export function toBrowserResult({ type, clickId }: Draft): BrowserResult {
  return { id: randomEntryId(), type: ENTRY_TYPES[type] ?? "custom", ...(type === CLICK && clickId !== null && { clickId }) };
}

// What do all screens know? The workspace's currency and zone, what is in it, and the range that the visitor has chosen.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { useAddress } from "./address.ts";
import type { DataOf } from "./answers.ts";
import { type DateFormat, dateFormat } from "./format.ts";
import { DEFAULT_RANGE, type Range, toRange } from "./range.ts";

/** The cohorts of all months: the first question of every visit. */
export const FIRST_QUESTION = "/customers/cohorts?group_by=month";
export type Months = DataOf<"/customers/cohorts">;

export interface Workspace {
  readonly currency: string;
  readonly dates: DateFormat;
  /** The plain date now, in the workspace's zone. */
  readonly today: string;
  readonly months: Months;
  /** Asks the first question again, after a change. */
  reload(): void;
}

/** The workspace, from the answer to the first question. `now` in milliseconds. */
export function toWorkspace(months: Months, now: number, reload: () => void): Workspace {
  const dates = dateFormat(months.timezone);
  return { currency: months.currency, dates, today: dates.plain(now), months, reload };
}

/** When an answer was computed, if it says so; else now. A server with a fixed clock says when that stands. */
export function computedAt(data: object): number {
  const said = "computedAt" in data ? Date.parse(String(data.computedAt)) : Number.NaN;
  return Number.isNaN(said) ? Date.now() : said;
}

const WorkspaceContext = createContext<Workspace | undefined>(undefined);
export const WorkspaceProvider = WorkspaceContext.Provider;

export function useWorkspace(): Workspace {
  const workspace = useContext(WorkspaceContext);
  if (!workspace) throw new Error("This part of the page needs a workspace.");
  return workspace;
}

/** The chosen range: its text in the URL, its days, and both as parameters of a report. */
export function useRange(): { readonly text: string; readonly range: Range } {
  const { today } = useWorkspace();
  const text = useAddress().query.get("range") ?? DEFAULT_RANGE;
  return { text, range: toRange(text, today) };
}

/** The range to keep in a link to another screen; undefined for the default. */
export const rangeToKeep = (text: string): string | undefined => (text === DEFAULT_RANGE ? undefined : text);

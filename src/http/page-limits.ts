// How much may pages send with a publishable key? Every visitor can read the key, so it has limits unless they are turned off.
import type { Config } from "../host/config.ts";
import { type Budget, openBudget } from "./budget.ts";

/** The most bytes of a body from a page. */
export const MAX_PAGE_BODY_BYTES = 64 * 1024;

export type PageLimitSettings = Pick<
  Config,
  | "publishableEntriesPerVisitor"
  | "publishableEntriesPerAddress"
  | "publishableBytesPerAddress"
  | "publishableEntriesPerKey"
  | "publishableBytesPerKey"
>;

/** Where a request with a publishable key comes from. */
export interface Page {
  readonly keyId: string;
  readonly address: string;
}

/** Each function takes what it is given and returns 0, or takes nothing and returns how many seconds to wait. */
export interface PageLimits {
  /** Takes `amount` entries, of any visitor. */
  takeEntries(page: Page, amount: number): number;
  /** Takes the entries of a body, per `visitorId`. Entries without one count as one visitor's. */
  takeVisitors(page: Page, entries: readonly unknown[]): number;
  takeBytes(page: Page, amount: number): number;
}

type Charge = readonly [budget: Budget, caller: string, amount: number];

function takeAll(charges: readonly Charge[]): number {
  const wait = Math.max(0, ...charges.map(([budget, caller, amount]) => budget.wait(caller, amount)));
  if (wait === 0) for (const [budget, caller, amount] of charges) budget.take(caller, amount);
  return wait;
}

function visitorOf(entry: unknown): string {
  const visitorId = typeof entry === "object" && entry !== null && "visitorId" in entry ? entry.visitorId : undefined;
  return typeof visitorId === "string" ? visitorId.slice(0, 255) : "";
}

/** Opens the limits of the settings. `clock`: milliseconds, monotonic. */
export function openPageLimits(settings: PageLimitSettings, clock?: () => number): PageLimits {
  const ofVisitor = openBudget(settings.publishableEntriesPerVisitor, clock);
  const entriesOfAddress = openBudget(settings.publishableEntriesPerAddress, clock);
  const bytesOfAddress = openBudget(settings.publishableBytesPerAddress, clock);
  const entriesOfKey = openBudget(settings.publishableEntriesPerKey, clock);
  const bytesOfKey = openBudget(settings.publishableBytesPerKey, clock);
  const placeOf = ({ keyId, address }: Page) => `${keyId} ${address}`;
  return {
    takeEntries: (page, amount) =>
      takeAll([
        [entriesOfAddress, placeOf(page), amount],
        [entriesOfKey, page.keyId, amount],
      ]),
    // A visitor is counted per address, so that nobody elsewhere can use up the share of one whose visitorId they know.
    takeVisitors: (page, entries) =>
      takeAll([...Map.groupBy(entries, visitorOf)].map(([visitor, own]) => [ofVisitor, `${placeOf(page)} ${visitor}`, own.length])),
    takeBytes: (page, amount) =>
      takeAll([
        [bytesOfAddress, placeOf(page), amount],
        [bytesOfKey, page.keyId, amount],
      ]),
  };
}

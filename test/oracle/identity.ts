// Who owns an entry? By names first, then clicks, then visitors, each searched in the whole list (definitions §5, §10).
import { byLogOrder, type Entry, type ProfileUpdate } from "./log.ts";
import { type Known, type Name, openNames } from "./names.ts";

/** The record of a customer, besides what the log says. */
export interface Customer {
  id: number;
  externalId: string | undefined; // the current one
  known: Name | undefined; // while there is no externalId
  erased: boolean;
}

export interface Told {
  entries: readonly Entry[];
  profileUpdates: readonly ProfileUpdate[];
  customers: ReadonlyMap<number, Customer>;
  /** The customers who are known by a name alone. */
  known: Known;
  /** The clickIds of erased customers. They lead to them forever, whatever arrives later. */
  pinnedClicks: ReadonlyMap<string, number>;
}

export interface Identity {
  ownerOf: ReadonlyMap<Entry, number>;
  tellerOf(profileUpdate: ProfileUpdate): number | undefined;
  ownerOfName(name: Name): number | undefined;
  aliasesOf(customerId: number): string[];
  clicks: ReadonlyMap<string, number>;
  visitors: ReadonlyMap<string, number>;
}

/** Finds the owners of all entries. */
export function identify(told: Told): Identity {
  const claims = [...told.entries.filter((entry) => entry.type !== "refund"), ...told.profileUpdates].sort(byLogOrder);
  const isErased = (id: number) => told.customers.get(id)?.erased === true;

  const names = openNames(told.entries, told.profileUpdates, told.known);
  // The claims of an erased customer's entry are in pinnedClicks.
  const nameOf = (entry: Entry) => (entry.erasedCustomerId === undefined ? names.nameOf(entry) : undefined);
  const { tellerOf } = names;
  const namedBy = (claim: Entry | ProfileUpdate) => ("isCreation" in claim ? tellerOf(claim) : nameOf(claim));

  const clickRows = new Map<string, Entry>();
  for (const entry of told.entries) if (entry.type === "click" && entry.clickId !== undefined) clickRows.set(entry.clickId, entry);
  const clicks = new Map(told.pinnedClicks);
  for (const [clickId, click] of clickRows) {
    const customer = nameOf(click);
    if (customer !== undefined && !clicks.has(clickId)) clicks.set(clickId, customer);
  }
  for (const claim of claims) {
    const customer = namedBy(claim);
    if (claim.clickId !== undefined && customer !== undefined && !clicks.has(claim.clickId)) clicks.set(claim.clickId, customer);
  }
  const byClick = (clickId: string | undefined) => (clickId === undefined ? undefined : clicks.get(clickId));

  const visitors = new Map<string, number>();
  for (const claim of claims) {
    if (claim.visitorId === undefined || visitors.has(claim.visitorId)) continue;
    if (!("isCreation" in claim) && claim.erasedCustomerId !== undefined) continue; // an erased customer's entry leads no visitor to anybody
    const customer = namedBy(claim) ?? byClick(claim.clickId);
    if (customer !== undefined && !isErased(customer)) visitors.set(claim.visitorId, customer);
  }
  const byVisitor = (visitorId: string | undefined) => (visitorId === undefined ? undefined : visitors.get(visitorId));

  const sales = new Map<string, Entry>();
  for (const entry of told.entries) if (entry.type === "sale") sales.set(entry.key, entry);
  const own = (entry: Entry): number | undefined => {
    const sale = entry.type === "refund" ? sales.get(entry.sent.orderId ?? "") : undefined;
    if (sale) return own(sale); // also when it was somebody's who was erased before the sale came
    if (entry.erasedCustomerId !== undefined) return entry.erasedCustomerId;
    const click = entry.clickId === undefined ? undefined : clickRows.get(entry.clickId);
    return nameOf(entry) ?? byClick(entry.clickId) ?? byVisitor(entry.visitorId) ?? click?.erasedCustomerId ?? byVisitor(click?.visitorId);
  };
  const ownerOf = new Map<Entry, number>();
  for (const entry of told.entries) {
    const owner = own(entry);
    if (owner !== undefined) ownerOf.set(entry, owner);
  }
  return { ownerOf, tellerOf, ownerOfName: names.ownerOf, aliasesOf: names.aliasesOf, clicks, visitors };
}

// How do tests ask for the attribution of everybody, and what do they tell before?
import type { TotalsAnswer } from "../../../src/report/attribution/totals-answer.ts";
import type { World } from "../../harness.ts";
import { report } from "../ask.ts";

export const ask = (world: World, query: string) =>
  report<TotalsAnswer>(world, "/customers/attribution", `/customers/attribution?${query}`);

export const click = (externalId: string, clickId: string, day: string, source: string | null) => ({
  type: "click",
  clickId,
  timestamp: `2026-${day}T00:00:00Z`,
  externalId,
  source,
});
export const sale = (externalId: string, orderId: string, day: string, value: number, more: object = {}) => ({
  type: "sale",
  orderId,
  timestamp: `2026-${day}T00:00:00Z`,
  externalId,
  value,
  ...more,
});

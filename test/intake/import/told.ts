// In which words do stories of imports say what is told?
import type { Sent } from "../../oracle/log.ts";
import type { Item } from "./batches.ts";

type What = Item["what"];
export const NOW = Date.parse("2021-11-20T10:00:00Z");
export const at = (day: number) => `2021-07-${String(day).padStart(2, "0")}T10:00:00Z`;
export const sale = (orderId: string, more: Partial<Sent> = {}): Sent => ({ type: "sale", timestamp: at(10), orderId, value: 10, ...more });
export const lead = (eventId: string, more: Partial<Sent> = {}): Sent => ({
  type: "lead",
  timestamp: at(5),
  eventId,
  event: "signup",
  ...more,
});
export const click = (clickId: string, more: Partial<Sent> = {}): Sent => ({ type: "click", timestamp: at(1), clickId, ...more });
export const by = (ways: number | readonly number[], ...whats: What[]): Item[] =>
  whats.map((what) => ({ now: NOW, what, ways: typeof ways === "number" ? [ways] : ways }));
export const OTHERS = 0;

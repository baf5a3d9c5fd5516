// Which of a customer's entries and creations are touches? (definitions §9)
import { byLogOrder, type Entry, type ProfileUpdate } from "./log.ts";

export type Touch = Entry | ProfileUpdate;
const SAME_VISIT = 30 * 60_000;

export const typeOf = (item: Touch) => ("isCreation" in item ? "creation" : item.type);
export const linkOf = (item: Touch) => ("isCreation" in item ? undefined : item.link);

/** The touches among these entries and creations of one customer, in log order. */
export function touchesAmong(items: readonly Touch[]): Touch[] {
  const saying = items
    .filter((item) => typeOf(item) !== "refund")
    .filter((item) => typeOf(item) === "click" || item.source !== undefined || item.campaign !== undefined || linkOf(item) !== undefined);
  return saying
    .filter((item) => {
      if (typeOf(item) === "click") return true;
      if (item.clickId !== undefined) return false;
      return !saying.some(
        (other) =>
          byLogOrder(other, item) < 0 &&
          item.at - other.at <= SAME_VISIT &&
          other.source === item.source &&
          other.campaign === item.campaign,
      );
    })
    .sort(byLogOrder);
}

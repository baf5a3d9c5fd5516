// Which conditions do filters make? For tests that ask lists without a request.
import type { Condition } from "../../src/customer/list/condition.ts";
import { type Filters, readFilters } from "../../src/customer/list/filter.ts";

/** The conditions of filters; throws with what is wrong with them. */
export function toConditions(filters: Filters, context: Parameters<typeof readFilters>[1]): Condition[] {
  const read = readFilters(filters, context);
  if ("details" in read) throw new Error(JSON.stringify(read.details));
  return read.value;
}

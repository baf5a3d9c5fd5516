// How are all customers who meet filters sent as CSV? In stretches, while others read and write, so that no transaction is long and little is held in memory.
import { csvHead } from "../../http/representation.ts";
import { toCsvRow } from "../../value/csv.ts";
import { Customer, type ToCustomer } from "../to-customer.ts";
import type { ListRequest } from "./list-customers.ts";
import type { Lists } from "./lists.ts";
import type { CursorPosition } from "./sort.ts";

/** How many customers one step passes. Requests come in between. */
const STRETCH = 500;
export const CUSTOMER_COLUMNS: readonly string[] = Object.keys(Customer.properties);

/**
 * All customers who meet the conditions, in order, as a CSV file. Each is read at some moment while the file is sent. One who moves in the
 * order meanwhile, as in that of `ltv`, may be missing or there twice.
 */
export function streamCustomers(
  { lists, toCustomer }: { readonly lists: Pick<Lists, "stretch">; readonly toCustomer: ToCustomer },
  request: Pick<ListRequest, "conditions" | "sortBy" | "sortOrder">,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let after: CursorPosition | undefined;
  return new ReadableStream({
    start(controller) {
      controller.enqueue(encoder.encode(csvHead(CUSTOMER_COLUMNS)));
    },
    async pull(controller) {
      for (;;) {
        const { customers, end } = await lists.stretch({ ...request, after, size: STRETCH });
        after = end;
        const records = customers.map(({ row }) => toCsvRow(toCustomer(row), CUSTOMER_COLUMNS));
        if (records.length > 0) controller.enqueue(encoder.encode(records.join("")));
        if (end === undefined) return controller.close();
        await new Promise<void>((resume) => setTimeout(resume, 0));
        if (records.length > 0) return;
      }
    },
  });
}

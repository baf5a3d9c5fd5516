// Is a customer with 100,000 sales as cheap as one with 10: their next sale, and their record after it?
import { openEvents } from "../../src/intake/events.ts";
import { openBench } from "./load.ts";
import { alternate, judge, type Line, timed } from "./measure.ts";
import { AUTHORIZED, copyDatabase, startOurs } from "./program.ts";
import type { Progress } from "./progress.ts";
import { ENDS_AT } from "./world.ts";

const MANY = 100_000;
const FEW = 10;
const BATCH = 1000;

const saleOf = (externalId: string, place: number) => ({
  type: "sale",
  externalId,
  orderId: `${externalId}-${place}`,
  value: 10 + (place % 100),
  timestamp: ENDS_AT + place * 1000,
});

export async function heavyLine(path: string, progress: Progress): Promise<Line> {
  const copy = copyDatabase(path, "ours.db");
  const context = openBench(copy);
  const events = openEvents(context);
  context.database.sqlite.pragma("synchronous = OFF");
  for (let from = 0; from < MANY; from += BATCH) {
    progress("sales of one customer", from, MANY);
    const results = events.many(Array.from({ length: BATCH }, (_, place) => saleOf("heavy", from + place)));
    if (results.some((result) => "error" in result)) throw new Error("a sale was refused");
  }
  events.many(Array.from({ length: FEW }, (_, place) => saleOf("light", place)));
  await context.ledger.catchUp();
  await context.close();

  const server = await startOurs(copy);
  let next = MANY;
  const once = (externalId: string) =>
    timed(async () => {
      const body = JSON.stringify(saleOf(externalId, next++));
      await fetch(`${server.url}/events`, { method: "POST", headers: { ...AUTHORIZED, "content-type": "application/json" }, body });
      const customer = await fetch(`${server.url}/customers/ext_${externalId}`, { headers: AUTHORIZED });
      if (!customer.ok) throw new Error(`the customer answered ${customer.status}`);
      await customer.json();
    });
  const figures = await alternate(
    21,
    () => once("heavy"),
    () => once("light"),
  );
  await server.stop();
  const what = "one customer with 100,000 sales: the next POST and the GET after it";
  return judge({ part: "intake", what, unit: "ms", against: "one with 10" }, figures, { of: "share", most: 3 });
}

// Which reports does another thread read? Those of customers with very many entries, and the attribution of very many keys.
import { expect, test } from "bun:test";
import { openEmbeddedEngine } from "../../src/report/embedded-engine.ts";
import type { LargeAnswer, LargeRequest } from "../../src/report/large-thread.ts";
import { openWorld } from "../harness.ts";

const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
const RANGE = { startAt: undefined, endAt: undefined };

/** Gives what was asked of the thread, by the kinds of the questions. */
async function askedBeside(entries: readonly object[], externalId: string): Promise<string[]> {
  const world = openWorld();
  const { workspace } = world;
  for (let from = 0; from < entries.length; from += 1000) await world.request("POST", "/events", entries.slice(from, from + 1000));
  await workspace.ledger.catchUp();
  const asked: string[] = [];
  const beside = {
    ask(request: LargeRequest): Promise<LargeAnswer> {
      asked.push(...Object.keys(request).filter((name) => name !== "config"));
      return Promise.resolve(undefined);
    },
    close: () => Promise.resolve(),
  };
  const engine = openEmbeddedEngine(workspace, beside);
  const customerId = Number(
    workspace.database.sqlite
      .prepare<[string], number>("SELECT customer_id FROM external_id WHERE external_id = ?")
      .pluck()
      .get(externalId),
  );
  await engine.journey({ customerId, ...RANGE, summaryOnly: true, limit: 10, after: undefined });
  await engine.attribution({ customerId, model: "last", windowDays: 30, explain: false });
  for (const windowDays of [workspace.config.attributionWindowDays, 1])
    await engine.attributionTotals({ groupBy: "link", model: "last", compare: [], windowDays, ...RANGE, limit: 10, explain: false });
  await world.close();
  return asked;
}

const click = (externalId: string, more: (index: number) => object) => (index: number) => ({
  type: "click",
  clickId: `${externalId}-${index}`,
  externalId,
  timestamp: 1_770_000_000 + index,
  ...more(index),
});

test("those of a customer with 500 entries, but not of one with fewer", async () => {
  expect(
    await askedBeside(
      many(
        500,
        click("ann", () => ({})),
      ),
      "ann",
    ),
  ).toEqual(["journey", "attribution"]);
  expect(
    await askedBeside(
      many(
        499,
        click("ann", () => ({})),
      ),
      "ann",
    ),
  ).toEqual([]);
});

test("the attribution of a thousand links in the workspace's window; another window is computed in steps as always", async () => {
  const linked = (count: number) => [
    click("ann", () => ({}))(0),
    ...many(
      count,
      click("bob", (index) => ({ link: `https://shop.example/${index}` })),
    ),
  ];
  expect(await askedBeside(linked(1000), "ann")).toEqual(["totals"]);
  expect(await askedBeside(linked(900), "ann")).toEqual([]);
});

// Does the thread beside the requests' answer as they would themselves, and is it there again when it died?

import { afterAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "../../db/database.ts";
import { type ListRequest, openCustomerList } from "../../src/customer/list/list-customers.ts";
import { openLists } from "../../src/customer/list/lists.ts";
import { SORT_NAMES } from "../../src/customer/list/sort.ts";
import { toApiError } from "../../src/http/failure.ts";
import { ApiError } from "../../src/value/error.ts";
import { openWorld } from "../harness.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { toConditions } from "./conditions.ts";

const folder = temporaryFolder();

const THREAD = new URL("../../src/customer/list/list-thread.ts", import.meta.url);
const EVERYBODY: ListRequest = { conditions: [], sortBy: "createdAt", sortOrder: "desc", limit: 20, offset: 0 };

/** A world of 40 customers in a file, and the lists of it; `thread`: which module is the thread. */
async function openFile(name: string, thread = THREAD) {
  const path = join(folder, name);
  const world = openWorld({ config: { databasePath: path } });
  for (let n = 0; n < 40; n++) {
    const person = { externalId: `user_${n}`, email: `user_${n}@example.com`, name: n % 2 ? "Ann Berg" : "Émile [*?]" };
    await world.request("POST", "/customers", { ...person, source: n % 3 ? "google" : "bing" });
    if (n % 4 === 0) await world.request("POST", "/events", { type: "sale", externalId: `user_${n}`, orderId: `o${n}`, value: n });
  }
  await world.workspace.ledger.ensureFresh();
  const lists = openLists({ database: world.workspace.database, path, thread });
  const close = async () => {
    await lists.close();
    await world.workspace.lists.close();
    world.close();
  };
  return { world, lists, path, close };
}

const FILTERS = [
  { source: "google" },
  { source: "google", paying: true },
  { minLtv: 10, source: "bing" },
  { search: "user_3" },
  { search: "é" },
  { search: "émile [*?]" },
  { search: "an" },
  { search: "user_12@example.com" },
  { search: "berg", source: "bing" },
  { activePeriod: 0 },
  { activeIn: "2026-03", minSales: 1 },
];

describe("the thread of lists", async () => {
  const { world, lists, close } = await openFile("same.db");
  afterAll(close);
  const here = openCustomerList(world.workspace.database.sqlite);

  for (const filters of FILTERS)
    test(`answers ${JSON.stringify(filters)} as it would be answered here`, async () => {
      const conditions = toConditions(filters, world.workspace);
      for (const sortBy of SORT_NAMES)
        for (const offset of [0, 7, 1000]) {
          const question = { ...EVERYBODY, conditions, sortBy, offset };
          expect(await lists.list(question)).toEqual(here.list(question));
        }
      expect(await lists.count(conditions)).toBe(here.count(conditions));
      expect(here.count(conditions)).toBe(here.list({ ...EVERYBODY, conditions, limit: 100 }).customers.length);
    });

  test("is not asked what is found at once", () => {
    expect(lists.list(EVERYBODY)).not.toBeInstanceOf(Promise);
    expect(lists.count([])).toBe(40);
    expect(lists.list({ ...EVERYBODY, conditions: toConditions({ source: "bing" }, world.workspace) })).toBeInstanceOf(Promise);
  });

  test("sees what was stored before it was asked", async () => {
    const conditions = toConditions({ search: "late comer" }, world.workspace);
    expect(await lists.count(conditions)).toBe(0);
    await world.request("POST", "/customers", { externalId: "late", name: "Late Comer" });
    await world.workspace.ledger.ensureFresh();
    expect(await lists.count(conditions)).toBe(1);
  });

  test("answers all who ask at once, each their own question", async () => {
    const counts = Array.from({ length: 30 }, (_, n) => lists.count(toConditions({ search: `user_${n}@` }, world.workspace)));
    expect(await Promise.all(counts)).toEqual(counts.map(() => 1));
  });

  test("has too much to do: 503 for those who come then", async () => {
    const conditions = toConditions({ search: "user_1@" }, world.workspace);
    const outcomes = await Promise.allSettled(Array.from({ length: 150 }, () => lists.count(conditions)));
    const refused = outcomes.flatMap((each) => (each.status === "rejected" ? [each.reason as ApiError] : []));
    expect(refused.map(({ code }) => code)).toEqual(refused.map(() => "SERVICE_UNAVAILABLE"));
    expect([refused.length, outcomes.length - refused.length]).toEqual([50, 100]);
  });
});

describe("a thread that fails", () => {
  test("is one 503, and started again for the next question", async () => {
    const fragile = join(folder, "fragile.ts");
    const mark = join(folder, "failed-once");
    writeFileSync(
      fragile,
      `import { existsSync, writeFileSync } from "node:fs";
       self.onmessage = () => {
         if (existsSync(${JSON.stringify(mark)})) return self.postMessage({ answer: 7 });
         writeFileSync(${JSON.stringify(mark)}, "");
         process.exit(1);
       };`,
    );
    const { world, lists, close } = await openFile("fragile.db", new URL(`file://${fragile}`));
    const conditions = toConditions({ source: "bing" }, world.workspace);
    const failure = await Promise.resolve(lists.count(conditions)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApiError);
    expect((failure as ApiError).code).toBe("SERVICE_UNAVAILABLE");
    expect(await lists.count(conditions)).toBe(7);
    await close();
  });

  test("because the file cannot be opened says so as the database itself would", async () => {
    const database = openDatabase(":memory:");
    const lists = openLists({ database, path: join(folder, "gone.db"), thread: THREAD });
    const question = { ...EVERYBODY, conditions: [{ sql: "c.sales > 0", values: {} }] };
    const failure = await Promise.resolve(lists.list(question)).catch((error: unknown) => error);
    expect(toApiError(failure).code).toBe("SERVICE_UNAVAILABLE");
    await lists.close();
    database.close();
  });

  test("because it is stopped answers nothing more", async () => {
    const { world, lists, close } = await openFile("stopped.db");
    const conditions = toConditions({ source: "bing" }, world.workspace);
    expect(await lists.count(conditions)).toBe(10);
    await close();
    const failure = await Promise.resolve(lists.count(conditions)).catch((error: unknown) => error);
    expect((failure as ApiError).code).toBe("SERVICE_UNAVAILABLE");
  });
});

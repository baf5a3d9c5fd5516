// What does an undo have to put right? One story for each rule: it must end as if the import had never been.
import { describe, expect, test } from "bun:test";
import type { Sent } from "../../oracle/log.ts";
import { compareAnswers, type Item, openBatches } from "./batches.ts";
import { at, by, click, lead, OTHERS, sale } from "./told.ts";

/** Tells the items, undoes imports, and expects a world that never had them. */
async function expectNever(items: readonly Item[], undone: readonly number[]): Promise<void> {
  const [all, others] = [openBatches("UTC"), openBatches("UTC")];
  for (const [index, item] of items.entries()) {
    const later = { ...item, now: item.now + index };
    await all.tell(later);
    await others.tell(later, (way) => !undone.includes(way));
  }
  for (const id of undone) await all.undo(id);
  expect(compareAnswers(await others.answers(), await all.answers())).toEqual([]);
  expect(await all.verify()).toEqual([]);
  await all.world.close();
  await others.world.close();
}

const STORIES: readonly (readonly [what: string, items: readonly Item[], undone?: readonly number[]])[] = [
  [
    "nothing is left of an import alone",
    by(1, click("c", { externalId: "ann", email: "a@x.example", aliases: ["s:1"], visitorId: "v" }), sale("o", { externalId: "ann" })),
  ],
  ["what came by another way too stays", by([1, OTHERS], sale("o", { externalId: "ann" }))],
  ["what came by another import too stays", by([1, 2], sale("o", { externalId: "ann" }))],
  ["and goes with that import", by([1, 2], sale("o", { externalId: "ann" })), [1, 2]],
  ["whichever of them is undone first", by([1, 2], sale("o", { externalId: "ann" })), [2, 1]],
  [
    "a visit that an import gave to somebody is nobody's again, and what it led to",
    [
      ...by(
        OTHERS,
        click("c", { visitorId: "v" }),
        click("d", { visitorId: "v" }),
        lead("l", { clickId: "d" }),
        lead("m", { externalId: "bob" }),
      ),
      ...by(1, lead("n", { externalId: "ann", clickId: "c" })),
    ],
  ],
  [
    "a click that an import claimed first goes to the next in log order",
    [
      ...by(OTHERS, click("c"), lead("l", { externalId: "bob", clickId: "c", timestamp: at(6) })),
      ...by(1, lead("n", { externalId: "ann", clickId: "c" })),
    ],
  ],
  [
    "the click itself is gone, so its visitor leads nowhere",
    [
      ...by(OTHERS, lead("l", { clickId: "c" }), lead("m", { externalId: "ann", visitorId: "v" })),
      ...by(1, click("c", { visitorId: "v" })),
    ],
  ],
  [
    "an email that an import brought first is the next one's",
    [
      ...by(OTHERS, sale("o", { email: "a@x.example" }), lead("l", { externalId: "bob", email: "a@x.example", timestamp: at(6) })),
      ...by(1, lead("n", { externalId: "ann", email: "a@x.example" })),
    ],
  ],
  [
    "a customer who was known by an email is so again",
    [...by(OTHERS, sale("o", { email: "a@x.example" })), ...by(1, lead("n", { externalId: "ann", email: "a@x.example" }))],
  ],
  [
    "an alias leads to nobody's externalId any more",
    [
      ...by(OTHERS, sale("o", { aliases: ["s:1"], email: "b@x.example" }), sale("p", { aliases: ["s:1", "s:2"] })),
      ...by(1, lead("n", { externalId: "ann", aliases: ["s:1"] })),
    ],
  ],
  [
    "a refund whose sale is gone counts nothing, and is of whom it names",
    [
      ...by(1, sale("o", { externalId: "ann" })),
      ...by(OTHERS, { type: "refund", timestamp: at(11), orderId: "o", eventId: "r", value: 4, externalId: "zed" } as Sent),
    ],
  ],
  [
    "a refund of an import takes nothing any more",
    [
      ...by(OTHERS, sale("o", { externalId: "ann" })),
      ...by(1, { type: "refund", timestamp: at(11), orderId: "o", eventId: "r", value: 10 } as Sent),
    ],
  ],
  [
    "a status is said no more",
    [...by(OTHERS, sale("o", { externalId: "ann" })), ...by(1, { op: "status", orderId: "o", status: "fraud", statusAt: at(12) })],
  ],
  [
    "a status that another way said too stays",
    [
      ...by(OTHERS, sale("o", { externalId: "ann" })),
      ...by([1, OTHERS], { op: "status", orderId: "o", status: "fraud", statusAt: at(12) }),
    ],
  ],
  [
    "a rate is what it was before",
    [
      ...by(OTHERS, sale("o", { externalId: "ann", currency: "EUR" }), { op: "rate", currency: "EUR", date: "2021-07-01", rate: "2" }),
      ...by(1, { op: "rate", currency: "EUR", date: "2021-07-01", rate: "3" }),
    ],
  ],
  [
    "a rate of two imports goes with the second that is undone",
    [
      ...by(OTHERS, sale("o", { externalId: "ann", currency: "EUR" })),
      ...by([2, 1], { op: "rate", currency: "EUR", date: "2021-07-01", rate: "3" }),
    ],
    [1, 2],
  ],
  [
    "a rate that was set otherwise since stays",
    [
      ...by(OTHERS, sale("o", { externalId: "ann", currency: "EUR" })),
      ...by([1, OTHERS], { op: "rate", currency: "EUR", date: "2021-07-01", rate: "3" }),
    ],
  ],
  [
    "a call that told of an imported customer makes the customer",
    [
      ...by(1, lead("n", { externalId: "ann" })),
      ...by(OTHERS, { op: "customer", externalId: "ann", createdAt: at(2), source: "news", name: "Ann" }),
    ],
  ],
  [
    "but not one whom another way had told of before",
    [
      ...by(1, lead("n", { externalId: "ann" })),
      ...by(OTHERS, lead("l", { externalId: "ann" }), { op: "customer", externalId: "ann", createdAt: at(2), source: "news", name: "Ann" }),
    ],
  ],
  [
    "a call that made a customer because an import had given the email away joins who is known by it",
    [
      ...by(OTHERS, sale("o", { email: "a@x.example" })),
      ...by(1, lead("n", { externalId: "ann", email: "a@x.example" })),
      ...by(OTHERS, { op: "customer", externalId: "bob", email: "a@x.example", createdAt: at(2), source: "news" }),
    ],
  ],
  [
    "the same of an alias that came by two steps",
    [
      ...by(OTHERS, sale("o", { aliases: ["s:1"], email: "a@x.example" })),
      ...by(1, lead("n", { externalId: "ann", aliases: ["s:1"] })),
      ...by(OTHERS, { op: "customer", externalId: "bob", email: "a@x.example", createdAt: at(2), source: "news" }),
    ],
  ],
  [
    "a call that joined whom an import alone knew makes its customer",
    [
      ...by(1, sale("o", { email: "a@x.example" })),
      ...by(OTHERS, { op: "customer", externalId: "bob", email: "a@x.example", createdAt: at(2), source: "news" }),
    ],
  ],
  [
    "and a call that told of an imported customer joins who would have become part of them",
    [
      ...by(OTHERS, sale("o", { email: "a@x.example" })),
      ...by(1, lead("n", { externalId: "bob" })),
      ...by(OTHERS, { op: "customer", externalId: "bob", email: "a@x.example", createdAt: at(2), source: "news" }),
    ],
  ],
  [
    "calls that followed from such a call are decided anew, too",
    [
      ...by(OTHERS, sale("o", { email: "a@x.example" })),
      ...by(1, lead("n", { externalId: "ann", email: "a@x.example" })),
      ...by(
        OTHERS,
        { op: "customer", externalId: "bob", email: "a@x.example", aliases: ["s:1"], createdAt: at(2), source: "news" },
        { op: "customer", externalId: "cy", aliases: ["s:1"], createdAt: at(3), source: "mail" },
      ),
    ],
  ],
  [
    "somebody who is there by a visit alone is there for a later call",
    [
      ...by(OTHERS, lead("l", { email: "a@x.example", aliases: ["s:1"] })),
      ...by(OTHERS, { op: "customer", externalId: "fay", email: "a@x.example", visitorId: "v" }),
      ...by(OTHERS, sale("o", { externalId: "eve", email: "a@x.example", timestamp: at(2) }), click("c", { visitorId: "v" })),
      ...by(1, sale("p", { externalId: "eve", aliases: ["s:1"] })),
      ...by(OTHERS, { op: "customer", externalId: "fay", aliases: ["s:1"], source: "news", createdAt: at(9) }),
    ],
  ],
  [
    "a refund whose sale is gone makes the customer whom it names, so a later call does not",
    [
      ...by(1, sale("o", { externalId: "ann" })),
      ...by(OTHERS, { type: "refund", timestamp: at(11), orderId: "o", eventId: "r", value: 4, externalId: "zed" } as Sent, {
        op: "customer",
        externalId: "zed",
        createdAt: at(2),
        source: "news",
      }),
    ],
  ],
  [
    "the profile is what others told",
    [
      ...by(OTHERS, lead("l", { externalId: "ann", name: "Ann" })),
      ...by(
        1,
        { op: "customer", externalId: "ann", name: "Bo", country: "FR" },
        lead("n", { externalId: "ann", name: "Cy", timestamp: at(20) }),
      ),
    ],
  ],
];

describe("an import that is undone", () => {
  test.each(STORIES.map(([what, items, undone = [1]]) => [what, items, undone] as const))("%s", (_, items, undone) =>
    expectNever(items, undone),
  );

  test("gives the ids of its entries to nobody else", async () => {
    const batches = openBatches("UTC");
    const { sqlite } = batches.world.workspace.database;
    const last = sqlite.prepare("SELECT max(id) FROM entry").pluck();
    for (const item of by(1, ...["o", "p", "q"].map((orderId) => sale(orderId, { externalId: "ann" })))) await batches.tell(item);
    const before = Number(last.get());
    await batches.undo(1);
    for (const item of by(OTHERS, sale("r", { externalId: "ann" }))) await batches.tell(item);
    expect(last.get()).toBe(before + 1);
    await batches.world.close();
  });

  test("leaves no name of those whom it alone told of", async () => {
    const batches = openBatches("UTC");
    const { database } = batches.world.workspace;
    const who = { externalId: "Marked-1", email: "marked-2@x.example", aliases: ["marked-3"], visitorId: "marked-4", name: "Marked-5" };
    for (const item of by(1, click("marked-6", who), sale("o", who), lead("l", { email: "marked-7@x.example" }))) await batches.tell(item);
    await batches.undo(1);
    await batches.world.workspace.ledger.catchUp();
    for (const table of ["entry", "entry_alias", "profile_update", "customer", "external_id", "claim", "pending_claim", "customer_search"])
      expect(JSON.stringify(database.sqlite.prepare(`SELECT * FROM ${table}`).all()).toLowerCase()).not.toContain("marked");
    await batches.world.close();
  });

  test("takes the figures of somebody along who was erased meanwhile", async () => {
    const batches = openBatches("UTC");
    const { database } = batches.world.workspace;
    const items = by(
      1,
      click("c", { externalId: "ann", visitorId: "v" }),
      sale("o", { externalId: "ann", clickId: "c" }),
      sale("p", { email: "b@x.example", clickId: "c" }),
    );
    for (const item of items) await batches.tell(item);
    expect((await batches.world.request("DELETE", "/customers/ext_ann")).status).toBe(200);
    await batches.undo(1);
    expect(await batches.verify()).toEqual([]);
    const totals = (await batches.world.request<{ totals: object }>("GET", "/customers/cohorts?group_by=month")).body.data.totals;
    expect(totals).toMatchObject({ customers: 0, sales: 0, revenue: 0 });
    expect(
      database.sqlite
        .prepare("SELECT (SELECT count(*) FROM entry) + (SELECT count(*) FROM pinned_click) + (SELECT count(*) FROM claim)")
        .pluck()
        .get(),
    ).toBe(0);
    await batches.world.close();
  });

  test("is whole after every step, although it stops and others write in between", async () => {
    const [all, others] = [openBatches("UTC"), openBatches("UTC")];
    const items = by(
      1,
      ...Array.from({ length: 12 }, (_, n) =>
        sale(`i-${n}`, { externalId: `u-${n % 3}`, email: `e-${n % 2}@x.example`, visitorId: `v-${n % 4}` }),
      ),
    );
    for (const item of [...by(OTHERS, click("c", { visitorId: "v-1" }), sale("a", { email: "e-1@x.example" })), ...items]) {
      await all.tell(item);
      await others.tell(item, (way) => way !== 1);
    }
    for (let n = 0; n < 10; n += 1) {
      await all.undoSome(1);
      const late = by(
        OTHERS,
        sale(`late-${n}`, { externalId: `u-${n % 4}`, visitorId: `v-${n % 4}`, timestamp: at(11 + (n % 9)) }),
      )[0] as Item;
      await all.tell(late);
      await others.tell(late);
      const faults = await all.verify();
      expect(faults).toEqual([]);
    }
    await all.undo(1);
    expect(compareAnswers(await others.answers(), await all.answers())).toEqual([]);
    await all.world.close();
    await others.world.close();
  });
});

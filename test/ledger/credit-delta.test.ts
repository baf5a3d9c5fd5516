// Does what is noted for the totals of attribution get into them, in several steps, without a change of any answer?
import { expect, test } from "bun:test";
import { openWorld } from "../harness.ts";
import { record } from "../record-entries.ts";
import { ask, click, sale } from "../report/attribution/ask-totals.ts";

test("adding to the totals changes no answer, after any step", async () => {
  const world = openWorld();
  const { ledger, database } = world.workspace;
  const day = (n: number) => `01-${String(1 + (n % 28)).padStart(2, "0")}`;
  await record(
    world,
    Array.from({ length: 500 }, (_, n) => [
      { ...click(`c${n % 50}`, `k${n}`, day(n), `s${n}`), campaign: `campaign${n % 300}`, link: `l${n % 9}` },
      sale(`c${n % 50}`, `o${n}`, day(n + 3), 1 + n),
    ]).flat(),
  );
  const questions = ["", "group_by=campaign&model=linear", "group_by=link&model=first&start=2026-01-05&end=2026-01-20"];
  const answers = () => Promise.all(questions.map((query) => ask(world, `limit=1000&${query}`)));
  const noted = database.sqlite.prepare<[], number>("SELECT count(*) FROM credit_delta").pluck();
  const wanted = (await answers()).map(({ rows, totals }) => ({ rows, totals }));
  let steps = 0;
  for (; ledger.credit.fold(); steps++) expect((await answers()).map(({ rows, totals }) => ({ rows, totals }))).toEqual(wanted);
  expect(steps).toBeGreaterThan(1);
  expect(noted.get()).toBe(0);
  world.close();
});

test("a report that cannot add all that is noted is behind, and what another process has noted is added too", async () => {
  const world = openWorld({ readWaitsMs: 0 });
  const { ledger, database } = world.workspace;
  const note = database.sqlite.prepare("INSERT INTO credit_delta (sums, noted_at) VALUES (x'', ?)");
  for (let n = 0; n < 128; n++) note.run(1000);
  expect(ledger.behind()).toBeUndefined();
  for (let n = 0; n < 3; n++) note.run(2000 + n);
  expect(ledger.behind()).toEqual({ entries: 3, asOfAt: 2000 });
  await ledger.catchUp();
  expect(ledger.behind()).toBeUndefined();
  expect(database.sqlite.prepare("SELECT count(*) FROM credit_delta").pluck().get()).toBe(0);
  world.close();
});

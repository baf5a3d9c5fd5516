// Does a standby have what its primary has, row by row, whatever happens there, however late and in however small pages it reads?
import { expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { openWorld, type World } from "../harness.ts";
import { chanceOf } from "../oracle/arrange.ts";
import { type RandomLog, randomLog } from "../oracle/random-log.ts";
import { Api } from "../oracle/through-api.ts";
import { World as Oracle } from "../oracle/world.ts";
import { verifyWorld } from "../verify/world.ts";
import { openStandbyOf } from "./pair.ts";
import { expectSame, expectSameAnswers } from "./same.ts";

const RUNS = Number(process.env.STANDBY_RUNS ?? 2);
const SEED = Number(process.env.STANDBY_SEED ?? 1);
setDefaultTimeout(180_000 + RUNS * 10_000);
console.log(`standby: STANDBY_RUNS=${RUNS} STANDBY_SEED=${SEED}`);

const SETTINGS = { currency: "USD", attributionWindowDays: 30 };

/** Sends a log, and calls `between` after each step. */
async function tell(world: World, { timezone, segments }: RandomLog, between: () => Promise<unknown>): Promise<void> {
  const key = world.workspace.config.adminKey ?? "";
  const api = new Api({
    key,
    setNow: world.clock.set,
    async handle(request) {
      const again = request.clone() as Request;
      const response = await world.app.handle(request);
      if (response.status !== 503) return response;
      await world.workspace.ledger.catchUp(); // entries are changing hands
      return world.app.handle(again);
    },
  });
  const oracle = new Oracle({ ...SETTINGS, timezone, now: 0 });
  for (const { now, entries, statuses, call } of segments) {
    oracle.apply({ op: "clock", now });
    world.clock.set(now);
    for (let from = 0; from < entries.length; from += 5) {
      const batch = entries.slice(from, from + 5);
      for (const entry of batch) oracle.apply({ op: "event", ...entry });
      await api.events(batch, true);
      await between();
    }
    for (const status of [...statuses, call]) {
      await api.apply(status, oracle);
      oracle.apply(status);
      await between();
    }
  }
}

const logs = fc.sample(randomLog, { numRuns: RUNS, seed: SEED });
for (const [run, log] of logs.entries())
  test(`log ${run}: the same rows and answers, and after a promotion the numbers of the log`, async () => {
    const chance = chanceOf(SEED + run);
    const primary = openWorld({
      config: { ...SETTINGS, timezone: log.timezone },
      now: 0,
      checkAnswers: false,
      reassignAtOnce: run % 2 === 0 ? 1 : 500,
    });
    await primary.request("POST", "/events", { type: "sale", orderId: "first", externalId: "first", value: 1 });
    const pair = await openStandbyOf(primary, { checkAnswers: false });
    const { standby, keepUp } = pair;
    await tell(primary, log, async () => {
      if (chance.pick(3) === 0) await primary.workspace.ledger.catchUp();
      const dice = chance.pick(4);
      if (dice === 0) await keepUp(1 + chance.pick(20));
      if (dice === 1) await keepUp();
    });
    await primary.workspace.ledger.catchUp();
    await keepUp(1 + chance.pick(30));
    await expectSame(pair);
    await expectSameAnswers(pair);
    expect((await verifyWorld(standby)).kept).toEqual([]);
    await pair.close();
  });

// Does one sale stay one sale, however often and at the same time it is sent, even if the server is killed meanwhile?
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Drill, Faults } from "./drill.ts";
import { chanceFor } from "./seed.ts";
import { startVictim, type Victim } from "./victim.ts";
import { CLOCK } from "./writer.ts";

const SENDINGS = 1000;
const SALE = {
  type: "sale",
  orderId: "o-1",
  externalId: "ann",
  email: "ann@example.com",
  clickId: "c-1",
  visitorId: "v-1",
  timestamp: "2026-05-01T00:00:00Z",
  value: 12.34,
};

interface Result {
  id: string;
  customerId: string;
  duplicate: boolean;
}

/** Sends a request many times at once. Gives the answers; a request without an answer has none. */
async function sendAll(victim: Victim): Promise<{ status: number; data: Result }[]> {
  const sent = await Promise.allSettled(Array.from({ length: SENDINGS }, () => victim.ask<Result>("POST", "/events", SALE)));
  return sent.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
}

export const sameness: Drill = {
  name: "sameness",
  promise: "Sameness: one sale, however often it is sent",
  rounds: { full: 20, quick: 2 },
  async run({ seed, rounds, folder: base }) {
    const chance = chanceFor(seed, "sameness");
    const faults = new Faults();
    const figures = { rounds, sendings: 0, answers: 0, "said to be new": 0, "most sales in a report": 0, "kills in the middle": 0 };
    for (let round = 1; round <= rounds; round += 1) {
      const folder = join(base, String(round));
      mkdirSync(folder);
      const kills = round % 2 === 0;
      let victim = await startVictim({ folder, env: { CLOCK } });
      const answers: { status: number; data: Result }[] = [];
      if (kills) {
        const first = sendAll(victim);
        await Bun.sleep(5 + chance.pick(120));
        await victim.kill();
        answers.push(...(await first));
        figures["kills in the middle"] += 1;
        victim = await startVictim({ folder, env: { CLOCK } });
      }
      answers.push(...(await sendAll(victim)));
      const isNew = answers.filter(({ status, data }) => status === 201 && data.duplicate === false);
      const isAgain = answers.filter(({ status, data }) => status === 200 && data.duplicate === true);
      // The answer that said "new" may have died with the server.
      faults.unless(isNew.length === 1 || (kills && isNew.length === 0), `${isNew.length} sendings were answered as new`);
      faults.unless(
        isNew.length + isAgain.length === answers.length,
        `${answers.length - isNew.length - isAgain.length} answers are neither new nor duplicate`,
      );
      faults.unless(
        new Set(answers.map(({ data }) => `${data?.id} ${data?.customerId}`)).size === 1,
        "answers name different entries or customers",
      );
      const { data } = await victim.ask<{ totals: { customers: number; sales: number; grossRevenue: number } }>(
        "GET",
        "/customers/cohorts",
      );
      const { customers, sales, grossRevenue } = data.totals;
      faults.unless(
        customers === 1 && sales === 1 && grossRevenue === SALE.value,
        `the report has ${customers} customers, ${sales} sales, ${grossRevenue}`,
      );
      figures.sendings += SENDINGS * (kills ? 2 : 1);
      figures.answers += answers.length;
      figures["said to be new"] += isNew.length;
      figures["most sales in a report"] = Math.max(figures["most sales in a report"], sales);
      await victim.stop();
    }
    return { figures, faults: faults.list };
  },
};

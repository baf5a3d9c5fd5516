// What do unusual histories cost: a visitor with a million clicks who is identified at last, campaigns seen once, a sale with very many
// refunds, an import that moves every first touch?
import { rmSync } from "node:fs";
import { ensureDatabase } from "./load.ts";
import { judge, type Line, quantile, timed } from "./measure.ts";
import { openProbe } from "./probe.ts";
import { AUTHORIZED, copyDatabase, removeDatabase, runOurs, startOurs } from "./program.ts";
import type { Progress } from "./progress.ts";
import { cohortsPath } from "./reports.ts";
import { benchPath, type Size } from "./size.ts";
import { externalIdOf, STARTS_AT } from "./world.ts";

const CAMPAIGNS = 50_000;
const MOST_CLICKS = 1_000_000;
const MOST_MOVED = 100_000;
const MANY_REFUNDS = 10_000;
const FEW_REFUNDS = 10;
const REFUND_TURNS = 50;
const VISITOR = "visitor-of-many-clicks";
const NONE = { of: "none" } as const;

async function write(path: string, count: number, entryOf: (place: number) => object): Promise<void> {
  rmSync(path, { force: true }); // a writer does not shorten a file that is there
  const writer = Bun.file(path).writer();
  for (let place = 0; place < count; place++) {
    writer.write(`${JSON.stringify(entryOf(place))}\n`);
    if (place % 10_000 === 0) await writer.flush();
  }
  await writer.end();
}

/** Two sales and their refunds, in log order. */
function refundedSales(place: number): object {
  const [orderId, index] = place <= MANY_REFUNDS ? ["many_refunds", place] : ["few_refunds", place - MANY_REFUNDS - 1];
  if (index === 0) return { type: "sale", orderId, externalId: orderId, value: 1_000_000, timestamp: STARTS_AT };
  return { type: "refund", orderId, eventId: `${orderId}_${index}`, value: 1, timestamp: STARTS_AT + index * 1000 };
}

/** How long the next refund of each of them takes: the medians of the sale with many and of the one with few, in milliseconds, taken in turn. */
async function nextRefunds(url: string): Promise<[many: number, few: number]> {
  const times: Record<string, number[]> = { many_refunds: [], few_refunds: [] };
  const headers = { ...AUTHORIZED, "content-type": "application/json" };
  for (let turn = 0; turn < REFUND_TURNS; turn++)
    for (const orderId of Object.keys(times)) {
      const at = STARTS_AT + (MANY_REFUNDS + turn) * 1000;
      const body = JSON.stringify({ type: "refund", orderId, eventId: `${orderId}_next_${turn}`, value: 1, timestamp: at });
      times[orderId]?.push(await timed(() => fetch(`${url}/events`, { method: "POST", headers, body }).then((each) => each.arrayBuffer())));
    }
  return [quantile(times.many_refunds ?? [], 0.5), quantile(times.few_refunds ?? [], 0.5)];
}

/** Waits until a request succeeds. It is answered 503 while it needs derived data that is not ready. */
async function untilAnswered(url: string): Promise<void> {
  while (!(await fetch(url, { headers: AUTHORIZED }).then((response) => response.arrayBuffer().then(() => response.ok))))
    await Bun.sleep(20);
}

export async function measureExtremes(size: Size, progress: Progress): Promise<Line[]> {
  const copy = copyDatabase(await ensureDatabase(size, progress), "ours.db");
  const file = benchPath("extremes.ndjson");
  const lines: Line[] = [];
  const about = { part: "extremes", unit: "ms" } as const;
  const record = async (count: number, entryOf: (place: number) => object) => {
    await write(file, count, entryOf);
    if ((await runOurs(copy, ["import", file])) !== 0) throw new Error("the import failed");
  };
  const clicks = Math.min(MOST_CLICKS, size.entries);
  const named = (count: number) => count.toLocaleString("en");
  try {
    progress(`${named(clicks)} clicks of one visitor`);
    await record(clicks, (place) => ({
      type: "click",
      clickId: `x${place}`,
      visitorId: VISITOR,
      timestamp: STARTS_AT + place * 50,
      source: "google",
    }));
    progress(`${named(CAMPAIGNS)} campaigns seen once`);
    await record(CAMPAIGNS, (place) => ({
      type: "click",
      clickId: `y${place}`,
      externalId: `once_${place}`,
      timestamp: STARTS_AT + place * 1000,
      campaign: `once_${place}`,
    }));
    progress(`${named(MANY_REFUNDS)} refunds of one sale`);
    await record(MANY_REFUNDS + FEW_REFUNDS + 2, refundedSales);
    const server = await startOurs(copy);
    try {
      const [many, few] = await nextRefunds(server.url);
      const next = {
        ...about,
        what: `the next refund of a sale with ${named(MANY_REFUNDS)} refunds`,
        against: `a sale with ${FEW_REFUNDS}`,
      };
      lines.push(judge(next, { ours: many, peer: few }, { of: "share", most: 3 }));

      const cold = await timed(() => untilAnswered(server.url + cohortsPath("campaign")));
      lines.push(judge({ ...about, what: `cohorts by campaign with ${named(CAMPAIGNS)} campaigns seen once` }, { ours: cold }, NONE));

      progress("the visitor is named");
      const probe = openProbe(server.url, size.customers);
      const body = JSON.stringify({ type: "lead", externalId: "many_clicks", visitorId: VISITOR, event: "signup", timestamp: STARTS_AT });
      const headers = { ...AUTHORIZED, "content-type": "application/json" };
      const startedAt = performance.now();
      await fetch(`${server.url}/events`, { method: "POST", headers, body }).then((response) => response.arrayBuffer());
      const answered = performance.now() - startedAt;
      await untilAnswered(`${server.url}/customers/ext_many_clicks`);
      const moved = performance.now() - startedAt;
      const { times, refused } = await probe.stop();
      const what = `a visitor with ${named(clicks)} clicks is named`;
      lines.push(judge({ ...about, what: `${what}: POST /events` }, { ours: answered }, NONE));
      lines.push(judge({ ...about, what: `${what}: until their record is right` }, { ours: moved }, NONE));
      const note = `longest ${Math.max(...times).toFixed(0)} ms`;
      const others = { ...about, what: `${what}: GET of others meanwhile, p99`, note, wrong: refused > 0 };
      lines.push(judge(others, { ours: quantile(times, 0.99) }, { of: "ours", most: 25 }));

      const customers = Math.min(MOST_MOVED, size.customers);
      progress(`the first touch of ${named(customers)} customers moves`);
      await write(file, customers, (place) => ({
        type: "click",
        clickId: `z${place}`,
        externalId: externalIdOf(place, size.customers),
        timestamp: STARTS_AT - 1000 - place,
        source: "bing",
      }));
      const beside = openProbe(server.url, size.customers);
      const importMs = await timed(async () => {
        if ((await runOurs(copy, ["import", file])) !== 0) throw new Error("the import failed");
      });
      const { times: waited, refused: turnedAway } = await beside.stop();
      const move = `an import moves the first touch of ${named(customers)} customers`;
      lines.push(judge({ ...about, unit: "/s", what: `${move}, until derived` }, { ours: (customers / importMs) * 1000 }, NONE));
      const meanwhile = {
        ...about,
        what: `${move}: GET meanwhile, p99`,
        wrong: turnedAway > 0,
        note: `longest ${Math.max(...waited).toFixed(0)} ms`,
      };
      lines.push(judge(meanwhile, { ours: quantile(waited, 0.99) }, { of: "ours", most: 25 }));
    } finally {
      await server.stop();
    }
  } finally {
    removeDatabase(copy);
    rmSync(file, { force: true });
  }
  return lines;
}

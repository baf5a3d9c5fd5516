// Do the binary's threads run, which are entry points of their own in it: the one of lists, the two
// for customers with very many entries, and the one that moves the journal into the file?
import { afterAll, expect, test } from "bun:test";
import { connect } from "../../db/connection.ts";
import { binary, type Running, start } from "../program.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { waitUntil } from "../wait-until.ts";

const directory = temporaryFolder();
let running: Running | undefined;
afterAll(() => running?.stop());

const sale = (n: number) => ({ type: "sale", orderId: `o${n}`, externalId: `user_${n}`, name: `Ann ${n}`, source: "google", value: n });

test("a search and a filter are answered by the thread of lists, and the journal is moved into the file", async () => {
  const program = [await binary()];
  running = await start(program, directory);
  for (let batch = 0; batch < 6; batch++) {
    const sales = Array.from({ length: 1000 }, (_, n) => sale(batch * 1000 + n));
    expect((await running.call("POST", "/events", sales)).status).toBe(200);
  }
  // On a busy machine, the lists may lack some of so many sales for a while, and say so.
  const { call } = running;
  const counted = async () => ((await call("GET", "/customers/count?search=ann")).body as { data: { count: number } }).data.count;
  await waitUntil("all customers are in the lists", async () => (await counted()) === 6000, { deadlineMs: 60_000 });
  for (const query of ["search=ann", "search=user_5999", "source=google&minLtv=5000&sortBy=ltv"])
    expect(await running.call("GET", `/customers?limit=1&${query}`)).toMatchObject({ status: 200, body: { data: [{}] } });

  const sqlite = connect(`${directory}/data/regulars.db`, { mustExist: true });
  try {
    const look = sqlite.prepare<[], { log: number; checkpointed: number }>("PRAGMA wal_checkpoint(NOOP)");
    let journal = { log: 0, checkpointed: 0 }; // pages in it, and those that are in the file too
    await waitUntil(
      "the journal is in the file",
      () => {
        journal = look.get() ?? journal;
        return journal.checkpointed > 1000;
      },
      { seen: () => journal },
    );
  } finally {
    sqlite.close();
  }
});

test("the journey and the figures of a customer with very many entries are read by other threads", async () => {
  const program = [await binary()];
  running ??= await start(program, directory);
  const click = (n: number) => ({ type: "click", clickId: `c${n}`, externalId: "large", timestamp: 1_760_000_000 + n });
  for (let batch = 0; batch < 6; batch++)
    await running.call(
      "POST",
      "/events",
      Array.from({ length: 1000 }, (_, n) => click(batch * 1000 + n)),
    );
  await running.call("POST", "/events", click(-1000));
  // Without the thread, neither is answered but with 503.
  expect(await running.call("GET", "/customers/ext_large/journey?limit=1")).toMatchObject({
    status: 200,
    body: { data: { summary: { clicks: 6001 } } },
  });
  expect(await running.call("POST", "/customers/ext_large/recalculate-ltv")).toMatchObject({
    status: 200,
    body: { data: { changed: false } },
  });
});

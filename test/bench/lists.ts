// How long do lists, counts and searches take over loopback, and do they delay a read of one customer?
import { ensureDatabase } from "./load.ts";
import { judge, type Line, median, quantile, timed } from "./measure.ts";
import { openProbe } from "./probe.ts";
import { AUTHORIZED, type Running, readThrough, startOurs } from "./program.ts";
import type { Progress } from "./progress.ts";
import { FEW_CUSTOMERS, type Size } from "./size.ts";
import { random } from "./world.ts";

/** Paths that differ each time, so that none is answered from memory. */
type Question = (round: number, customers: number) => string;

const FAST: Readonly<Record<string, Question>> = {
  "first page": () => "/customers?limit=20",
  "last page": (_, customers) => `/customers?limit=20&page=${Math.ceil((customers + 2) / 20)}`,
  "first page, by ltv": () => "/customers?limit=20&sortBy=ltv",
  count: () => "/customers/count",
  "search of a few": (round, customers) => `/customers?limit=20&search=user_${String(random(round, 41) % customers).padStart(4, "0")}`,
  "search of a full name": (round) =>
    `/customers?limit=20&search=${["ann%20berg", "liam%20hart", "greta%20nor", "hiro%20lind"][round % 4]}berg`,
  "search of an email": (round, customers) => `/customers?limit=20&search=user_${random(round, 43) % customers}@example.com`,
  "one email": (round, customers) => `/customers?limit=20&email=user_${random(round, 44) % customers}@example.com`,
  "count of a search": (round, customers) => `/customers/count?search=ser_${String(random(round, 42) % customers).padStart(4, "0")}`,
};
const SLOW: Readonly<Record<string, Question>> = {
  "search that matches everybody": (round) => `/customers?limit=20&search=${["user", "ser_", "user_"][round % 3]}`,
  "search of two characters": (round) => `/customers?limit=20&search=${["li", "an", "42", "qu"][round % 4]}`,
  "search that matches many": (round) => `/customers?limit=20&search=${["berg", "example", "anders", "holm"][round % 4]}`,
  "search, last page": (_, customers) => `/customers?limit=20&search=user_&page=${Math.floor(customers / 20)}`,
  "source and paying, by ltv": (round) => `/customers?limit=20&source=google&paying=true&sortBy=ltv&page=${1 + (round % 50)}`,
  "campaign, month and least ltv": (round) =>
    `/customers?limit=20&campaign=campaign_${round % 200}&month=2023-0${1 + (round % 9)}&minLtv=100`,
  "active in a period, by last seen": (round) => `/customers?limit=20&activePeriod=${round % 12}&source=facebook&sortBy=lastSeenAt`,
  "count of a combination": (round) => `/customers/count?lead=true&minSales=2&firstTouchAfter=2023-0${1 + (round % 9)}-01`,
  "people of a curve's cell": (round) => `/customers?limit=20&month=2023-0${1 + (round % 9)}&activePeriod=${round % 12}`,
  "quiet since a month": (round) => `/customers?limit=20&lastSaleBefore=2023-0${1 + (round % 9)}-01`,
  "quiet since a month, by ltv": (round) => `/customers?limit=20&lastSaleBefore=2023-0${1 + (round % 9)}-01&sortBy=ltv`,
  "source and last sale, by last sale": (round) =>
    `/customers?limit=20&source=google&lastSaleAfter=2023-0${1 + (round % 9)}-01&sortBy=lastSaleAt`,
  "month, by last seen": (round) => `/customers?limit=20&month=2024-0${1 + (round % 9)}&sortBy=lastSeenAt&sortOrder=asc`,
  "deep page of a filter, by ltv": (round, customers) =>
    `/customers?limit=20&paying=true&sortBy=ltv&page=${Math.floor(customers / 60) + (round % 10)}`,
  "deep page of all, by last seen": (round, customers) =>
    `/customers?limit=20&sortBy=lastSeenAt&page=${Math.floor(customers / 40) + (round % 10)}`,
  "deep page of a filter": (round, customers) => `/customers?limit=20&paying=true&page=${Math.floor(customers / 60) + (round % 10)}`,
};

/** The requests of each kind that come first and are not timed. */
const WARM_UP = 5;
const FAST_ROUNDS = 200;
const SLOW_ROUNDS = 100;

async function ask(server: Running, path: string): Promise<number> {
  return timed(async () => {
    const response = await fetch(server.url + path, { headers: AUTHORIZED });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 200)}`);
  });
}

async function fastLines(ours: Running, few: Running, size: Size): Promise<Line[]> {
  const lines: Line[] = [];
  for (const [what, question] of Object.entries(FAST)) {
    const [times, fewTimes]: [number[], number[]] = [[], []];
    for (let round = -WARM_UP; round < FAST_ROUNDS; round++) {
      const [a, b] = [
        await ask(ours, question(Math.abs(round), size.customers)),
        await ask(few, question(Math.abs(round), FEW_CUSTOMERS.customers)),
      ];
      if (round < 0) continue;
      times.push(a);
      fewTimes.push(b);
    }
    const about = { part: "lists", unit: "ms" } as const;
    lines.push(judge({ ...about, what: `${what}, p99` }, { ours: quantile(times, 0.99) }, { of: "ours", most: 10 }));
    const figures = { ours: median(times), peer: median(fewTimes) };
    lines.push(judge({ ...about, what: `${what}, median`, against: "at 10,000 customers" }, figures, { of: "share", most: 3 }));
  }
  return lines;
}

async function slowLines(ours: Running, size: Size): Promise<Line[]> {
  const lines: Line[] = [];
  const probe = openProbe(ours.url, size.customers);
  for (const [what, question] of Object.entries(SLOW)) {
    const times: number[] = [];
    for (let round = -WARM_UP; round < SLOW_ROUNDS; round++) {
      const time = await ask(ours, question(Math.abs(round), size.customers));
      if (round >= 0) times.push(time);
    }
    const note = `median ${median(times).toFixed(0)} ms`;
    lines.push(
      judge({ part: "lists", what: `${what}, p99`, unit: "ms", note }, { ours: quantile(times, 0.99) }, { of: "ours", most: 100 }),
    );
  }
  const { times: waited, refused } = await probe.stop();
  const what = "GET /customers/:id while these searches run, p99";
  lines.push(
    judge(
      { part: "lists", what, unit: "ms", wrong: refused > 0, note: `${refused} refused` },
      { ours: quantile(waited, 0.99) },
      { of: "ours", most: 25 },
    ),
  );
  return lines;
}

export async function measureLists(size: Size, progress: Progress): Promise<Line[]> {
  const path = await ensureDatabase(size, progress);
  const fewPath = await ensureDatabase(FEW_CUSTOMERS, progress);
  progress("lists");
  await readThrough(path);
  const ours = await startOurs(path);
  // There is one server per database, and at the small size both are the same database.
  const few = fewPath === path ? ours : await startOurs(fewPath);
  try {
    const fast = await fastLines(ours, few, size);
    progress("searches and filters");
    return [...fast, ...(await slowLines(ours, size))];
  } finally {
    await ours.stop();
    if (few !== ours) await few.stop();
  }
}

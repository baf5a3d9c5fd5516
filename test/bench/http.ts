// What does a request cost compared with a bare Bun.serve that does the same: a report from memory, one customer, the first answer after a start?
import { build } from "../release/build.ts";
import { ensureDatabase } from "./load.ts";
import { alternate, judge, type Line } from "./measure.ts";
import { AUTHORIZED, startBare, startBinary, startOurs } from "./program.ts";
import type { Progress } from "./progress.ts";
import { cohortsPath, curvesPath } from "./reports.ts";
import { benchPath, type Size } from "./size.ts";
import { customersScript, wrk } from "./wrk.ts";

const SECONDS = 2;
const ROUNDS = 4;

async function idOf(url: string, id: string): Promise<string> {
  const answer = await fetch(`${url}/customers/${id}`, { headers: AUTHORIZED }).then((response) => response.json());
  return (answer as { data: { id: string } }).data.id;
}

async function snapshotLines(path: string, progress: Progress): Promise<Line[]> {
  const ours = await startOurs(path, { SNAPSHOT_TTL: "600" });
  const lines: Line[] = [];
  try {
    for (const [name, report] of [
      ["cohorts by month", cohortsPath("month")],
      ["ltv-cohorts", curvesPath("calendar")],
      ["journey by our id", `/customers/${await idOf(ours.url, "ext_with_20")}/journey`],
      ["attribution by externalId", "/customers/ext_with_20/attribution"],
    ] as const) {
      progress(`snapshot hit, ${name}`);
      const file = benchPath("body.json");
      await Bun.write(file, await fetch(ours.url + report, { headers: AUTHORIZED }).then((response) => response.arrayBuffer()));
      const bare = await startBare("bytes", { BODY_FILE: file });
      const load = { seconds: SECONDS };
      const figures = await alternate(
        ROUNDS,
        () => wrk(ours.url + report, load),
        () => wrk(bare.url + report, load),
      );
      await bare.stop();
      const about = {
        part: "http",
        what: `snapshot hit, ${name} (${Bun.file(file).size} bytes)`,
        unit: "/s",
        against: "bare Bun.serve",
      } as const;
      lines.push(judge(about, figures, { of: "share", least: 0.7 }));
    }
  } finally {
    await ours.stop();
  }
  return lines;
}

/** Do both give the same answer about a customer? */
async function sameCustomer(ours: string, bare: string): Promise<boolean> {
  const read = (url: string) => fetch(`${url}/customers/cus_0000000007`, { headers: AUTHORIZED }).then((response) => response.json());
  const [a, b] = [(await read(ours)) as { data: object }, (await read(bare)) as { data: object }];
  return Bun.deepEquals({ ...a.data, metadata: null }, { ...b.data, metadata: null });
}

async function customerLine(path: string, size: Size): Promise<Line> {
  const [ours, bare] = [await startOurs(path), await startBare("customer", { DATABASE_PATH: path })];
  try {
    const load = { seconds: SECONDS, script: customersScript(size.customers) };
    const wrong = !(await sameCustomer(ours.url, bare.url));
    const figures = await alternate(
      ROUNDS,
      () => wrk(ours.url, load),
      () => wrk(bare.url, load),
    );
    const about = { part: "http", what: "GET /customers/:id", unit: "/s", against: "bare Bun.serve, one select", wrong } as const;
    return judge({ ...about, ...(wrong && { note: "the answers differ" }) }, figures, { of: "share", least: 0.7 });
  } finally {
    await ours.stop();
    await bare.stop();
  }
}

/** From source, as `bun run start` does, and with the released program. */
async function startLines(path: string): Promise<Line[]> {
  const binary = benchPath("regulars");
  await build(binary);
  const once = async (start: () => ReturnType<typeof startOurs>) => {
    const server = await start();
    await server.stop();
    return server.startedMs;
  };
  const lines: Line[] = [];
  for (const [what, start] of [
    ["from source", () => startOurs(path)],
    ["of the binary", () => startBinary(binary, path)],
  ] as const) {
    const figures = await alternate(
      7,
      () => once(start),
      () => once(() => startBare("nothing")),
    );
    const about = { part: "http", what: `start to first answer, ${what}`, unit: "ms", against: "bare Bun.serve" } as const;
    lines.push(judge(about, figures, { of: "more", most: 250 }));
  }
  return lines;
}

export async function measureHttp(size: Size, progress: Progress): Promise<Line[]> {
  const path = await ensureDatabase(size, progress);
  const lines = await snapshotLines(path, progress);
  progress("GET /customers/:id");
  lines.push(await customerLine(path, size));
  progress("start to first answer");
  lines.push(...(await startLines(path)));
  return lines;
}

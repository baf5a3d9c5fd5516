// Do the golden worlds give their golden answers, from the oracle and through the API, in whatever order they are told?
import { describe, expect, test } from "bun:test";
import { answer } from "./oracle/answer.ts";
import { chanceOf } from "./oracle/arrange.ts";
import { cdnowFile, faults, fromApi, type Golden, type Line, readCdnow, readGolden, readLines, settingsOf } from "./oracle/golden.ts";
import type { Sent } from "./oracle/log.ts";
import { openServer } from "./oracle/server.ts";
import { Api } from "./oracle/through-api.ts";
import { World } from "./oracle/world.ts";

/** The whole of CDNOW takes seconds, more on a busy machine. */
const PATIENCE_MS = 120_000;

const fromOracle = (world: World) => async (path: string) => answer(world, path);
/** The oracle does not answer attribution over everybody; tests of its own compare that with the sum of all customers. */
const forOracle = (golden: Golden): Golden => ({
  ...golden,
  requests: golden.requests.filter(({ path }) => !path.startsWith("/customers/attribution")),
});
/** Neighbouring entries in another order, between the same other calls; without those that are refused. */
function shuffled(lines: readonly Line[], seed: number): Line[] {
  const chance = chanceOf(seed);
  const told: Line[] = [];
  let segment: Line[] = [];
  const flush = () => {
    for (; segment.length > 0; ) told.push(...segment.splice(chance.pick(segment.length), 1));
  };
  for (const line of lines) {
    if (line.operation.op === "event") {
      if (line.wanted === "accepted" || line.wanted === "duplicate") segment.push({ ...line, wanted: "" });
    } else {
      flush();
      told.push(line);
    }
  }
  flush();
  segment = [];
  return told;
}

describe.each(["small-world", "aliases-and-statuses"])("the world %s", async (name) => {
  const golden = await readGolden(name);
  const lines = await readLines(name);
  const chronicle: [name: string, lines: Line[]][] = [
    ["as it stands", lines],
    ...[1, 2, 3].map((seed): [string, Line[]] => [`shuffled between the other calls, seed ${seed}`, shuffled(lines, seed)]),
  ];

  for (const [name, told] of chronicle) {
    test(`the oracle, ${name}`, async () => {
      const world = new World(settingsOf(golden));
      for (const { operation, wanted } of told) {
        const outcome = world.apply(operation);
        if (wanted !== "") expect([operation, outcome]).toEqual([operation, wanted as typeof outcome]);
      }
      expect(await faults(forOracle(golden), fromOracle(world))).toEqual([]);
    });

    test(`the API, one entry a request, ${name}`, async () => {
      using server = openServer(settingsOf(golden));
      const api = new Api(server);
      const world = new World(settingsOf(golden));
      for (const { operation, wanted } of told) {
        const outcome = await api.apply(operation, world);
        if (wanted !== "") expect([operation, outcome]).toEqual([operation, wanted as typeof outcome]);
        world.apply(operation);
      }
      expect(await faults(golden, fromApi(api))).toEqual([]);
    });
  }

  test("the API, neighbouring entries in arrays, every array twice", async () => {
    using server = openServer(settingsOf(golden));
    const api = new Api(server);
    const world = new World(settingsOf(golden));
    let segment: Line[] = [];
    const flush = async () => {
      const sent = segment.map(({ operation: { op: _, ...entry } }) => entry as Sent);
      expect(await api.events(sent)).toEqual(segment.map(({ wanted }) => wanted as "accepted"));
      const again = await api.events(sent);
      expect(again.filter((outcome) => outcome === "accepted")).toEqual([]);
      segment = [];
    };
    for (const line of lines) {
      if (line.operation.op === "event") segment.push(line);
      else {
        await flush();
        expect(await api.apply(line.operation, world)).toBe(line.wanted as "accepted");
      }
    }
    await flush();
    expect(await faults(golden, fromApi(api))).toEqual([]);
  });
});

describe("CDNOW", async () => {
  const golden = await readGolden("cdnow");
  if (cdnowFile === undefined) console.warn("CDNOW is passed over: its data is not here. Name the file in CDNOW_FILE.");

  test.skipIf(cdnowFile === undefined)(
    "the oracle",
    async () => {
      const world = new World(settingsOf(golden));
      for (const sale of await readCdnow(cdnowFile ?? "")) world.apply({ op: "event", ...sale });
      expect(await faults(golden, fromOracle(world))).toEqual([]);
    },
    PATIENCE_MS,
  );

  test.skipIf(cdnowFile === undefined)(
    "the API, arrays of 1,000",
    async () => {
      using server = openServer(settingsOf(golden));
      const api = new Api(server);
      const sales = await readCdnow(cdnowFile ?? "");
      for (let from = 0; from < sales.length; from += 1000) {
        const outcomes = await api.events(sales.slice(from, from + 1000));
        expect(outcomes.every((outcome) => outcome === "accepted")).toBe(true);
      }
      await server.catchUp(); // a reader waits two seconds at most, however slow the machine
      expect(await faults(golden, fromApi(api))).toEqual([]);
    },
    PATIENCE_MS,
  );
});

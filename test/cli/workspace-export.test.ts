// Does a workspace that was exported and imported report the same, to the cent?
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { createKey } from "../../src/access/api-key.ts";
import { countErasedEntries, workspacePages } from "../../src/cli/export/workspace.ts";
import { openEvents } from "../../src/intake/events.ts";
import { openWorkspaceLines } from "../../src/intake/workspace-line.ts";
import { openWorld, type World } from "../harness.ts";
import { canonical, PERSONAL, TOTALS } from "../oracle/questions.ts";
import { type RandomLog, randomLog } from "../oracle/random-log.ts";
import { Api, content } from "../oracle/through-api.ts";
import { World as Oracle } from "../oracle/world.ts";
import { FROM_SOURCE, run } from "../program.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const RUNS = Number(process.env.LAW_RUNS ?? 12);
const SEED = Number(process.env.LAW_SEED ?? 1);
const ATTRIBUTION = ["linear", "position"].flatMap((model) =>
  ["source", "campaign"].map((by) => `/customers/attribution?model=${model}&group_by=${by}`),
);

setDefaultTimeout(60_000 + RUNS * 10_000);
console.log(`workspace exports: LAW_RUNS=${RUNS} LAW_SEED=${SEED}`);

type Line = Record<string, unknown>;

function toApi(world: World): Api {
  return new Api({
    key: "admin-key-for-tests",
    async handle(request) {
      await world.workspace.ledger.catchUp();
      return world.app.handle(request);
    },
    setNow: world.clock.set,
  });
}

const exportOf = (world: World): Line[] => [...workspacePages(world.workspace)].flat();

/** Takes all but the head, so many lines at a time; gives what was refused. */
async function importInto(world: World, lines: readonly Line[], atOnce: number) {
  const taker = openWorkspaceLines(world.workspace, openEvents(world.workspace));
  const [, ...rest] = JSON.parse(JSON.stringify(lines)) as Line[];
  const counts = { accepted: 0, duplicates: 0, refused: [] as unknown[] };
  for (let from = 0; from < rest.length; from += atOnce) {
    for (const [index, result] of taker.many(rest.slice(from, from + atOnce)).entries())
      if ("error" in result) counts.refused.push([rest[from + index], result.error]);
      else if (result.duplicate) counts.duplicates += 1;
      else counts.accepted += 1;
    await world.workspace.ledger.catchUp();
  }
  return counts;
}

/** Every answer about everybody and about each customer, customers by their content. */
async function everythingOf(world: World): Promise<string[]> {
  const api = toApi(world);
  const totals = [];
  for (const path of [...TOTALS, ...ATTRIBUTION, "/rates"]) totals.push(`${path} ${canonical(content(await api.ask(path)))}`);
  const people = [];
  for (const { id, createdAt } of await api.customers()) {
    const answers: unknown[] = [createdAt];
    for (const path of PERSONAL) answers.push(content(await api.ask(`/customers/${id}${path}`)));
    people.push(canonical(answers));
  }
  return [...totals, ...people.sort()];
}

/** A world that was told the log without its erasures. */
async function told({ timezone, segments }: RandomLog): Promise<World> {
  const config = { timezone, currency: "USD", attributionWindowDays: 30 };
  const world = openWorld({ config, now: 0, checkAnswers: false, reassignAtOnce: 1 });
  const api = toApi(world);
  const oracle = new Oracle({ ...config, now: 0 });
  for (const { now, entries, statuses, call } of segments) {
    for (const operation of [{ op: "clock", now } as const, ...entries.map((entry) => ({ op: "event", ...entry }) as const), ...statuses]) {
      await api.apply(operation, oracle);
      oracle.apply(operation);
    }
    if (call.op === "delete") continue;
    await api.apply(call, oracle);
    oracle.apply(call);
  }
  return world;
}

describe("a workspace that was exported", () => {
  test("reports the same once it is imported, and importing it again changes nothing", async () => {
    for (const [index, log] of fc.sample(randomLog, { numRuns: RUNS, seed: SEED }).entries()) {
      const from = await told(log);
      const lines = exportOf(from);
      const into = openWorld({ config: from.workspace.config, now: from.clock.now(), checkAnswers: false });
      const first = await importInto(into, lines, 1 + ((SEED + index) % 40));
      expect({ seed: SEED, index, refused: first.refused }).toEqual({ seed: SEED, index, refused: [] });
      const wanted = await everythingOf(from);
      const got = await everythingOf(into);
      expect(got.filter((each) => !wanted.includes(each))).toEqual([]);
      expect(got).toEqual(wanted);
      const again = await importInto(into, lines, 250);
      expect([again.accepted, again.refused, again.duplicates]).toEqual([0, [], lines.length - 1]);
      await from.close();
      await into.close();
    }
  });
});

/** A world for single cases, and what it reports after `tell`; and the same of the world that its export makes. */
async function bothSides(tell: (send: World["request"], world: World) => Promise<void>) {
  const from = openWorld({ now: "2026-02-01T00:00:00Z" });
  await tell(from.request, from);
  const lines = exportOf(from);
  const into = openWorld({ now: from.clock.now() });
  const { refused } = await importInto(into, lines, 7);
  const sides = { lines, refused, wanted: await everythingOf(from), got: await everythingOf(into) };
  await from.close();
  await into.close();
  return sides;
}

describe("an exported workspace holds", () => {
  test("each of several sales that were sent without a key, in the order that their keys give", async () => {
    const { lines, refused, wanted, got } = await bothSides(async (send) => {
      await send("POST", "/events", { type: "click", clickId: "c", externalId: "ann" });
      for (let times = 0; times < 3; times++) await send("POST", "/conversions/track", { clickId: "c", event: "purchase", value: 9.99 });
      for (let times = 0; times < 3; times++) await send("POST", "/events", { type: "lead", externalId: "ann" });
    });
    expect([lines.length, refused, got]).toEqual([1 + 1 + 1 + 3 + 3, [], wanted]);
    expect(got.join("")).toContain('"grossRevenue":29.97');
  });

  test("whose entries are that came under an externalId which is another's by now", async () => {
    const { refused, wanted, got } = await bothSides(async (send) => {
      await send("POST", "/events", { type: "sale", orderId: "o", externalId: "ann", value: 10 });
      await send("PATCH", "/customers/ext_ann", { externalId: "anna" });
      await send("POST", "/customers", { externalId: "ann", source: "news" });
      await send("POST", "/events", { type: "sale", orderId: "p", externalId: "ann", value: 25 });
    });
    expect([refused, got]).toEqual([[], wanted]);
    expect(got.filter((each) => each.includes('"externalId":"anna"') && each.includes('"ltv":10'))).toHaveLength(1);
  });

  test("that a page sent an entry, so that it links nobody there either", async () => {
    const { lines, refused, wanted, got } = await bothSides(async (send, world) => {
      const key = createKey(world.workspace, { origins: ["https://shop.example"] });
      const asPage = { authorization: `Bearer ${key}`, origin: "https://shop.example" };
      for (const visitorId of ["v", "w"]) await send("POST", "/events", { type: "click", clickId: "c", visitorId }, asPage);
      await send("POST", "/events", { type: "sale", orderId: "o", externalId: "ann", visitorId: "v", value: 10 });
      await send("POST", "/events", { type: "sale", orderId: "p", externalId: "bob", visitorId: "w", value: 30 });
      await send("POST", "/events", { type: "lead", clickId: "c", visitorId: "w" }, asPage);
    });
    expect(lines.filter(({ fromPage }) => fromPage === true)).toHaveLength(2);
    expect([refused, got]).toEqual([[], wanted]);
  });

  test("statuses that were set later, rates, and what was told of customers known by an email alone", async () => {
    const { refused, wanted, got } = await bothSides(async (send, world) => {
      await send("POST", "/events", { type: "sale", orderId: "o", email: "ann@x.example", value: 10, currency: "EUR" });
      await send("POST", "/events", { type: "sale", orderId: "p", email: "ann@x.example", value: 30 });
      const { data } = (await send<{ id: string }[]>("GET", "/customers")).body;
      world.clock.set("2026-02-02T00:00:00Z");
      await send("PATCH", `/customers/${data[0]?.id}`, { name: "Ann", visitorId: "v" });
      await send("PUT", "/rates", { currency: "EUR", date: "2026-01-01", rate: "1.0855" });
      await send("PATCH", "/conversions/ord_p", { status: "fraud" });
    });
    expect([refused, got]).toEqual([[], wanted]);
    expect(got.filter((each) => each.includes('"name":"Ann"') && each.includes('"ltv":10.86'))).toHaveLength(1);
  });
});

describe("the commands", () => {
  const program = (directory: string, args: readonly string[], input = "", settings = {}) =>
    run([...FROM_SOURCE, ...args], directory, settings, input);
  const ENTRIES = [
    { type: "sale", orderId: "o", externalId: "ann", value: 10, currency: "EUR", timestamp: "2026-01-05T10:00:00Z" },
    { type: "rate", currency: "EUR", date: "2026-01-01", rate: "1.5" },
    { type: "status", of: "sale", key: "o", status: "approved" },
  ];
  const ndjson = ENTRIES.map((line) => `${JSON.stringify(line)}\n`).join("");

  test("carry a workspace over, and say what they leave out", async () => {
    const [here, there] = [temporaryFolder(), temporaryFolder()];
    await program(here, ["import", "-"], ndjson);
    const exported = await program(here, ["export", "workspace"]);
    expect(exported.err).toBe(
      "Not in this export: API keys, settings, the secret (so entries that were sent without a key are not recognized when they are sent again), Idempotency-Keys, times of receipt, the feed of changes, what is remembered of webhooks, and which import brought what (so these imports cannot be undone there).\n",
    );
    expect(await program(there, ["import", "-"], exported.out)).toMatchObject({
      code: 0,
      err: expect.stringContaining("4 accepted, 0 duplicates, 0 rejected"),
    });
    expect((await program(there, ["export", "customers"])).out).toContain('"ltv":15');
    const entries = await program(here, ["export", "entries"]);
    expect(entries.out.split("\n")[0]).toBe('{"type":"status","of":"sale","key":"o","status":"approved","at":"2026-01-05T10:00:00.000Z"}');
    const csv = await program(here, ["export", "entries", "--format", "csv"]);
    expect(csv.out).toMatch(/,approved,2026-01-05T10:00:00.000Z,/);
    expect(entries.err).toContain("Not in this export: exchange rates, calls of POST and PATCH /customers, and former externalIds.");
  });

  test("write a workspace without exchange rates into a file as into a pipe", async () => {
    const here = temporaryFolder();
    const line = { type: "sale", orderId: "o", externalId: "ann", value: 10, timestamp: "2026-01-05T10:00:00Z" };
    await program(here, ["import", "-"], `${JSON.stringify(line)}\n`);
    const { out } = await program(here, ["export", "workspace"]);
    const command = [...FROM_SOURCE, "export", "workspace"].map((part) => `'${part}'`).join(" ");
    expect((await run(["sh", "-c", `echo before > all; ${command} >> all 2> /dev/null`], here)).code).toBe(0);
    expect(await Bun.file(`${here}/all`).text()).toBe(`before\n${out}`);
  });

  test("refuse a workspace in another currency, before anything is recorded", async () => {
    const [here, there] = [temporaryFolder(), temporaryFolder()];
    await program(here, ["import", "-"], ndjson);
    const { out } = await program(here, ["export", "workspace"]);
    const { code, err } = await program(there, ["import", "-"], out, { CURRENCY: "KWD" });
    expect([code, err]).toEqual([1, expect.stringContaining("The exported workspace is in USD, this one in KWD")]);
    expect((await program(there, ["export", "entries"], "", { CURRENCY: "KWD" })).out).toBe("");
  });

  test("leave out erased people, and say how many entries that are", async () => {
    const world = openWorld();
    await world.request("POST", "/events", [ENTRIES[0], { type: "sale", orderId: "p", externalId: "bob", value: 1 }]);
    await world.request("DELETE", "/customers/ext_bob");
    expect(exportOf(world).map(({ type }) => type)).toEqual(["workspace", "customer", "sale"]);
    expect(countErasedEntries(world.workspace)).toBe(1);
    await world.close();
  });

  test("POST /events takes none of the lines that import alone takes", async () => {
    const world = openWorld();
    const lead = { type: "lead", externalId: "ann" };
    for (const line of [...ENTRIES.slice(1), { ...lead, key: "k" }, { ...lead, fromPage: true }])
      expect((await world.request("POST", "/events", line)).status).toBe(400);
    await world.close();
  });
});

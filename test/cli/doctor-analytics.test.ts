// Does the doctor say what is wrong with ClickHouse, and how to mend it?
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { assembleWorkspace } from "../../src/app/workspace.ts";
import { lookAtAnalytics } from "../../src/cli/doctor-analytics.ts";
import { type Config, readConfig } from "../../src/host/config.ts";
import { silentLog } from "../../src/host/log.ts";
import { openEvents } from "../../src/intake/events.ts";
import { BadAnswer, type ClickHouse, Unreachable } from "../../src/report/clickhouse/connection.ts";
import { openShipping } from "../../src/report/clickhouse/shipping.ts";
import { type Fake, openFake } from "../clickhouse/fake.ts";
import { newDatabasePath } from "../temporary-folder.ts";
import { waitUntil } from "../wait-until.ts";

let fake: Fake;
let config: Config;
beforeEach(() => {
  fake = openFake();
  config = { ...readConfig({ DATABASE_PATH: newDatabasePath() }), analyticsUrl: fake.target };
});
afterEach(() => fake.stop());

/** A ClickHouse that answers some questions; the first part of a question is its key. */
function answering(answers: Readonly<Record<string, object | Error>>): () => ClickHouse {
  const select = async <Row>(sql: string): Promise<Row[]> => {
    const found = Object.entries(answers).find(([start]) => sql.startsWith(start))?.[1];
    if (found === undefined || found instanceof Error) throw found ?? new BadAnswer("unknown question");
    return [found as Row];
  };
  return () => ({ select, insert: async () => undefined, command: async () => undefined, close: async () => undefined });
}
const VERSION = { "SELECT version()": { version: "26.7.2.1" } };
const told = async (connect: () => ClickHouse) =>
  (await lookAtAnalytics(config, connect)).map(({ level, text }) => `${level}: ${text}`).join("\n");

test("it says nothing if ClickHouse is not used", async () => {
  const { analyticsUrl: _, ...without } = config;
  expect(await lookAtAnalytics(without)).toEqual([]);
});

describe("it fails", () => {
  test("if the server does not answer, or refuses", async () => {
    expect(await told(answering({ SELECT: new Unreachable("ECONNREFUSED") }))).toMatch(/^fail: .* cannot be reached \(ECONNREFUSED\)/);
    expect(await told(answering({ SELECT: new BadAnswer("Code: 516. Authentication failed") }))).toMatch(/^fail: .*refuses: Code: 516/);
  });
  test("if it is too old", async () => {
    expect(await told(answering({ "SELECT version()": { version: "18.16.1" } }))).toMatch(/^fail: ClickHouse 18.16.1 .*too old/);
  });
  test("if a right is missing", async () => {
    const grants = { "CHECK GRANT INSERT": { result: 0n }, "CHECK GRANT": { result: 1n } };
    expect(await told(answering({ ...VERSION, ...grants }))).toMatch(
      /^fail: .*does not let its user INSERT in reports: GRANT INSERT ON reports\.\*/,
    );
  });
  test("if the table has other columns", async () => {
    expect(await told(answering({ ...VERSION, "SELECT count() AS columns": { columns: 3n } }))).toMatch(/^fail: .*3 columns instead of 95/);
  });
});

test("it says how far ClickHouse has come, and warns if customers are missing", async () => {
  const workspace = assembleWorkspace(config, { log: silentLog() });
  openEvents(workspace).many([{ type: "sale", orderId: "1", externalId: "a", value: 10, timestamp: "2026-01-05T23:30:00Z" }]);
  await workspace.ledger.catchUp();
  const columns = { ...VERSION, "SELECT count() AS columns": { columns: 95n } };
  expect(await told(answering(columns))).toMatch(/^warn: .*has not been filled from this database/);
  const shipping = openShipping(workspace, { target: fake.target, clickhouse: fake.connect(), hasFallback: false });
  shipping.start();
  await waitUntil("it is filled", () => shipping.isUsable());
  await shipping.close();
  expect(await told(answering({ ...columns, "SELECT count() AS there": { there: 1n } }))).toMatch(
    /^ok: .* has 1 of 1 customers, and every change/,
  );
  expect(await told(answering({ ...columns, "SELECT count() AS there": { there: 0n } }))).toMatch(
    /^warn: .* has 0 of 1 customers.*drop the table/,
  );
  const other = { there: 1n, newest: 9n << 44n };
  expect(await told(answering({ ...columns, "SELECT count() AS there": other }))).toMatch(
    /^fail: .* is written to by another workspace too/,
  );
  await workspace.close();
});

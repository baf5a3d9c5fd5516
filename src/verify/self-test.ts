// Does this program give the answers that its definitions give? A small world that ships inside it is told to it and asked of it.
import { findDifferences } from "./golden.ts";
import answersText from "./small-world.answers.ndjson" with { type: "text" };
import operationsText from "./small-world.ndjson" with { type: "text" };

/** What the world's answers hold for. */
export interface WorldSettings {
  readonly timezone: string;
  readonly currency: string;
  readonly attributionWindowDays: number;
  /** The instant at which the clock stands, ISO 8601. */
  readonly now: string;
}

/** Sends a request to the app with a key that has every scope. */
export type Send = (method: string, path: string, body?: unknown) => Promise<{ status: number; body: Answer }>;

interface Answer {
  data?: unknown;
  created?: boolean;
  error?: { code: string };
}

interface Operation {
  op: "event" | "customer" | "delete" | "status" | "rate";
  note?: string;
  /** The outcome when it is not plain success. */
  expect?: string;
  [field: string]: unknown;
}

interface Question {
  path: string;
  status: number;
  data?: unknown;
  error?: string | { code: string };
}

export interface SelfTest {
  readonly operations: number;
  readonly answers: number;
  /** What was not as it should be, one line each; empty: all is well. */
  readonly differences: readonly string[];
}

const parseLines = (text: string): unknown[] =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);

/** The world's settings, for the app that is to be tested with it. */
export function readWorldSettings(): WorldSettings {
  return (parseLines(answersText)[0] as { config: WorldSettings }).config;
}

/** Tells the world to an app with the world's settings on an empty database, operation by operation, and compares every outcome and answer. */
export async function selfTest(send: Send): Promise<SelfTest> {
  const operations = parseLines(operationsText) as Operation[];
  const [head, ...questions] = parseLines(answersText) as [{ ignore: string[] }, ...Question[]];
  const ignore = new Set(head.ignore);
  const differences: string[] = [];
  for (const [index, operation] of operations.entries()) {
    const wanted = operation.expect ?? "success";
    const got = await tell(send, operation);
    if (got !== wanted) differences.push(`operation ${index + 1}: ${wanted} expected, got ${got}`);
  }
  for (const { path, status, data, error } of questions) {
    const got = await send("GET", path);
    const code = typeof error === "object" ? error.code : error;
    if (got.status !== status || got.body.error?.code !== code)
      differences.push(
        `GET ${path}: ${[status, code].join(" ").trim()} expected, got ${[got.status, got.body.error?.code].join(" ").trim()}`,
      );
    else if (data !== undefined) differences.push(...findDifferences(data, got.body.data, ignore).map((each) => `GET ${path} ${each}`));
  }
  return { operations: operations.length, answers: questions.length, differences };
}

/** Carries out one operation; what became of it: success, duplicate, created, updated, or the code of the error. */
async function tell(send: Send, { op, note: _, expect: __, ...rest }: Operation): Promise<string> {
  const { body } = await call(send, op, rest);
  if (body.error) return body.error.code;
  if (op === "customer") return body.created ? "created" : "updated";
  return op === "event" && (body.data as { duplicate: boolean }).duplicate ? "duplicate" : "success";
}

function call(send: Send, op: Operation["op"], rest: Readonly<Record<string, unknown>>): ReturnType<Send> {
  switch (op) {
    case "event":
      return send("POST", "/events", rest);
    case "customer":
      return send("POST", "/customers", rest);
    case "rate":
      return send("PUT", "/rates", rest);
    case "delete":
      return send("DELETE", `/customers/${String(rest.id)}`);
    case "status":
      return send("PATCH", `/conversions/ord_${encodeURIComponent(String(rest.orderId))}`, { status: rest.status });
  }
}

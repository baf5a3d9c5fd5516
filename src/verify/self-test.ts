// Does this program compute what the definitions say? A small world ships
// inside it: its operations are carried out and its answers compared.
import { findDifferences } from "./golden.ts";
import answersText from "./small-world.answers.ndjson" with { type: "text" };
import operationsText from "./small-world.ndjson" with { type: "text" };

/** The settings for which the world's answers are right. */
export interface WorldSettings {
  readonly timezone: string;
  readonly currency: string;
  readonly attributionWindowDays: number;
  /** The fixed time of the clock, ISO 8601. */
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
  /** What differs from the golden answers, one line each. Empty: the test passed. */
  readonly differences: readonly string[];
}

/** Fields that the world, which sends no aliases, does not name. */
const NEWER_FIELDS = ["aliases", "aliasCount"];

const parseLines = (text: string): unknown[] =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);

/** The settings that the tested app must have. */
export function readWorldSettings(): WorldSettings {
  return (parseLines(answersText)[0] as { config: WorldSettings }).config;
}

/**
 * Carries out the world's operations and compares every outcome and answer. The app must have the world's settings and an empty database.
 */
export async function selfTest(send: Send): Promise<SelfTest> {
  const operations = parseLines(operationsText) as Operation[];
  const [head, ...questions] = parseLines(answersText) as [{ ignore: string[] }, ...Question[]];
  const ignore = new Set([...head.ignore, ...NEWER_FIELDS]);
  const differences: string[] = [];
  for (const [index, operation] of operations.entries()) {
    const wanted = operation.expect ?? "success";
    const got = await carryOut(send, operation);
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

/** Carries out one operation. Gives its outcome: success, duplicate, created, updated, or the code of the error. */
async function carryOut(send: Send, { op, note: _, expect: __, ...rest }: Operation): Promise<string> {
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

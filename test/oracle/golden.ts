// What are the golden worlds told, what are they asked, and what should they answer?
import { existsSync } from "node:fs";
import { differences } from "./golden-rules.ts";
import type { Sent } from "./log.ts";
import type { Operation, Target } from "./operation.ts";
import type { Api } from "./through-api.ts";

export interface Golden {
  config: { timezone: string; currency: string; now: string; attributionWindowDays: number };
  ignore: string[];
  requests: { path: string; status: number; data?: unknown; error?: { code: string } }[];
}

export interface Line {
  operation: Operation;
  wanted: string;
}

/** Fields that worlds which send no aliases do not name. */
const NEWER_FIELDS = ["aliases", "aliasCount"];

const FIXTURES = `${import.meta.dir}/../fixtures`;
const CDNOW_FILES = [process.env.CDNOW_FILE ?? "", `${import.meta.dir}/../../../shared/data/cdnow/CDNOW_master.txt`];
/** Where CDNOW is; undefined: not here. */
export const cdnowFile = CDNOW_FILES.find((path) => path !== "" && existsSync(path));

/** The questions to a world, with their golden answers. */
export async function readGolden(name: string): Promise<Golden> {
  return (await Bun.file(`${FIXTURES}/${name}.expected.json`).json()) as Golden;
}

/** What a world is told. */
export async function readLines(world: string): Promise<Line[]> {
  const text = await Bun.file(`${FIXTURES}/${world}.ndjson`).text();
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const { note: _, expect, ...operation } = JSON.parse(line) as Operation & { note?: string; expect?: string };
      const plain = operation.op === "patch" ? "updated" : "accepted";
      if ("id" in operation) operation.id = decodeURIComponent(operation.id) as Target;
      return { operation: operation as Operation, wanted: expect === undefined || expect === "ok" ? plain : expect };
    });
}

/** Line n of the CDNOW file as a sale. */
export async function readCdnow(path: string): Promise<Sent[]> {
  const lines = (await Bun.file(path).text()).trim().split("\n");
  return lines.map((line, index) => {
    const [externalId = "", date = "", , value = ""] = line.trim().split(/\s+/);
    const timestamp = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T00:00:00Z`;
    return { type: "sale", orderId: `cdnow-${index + 1}`, externalId, timestamp, value: Number(value), currency: "USD" };
  });
}

/** The settings of a golden file, with its clock. */
export const settingsOf = (golden: Golden) => ({ ...golden.config, now: Date.parse(golden.config.now) });

/** What is wrong with the answers to all requests of a golden file. */
export async function faults(
  golden: Golden,
  ask: (path: string) => Promise<{ status: number; data?: unknown; code?: string | undefined }>,
): Promise<string[]> {
  const ignore = new Set([...golden.ignore, ...NEWER_FIELDS]);
  const found: string[] = [];
  for (const request of golden.requests) {
    const got = await ask(request.path);
    if (got.status !== request.status || got.code !== request.error?.code) found.push(`${request.path}: ${got.status} ${got.code}`);
    else if (request.data !== undefined)
      found.push(...differences(request.data, got.data, ignore).map((fault) => `${request.path} ${fault}`));
  }
  return found;
}

/** How the API is asked. */
export const fromApi = (api: Api) => async (path: string) => {
  const { status, body } = await api.send("GET", path);
  return { status, data: body.data, code: body.error?.code };
};

// How much data is measured, and where is it kept between runs?
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

export interface Size {
  readonly name: string;
  readonly customers: number;
  readonly entries: number;
}

/** A customer has ten entries on average. */
export const SIZES: readonly Size[] = [
  { name: "small", customers: 10_000, entries: 100_000 },
  { name: "medium", customers: 100_000, entries: 1_000_000 },
  { name: "large", customers: 1_000_000, entries: 10_000_000 },
];

/** The number of customers with which lists are compared. */
export const FEW_CUSTOMERS: Size = { name: "small", customers: 10_000, entries: 100_000 };

/** The sizes of the log, up to the entries of the size, with the same customers. */
export function growthSizes(size: Size): Size[] {
  return SIZES.filter(({ entries }) => entries <= Math.max(size.entries, 1_000_000)).map(({ entries }) => ({
    name: `held-${entries}`,
    customers: 100_000,
    entries,
  }));
}

/** Data of another schema is created again. */
function schemaMark(): string {
  const folder = join(import.meta.dir, "../../db/migrations");
  const texts = readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name), "utf8"));
  return createHash("sha256").update(texts.join("\n")).digest("hex").slice(0, 10);
}

/** Where the data is kept: `$BENCH_DIR`, or else `~/.cache/regulars-bench`. */
export const benchFolder = (): string => process.env.BENCH_DIR ?? join(homedir(), ".cache/regulars-bench");

/** The path of a file or folder of data that belongs to the present schema. */
export function benchPath(name: string): string {
  const folder = join(benchFolder(), schemaMark());
  mkdirSync(folder, { recursive: true });
  return join(folder, name);
}

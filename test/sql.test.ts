// Can a stranger read each file of SQL by itself, and the pipeline of derived data from its list of steps?
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { STEPS } from "../src/ledger/pipeline.ts";

const SRC = join(import.meta.dir, "../src");
const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".sql"))
  .map((path) => {
    const text = readFileSync(join(SRC, path), "utf8");
    const head = text.match(/^(?:--.*\n)*/)?.[0] ?? "";
    return {
      path,
      head,
      statements: text
        .slice(head.length)
        .replace(/--.*$/gm, "")
        .replace(/'[^']*'/g, "''")
        .replace(/\{(\w+):\w+\}/g, ":$1"), // a parameter of ClickHouse, with its type
    };
  });

test("every file opens with a question", () => {
  expect(files.length).toBeGreaterThan(30);
  expect(files.filter(({ head }) => !/^-- [A-Z].*\?/.test(head)).map(({ path }) => path)).toEqual([]);
});

test("every parameter is explained in the comment at the head of its file", () => {
  const unexplained = files.flatMap(({ path, head, statements }) => {
    const parameters = new Set(statements.match(/:[a-zA-Z]+/g));
    return [...parameters].filter((parameter) => !new RegExp(`${parameter}\\b`).test(head)).map((parameter) => `${path} ${parameter}`);
  });
  expect(files.some(({ statements }) => statements.includes(":customerId"))).toBe(true);
  expect(unexplained).toEqual([]);
});

test("no two files have one name", () => {
  const names = files.map(({ path }) => basename(path));
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test("every file of the ledger is a step of the pipeline, but for its working tables, the check of totals and the owners of a loaded log", () => {
  const stepFiles = STEPS.filter((step) => "sql" in step).map(({ name }) => `ledger/${name}.sql`);
  const others = ["cohort", "ltv", "revenue"].map((totals) => `ledger/check-totals-${totals}.sql`).concat("ledger/working-tables.sql");
  const loaded = ["name", "click"].map((by) => `ledger/load/owners-by-${by}.sql`);
  expect(
    files
      .map(({ path }) => path)
      .filter((path) => path.startsWith("ledger/"))
      .sort(),
  ).toEqual([...stepFiles, ...others, ...loaded].sort());
  for (const step of STEPS)
    if ("sql" in step) expect(step.sql).toBe(readFileSync(join(SRC, `ledger/${step.name}.sql`), "utf8"));
    else expect(readdirSync(join(SRC, "ledger"))).toContain(`${step.name}.ts`);
});

test("CONTRIBUTING draws every step, in order", () => {
  const drawing = readFileSync(join(import.meta.dir, "../CONTRIBUTING.md"), "utf8").split("## How derived data follows the log")[1] ?? "";
  const places = STEPS.map((step) => drawing.indexOf(`${step.name}.${"sql" in step ? "sql" : "ts"}`));
  expect(places).not.toContain(-1);
  expect(places).toEqual([...places].sort((a, b) => a - b));
});

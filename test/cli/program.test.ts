// Does the command line do what it says, refuse what it does not know, and say so in a line?

import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { FROM_SOURCE, run } from "../program.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const sale = (id: number) => ({
  type: "sale",
  orderId: `O-${id}`,
  externalId: `user_${id}`,
  timestamp: "2026-01-05T10:00:00Z",
  value: 10,
  currency: "USD",
});
const ndjson = (...entries: unknown[]) => entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");

/** Runs the program in a directory. */
function program(directory: string, args: readonly string[], settings: Readonly<Record<string, string>> = {}, input = "") {
  return run([...FROM_SOURCE, ...args], directory, settings, input);
}

describe("the command line", () => {
  test.each([
    ["an unknown command", ["fly"], "Unknown command fly"],
    ["an unknown option", ["serve", "--fast"], "Unknown option: --fast"],
    ["an unknown option of a command in a command", ["keys", "list", "--all"], "Unknown option: --all"],
    ["a missing argument", ["import"], "Missing required positional argument: FILE"],
    ["an argument too many", ["rebuild", "now"], "Unexpected argument: now"],
    ["an option without its value", ["keys", "create", "--scope"], "The option --scope needs a value"],
    ["an unknown scope", ["keys", "create", "--scope", "links:read,links:fly"], "Unknown scope: links:fly"],
    ["an unknown format", ["export", "customers", "--format", "xml"], "Invalid value for argument: --format (xml)"],
    ["an unknown export", ["export", "dreams"], "There is no export called dreams"],
    ["a command without its command", ["keys"], "No command specified"],
  ])("ends at %s with one line and exit code 2", async (_, args, message) => {
    const { code, out, err } = await program(temporaryFolder(), args);
    expect(err).toContain(message);
    expect([code, out, err.trim().split("\n").length]).toEqual([2, "", 1]);
  });

  test("names every bad setting in one message, with exit code 2", async () => {
    const { code, err } = await program(temporaryFolder(), ["serve"], { PORT: "many", CURRENCY: "XXQ", ADMIN_KEY: "short" });
    expect(code).toBe(2);
    for (const name of ["PORT", "CURRENCY", "ADMIN_KEY"]) expect(err).toContain(name);
    expect(err).not.toContain("short");
  });

  test.each([
    { args: ["--help"], usage: /^USAGE regulars serve\|/m },
    { args: ["help"], usage: /^USAGE regulars serve\|/m },
    { args: ["import", "--help"], usage: /^USAGE regulars import \[OPTIONS\] <FILE>$/m },
    { args: ["help", "import"], usage: /^USAGE regulars import \[OPTIONS\] <FILE>$/m },
    { args: ["keys", "--help"], usage: /^USAGE regulars keys create\|list\|revoke$/m },
    { args: ["keys", "create", "--help"], usage: /^USAGE regulars keys create \[OPTIONS\] *$/m },
    { args: ["help", "keys", "revoke"], usage: /^USAGE regulars keys revoke <ID>$/m },
    { args: ["export", "--help"], usage: /^USAGE regulars export \[OPTIONS\] <WHAT>$/m },
    { args: ["rebuild", "--help"], usage: /^USAGE regulars rebuild *$/m },
    { args: ["demo", "-h"], usage: /^USAGE regulars demo *$/m },
  ])("explains $args", async ({ args, usage }) => {
    const { code, out } = await program(temporaryFolder(), args);
    expect(code).toBe(0);
    expect(out).toMatch(usage);
    expect(out).not.toContain("\u001B");
  });

  test.each([
    ["import of a missing file", ["import", "nothing.ndjson"], 1],
    ["restore of a missing file", ["restore", "nothing.db"], 1],
    ["backup --check of a missing file", ["backup", "--check", "nothing.db"], 1],
    ["a key that expires in the past", ["keys", "create", "--scope", "links:read", "--expires", "2020-01-01"], 2],
    ["revoking what is no key", ["keys", "revoke", "nope"], 2],
    ["an unknown export", ["export", "dreams"], 2],
    ["help for an unknown command", ["help", "fly"], 2],
  ])("%s leaves no folder behind", async (_, args, exitCode) => {
    const directory = temporaryFolder();
    const { code, out, err } = await program(directory, args);
    expect([code, out, err.trim().split("\n").length]).toEqual([exitCode, "", 1]);
    expect(readdirSync(directory)).toEqual([]);
  });

  test.each([["--version"], ["version"]])("says its version: %s", async (word) => {
    expect(await program(temporaryFolder(), [word])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      err: "",
    });
  });
});

describe("keys", () => {
  test("are printed alone, listed without their secret, and revoked once", async () => {
    const directory = temporaryFolder();
    const made = await program(directory, ["keys", "create", "--scope", "links:read,analytics:read", "--name", "reports"]);
    expect([made.code, made.err]).toEqual([0, ""]);
    expect(made.out).toMatch(/^rg_[0-9A-Za-z]{36}\n$/);
    const { out } = await program(directory, ["keys", "list"]);
    expect(out).toContain("reports  links:read,analytics:read");
    expect(out).not.toContain(made.out.trim());
    const id = out.split(" ")[0] ?? "";
    expect((await program(directory, ["keys", "revoke", id])).code).toBe(0);
    expect((await program(directory, ["keys", "list"])).out).toContain("revoked");
    expect((await program(directory, ["keys", "revoke", id])).code).toBe(1);
  });
});

describe("import", () => {
  test("records a file, changes nothing the second time, and exports what it took", async () => {
    const directory = temporaryFolder();
    const entries = Array.from({ length: 2500 }, (_, index) => sale(index));
    await Bun.write(`${directory}/sales.ndjson`, ndjson(...entries));
    const first = await program(directory, ["import", "sales.ndjson"]);
    expect(first).toMatchObject({ code: 0, err: expect.stringContaining("2500 accepted, 0 duplicates, 0 rejected") });
    expect((await program(directory, ["import", "sales.ndjson"])).err).toContain("0 accepted, 2500 duplicates, 0 rejected");
    expect(existsSync(`${directory}/sales.ndjson.rejected.ndjson`)).toBe(false);

    const customers = await program(directory, ["export", "customers"]);
    expect(customers.out.trim().split("\n")).toHaveLength(2500);
    const again = temporaryFolder();
    const { out } = await program(directory, ["export", "entries"]);
    expect((await program(again, ["import", "-"], {}, out)).err).toContain("2500 accepted, 0 duplicates, 0 rejected");
    expect((await program(again, ["export", "entries"])).out).toBe(out);
  });

  test("keeps the rejected lines with their numbers and reasons, and ends with 1", async () => {
    const directory = temporaryFolder();
    await Bun.write(`${directory}/mixed.ndjson`, `${ndjson(sale(1))}not json\n\n${ndjson({ ...sale(2), value: -5 }, sale(3))}`);
    const { code, err } = await program(directory, ["import", "mixed.ndjson"]);
    expect(code).toBe(1);
    expect(err).toContain("2 accepted, 0 duplicates, 2 rejected");
    expect(err.match(/^ +1 × .*\(first in line \d\)$/gm)).toHaveLength(2);
    const rejected = (await Bun.file(`${directory}/mixed.ndjson.rejected.ndjson`).text())
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rejected).toMatchObject([
      { line: 2, text: "not json", error: { message: "The line is not valid JSON." } },
      { line: 4, error: { code: "VALIDATION_ERROR", details: [{ path: "value" }] } },
    ]);
  });

  test("reads gzip from standard input", async () => {
    const directory = temporaryFolder();
    await Bun.write(`${directory}/sales.ndjson.gz`, Bun.gzipSync(ndjson(sale(1), sale(2))));
    const child = Bun.spawn([...FROM_SOURCE, "import", "-"], {
      cwd: directory,
      env: { PATH: process.env.PATH ?? "" },
      stdin: Bun.file(`${directory}/sales.ndjson.gz`),
      stderr: "pipe",
    });
    expect(await new Response(child.stderr).text()).toContain("2 accepted");
  });

  test("says in a line that there is no such file, and makes no database", async () => {
    const directory = temporaryFolder();
    const { code, err } = await program(directory, ["import", "nothing.ndjson"]);
    expect([code, err]).toEqual([1, "There is no file nothing.ndjson: check the path.\n"]);
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe("export", () => {
  test("writes CSV whose cells no spreadsheet runs", async () => {
    const directory = temporaryFolder();
    await program(directory, ["import", "-"], {}, ndjson({ ...sale(1), name: '=HYPERLINK("http://x")' }));
    const { out } = await program(directory, ["export", "customers", "--format", "csv"]);
    expect(out).toStartWith("id,externalId,email,aliases,aliasCount,name,");
    expect(out).toContain(`"'=HYPERLINK(""http://x"")"`);
    expect((await program(directory, ["export", "entries", "--format", "csv"])).out.split("\r\n")).toHaveLength(3);
  });
});

describe("rebuild and demo", () => {
  test("the demo fills an empty database alone, and a rebuild changes nothing", async () => {
    const directory = temporaryFolder();
    const filled = await program(directory, ["demo"]);
    expect([filled.code, filled.out]).toEqual([0, ""]);
    const before = await program(directory, ["export", "customers"]);
    expect(before.out.trim().split("\n")).toHaveLength(2000);
    expect((await program(directory, ["rebuild"])).code).toBe(0);
    expect(withoutRecordTimes((await program(directory, ["export", "customers"])).out)).toBe(withoutRecordTimes(before.out));
    const again = await program(directory, ["demo"]);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining("is not empty")]);
  }, 60_000);
});

function withoutRecordTimes(text: string): string {
  return text.replaceAll(/"updatedAt":"[^"]+"/g, "");
}

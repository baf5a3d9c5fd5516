// Are keys with an end, and keys for pages, made as the command line is told?

import { expect, test } from "bun:test";
import { connect } from "../../db/connection.ts";
import { toDistance } from "../../src/cli/distance.ts";
import { FROM_SOURCE, run } from "../program.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const keys = (directory: string, ...args: string[]) =>
  run([...FROM_SOURCE, "keys", ...args], directory, { CLOCK: "2026-03-01T00:00:00Z" }, "");

test("a key expires after so many days, or on a date, and the list says so", async () => {
  const directory = temporaryFolder();
  expect((await keys(directory, "create", "--scope", "links:read", "--name", "days", "--expires", "90d")).code).toBe(0);
  expect((await keys(directory, "create", "--scope", "links:read", "--name", "date", "--expires", "2027-01-31")).code).toBe(0);
  const { out } = await keys(directory, "list");
  expect(out).toMatch(/days {2}links:read .* never used {2}expires 2026-05-30T00:00:00.000Z \(in 90 days\)/);
  expect(out).toMatch(/date {2}links:read .* expires 2027-01-31T00:00:00.000Z/);
});

test("the list says how long ago a key was used, and once how late a use is saved", async () => {
  const directory = temporaryFolder();
  await keys(directory, "create", "--scope", "links:read");
  const sqlite = connect(`${directory}/data/regulars.db`);
  sqlite.prepare("UPDATE api_key SET last_used_at = ?").run(Date.parse("2026-02-28T23:56:30Z"));
  sqlite.close();
  const { out, err } = await keys(directory, "list");
  expect(out).toContain("used 2026-02-28T23:56:30.000Z (3 minutes ago)");
  expect(err).toBe("The time of last use is saved up to 30 seconds late.\n");
});

test.each([
  [0, "now"],
  [-999, "now"],
  [-1000, "1 second ago"],
  [-59_999, "59 seconds ago"],
  [-180_000, "3 minutes ago"],
  [-7_200_000, "2 hours ago"],
  [-86_400_000, "1 day ago"],
  [90 * 86_400_000, "in 90 days"],
])("%d ms is %s", (milliseconds, words) => expect(toDistance(milliseconds)).toBe(words));

test("a publishable key is made of origins alone", async () => {
  const directory = temporaryFolder();
  const made = await keys(directory, "create", "--origin", "https://shop.example,http://localhost:5173");
  expect(made.out).toMatch(/^rgp_[0-9A-Za-z]{36}\n$/);
  expect((await keys(directory, "list")).out).toContain("publishable from https://shop.example,http://localhost:5173");
});

test("a key with origins and scopes reads, and is secret", async () => {
  const directory = temporaryFolder();
  const made = await keys(directory, "create", "--origin", "https://intranet.example", "--scope", "links:read,analytics:read");
  expect(made.out).toMatch(/^rg_[0-9A-Za-z]{36}\n$/);
  expect((await keys(directory, "list")).out).toContain("links:read,analytics:read from https://intranet.example");
});

test("a conversion key is made of nothing but its name", async () => {
  const directory = temporaryFolder();
  const made = await keys(directory, "create", "--conversions", "--name", "network");
  expect(made.out).toMatch(/^rgc_[0-9A-Za-z]{36}\n$/);
  expect((await keys(directory, "list")).out).toMatch(/ {2}rgc_\w{4}… {2}network {2}conversions by GET {2}/);
});

test.each([
  ["neither scope nor origin", ["create"], "A key needs --scope"],
  [
    "a key for pages that writes",
    ["create", "--scope", "links:read,links:delete", "--origin", "https://shop.example"],
    "leave out links:delete",
  ],
  ["a conversion key with a scope", ["create", "--scope", "conversions:write", "--conversions"], "only --conversions"],
  ["an origin with a path", ["create", "--origin", "https://shop.example/"], "Not an origin"],
  ["an origin that is any", ["create", "--origin", "*"], "Not an origin"],
  ["a time that was", ["create", "--scope", "links:read", "--expires", "2026-02-28"], "--expires must be"],
  ["a time that is none", ["create", "--scope", "links:read", "--expires", "soon"], "--expires must be"],
])("%s is refused with exit code 2", async (_, args, message) => {
  const { code, err, out } = await keys(temporaryFolder(), ...args);
  expect([code, out, err.includes(message)]).toEqual([2, "", true]);
});

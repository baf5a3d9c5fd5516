// Does a release name its parts, and refuse what does not agree?
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import manifest from "../../package.json" with { type: "json" };
import { toBill } from "./bill.ts";
import { toNotes } from "./release.ts";
import runtimes from "./runtimes/package.json" with { type: "json" };
import { TARGETS } from "./targets.ts";

const CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-02-01\n\n### Added\n\n- A thing.\n\n## [1.2.2]\n\n- Older.\n";

describe("a release", () => {
  test("has its section of the changelog as notes", () => {
    expect(toNotes(CHANGELOG, "1.2.3", "v1.2.3")).toBe("### Added\n\n- A thing.\n");
  });

  test("refuses another version's tag, a version without a section, and a section without a date", () => {
    expect(() => toNotes(CHANGELOG, "1.2.3", "v1.2.4")).toThrow("not that of package.json's version: v1.2.3");
    expect(() => toNotes(CHANGELOG, "1.3.0", "v1.3.0")).toThrow("no section [1.3.0]");
    expect(() => toNotes(CHANGELOG, "1.2.2", "v1.2.2")).toThrow("needs its date");
  });

  test("is made with one version of Bun, in every place that names it", () => {
    const bun = manifest.packageManager.replace("bun@", "");
    expect(new Set(Object.values(runtimes.optionalDependencies))).toEqual(new Set([bun]));
    expect(Object.keys(runtimes.optionalDependencies).sort()).toEqual(TARGETS.map((each) => each.runtime).sort());
    for (const file of [".ci/run", "Dockerfile", "README.md", ".github/workflows/release.yml"]) {
      const text = readFileSync(`${import.meta.dir}/../../${file}`, "utf8");
      expect([file, ...new Set([...text.matchAll(/\bbun[@:](\d[\d.]*\d)/g)].map((match) => match[1]))]).toEqual([file, bun]);
    }
  });

  test("has a bill of materials with every package that is in it, and its licence", async () => {
    const bill = JSON.parse(await toBill()) as { components: { name: string; version: string; purl: string; licenses?: object[] }[] };
    const listed = new Map(bill.components.map((each) => [each.name, each]));
    for (const [name, version] of Object.entries(manifest.dependencies)) expect(listed.get(name)?.version).toBe(version);
    expect(bill.components.filter(({ licenses }) => !licenses?.length)).toEqual([]);
    expect(["exact-mirror", "typescript", "fast-check"].map((name) => listed.has(name))).toEqual([true, false, false]);
  });

  test("has an addon for each platform that it is built for", () => {
    const addons = Object.keys(manifest.imports["#sqlite"]).filter((name) => name !== "default");
    expect(TARGETS.map(({ name }) => name).sort()).toEqual(addons.sort());
  });
});

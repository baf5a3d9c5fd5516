// Does a release name its parts, and refuse what does not agree?
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import manifest from "../../package.json" with { type: "json" };
import { toBill } from "./bill.ts";
import { toNotes } from "./release.ts";
import runtimes from "./runtimes/package.json" with { type: "json" };
import { TARGETS } from "./targets.ts";

const ROOT = `${import.meta.dir}/../..`;

/** A package of bun.lock. */
type Needs = Partial<Record<"dependencies" | "optionalDependencies" | "peerDependencies", Record<string, string>>>;
type Locked = readonly [id: string, registry: string, needs: Needs, checksum: string];
interface Hash {
  alg: string;
  content: string;
}

interface Step {
  uses?: string;
  run?: string;
}
interface Workflow {
  permissions: Record<string, string>;
  jobs: Record<string, { permissions?: Record<string, string>; steps: Step[] }>;
}

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

  test("has a bill of materials that agrees with the lockfile, checksums included", async () => {
    const { packages } = Bun.JSONC.parse(readFileSync(`${ROOT}/bun.lock`, "utf8")) as { packages: Record<string, Locked> };
    const locked = new Map<string, string>();
    // What the dependencies of the program need, as the lockfile resolves it: what only tests and tools need is not among it.
    const add = (name: string, parent = ""): void => {
      const path = parent !== "" && Object.hasOwn(packages, `${parent}/${name}`) ? `${parent}/${name}` : name;
      const [id, , needs, checksum] = packages[path] ?? [];
      if (id === undefined || locked.has(id)) return;
      locked.set(id, Buffer.from(String(checksum).replace("sha512-", ""), "base64").toString("hex"));
      for (const needed of Object.keys({ ...needs?.dependencies, ...needs?.optionalDependencies, ...needs?.peerDependencies }))
        add(needed, path);
    };
    for (const name of Object.keys(manifest.dependencies)) add(name);
    const { components } = JSON.parse(await toBill()) as { components: { type: string; name: string; version: string; hashes?: Hash[] }[] };
    const libraries = components.filter(({ type }) => type === "library");
    expect(libraries.length).toBeGreaterThanOrEqual(Object.keys(manifest.dependencies).length);
    for (const { name, version, hashes } of libraries)
      expect([name, hashes]).toEqual([name, [{ alg: "SHA-512", content: String(locked.get(`${name}@${version}`)) }]]);
  });

  test("has an addon for each platform that it is built for", () => {
    const addons = Object.keys(manifest.imports["#sqlite"]).filter((name) => name !== "default");
    expect(TARGETS.map(({ name }) => name).sort()).toEqual(addons.sort());
  });
});

describe.each(readdirSync(`${ROOT}/.github/workflows`))("the workflow %s", (file) => {
  const { permissions, jobs } = Bun.YAML.parse(readFileSync(`${ROOT}/.github/workflows/${file}`, "utf8")) as Workflow;
  const canWrite = (granted: Record<string, string> = {}) => Object.values(granted).includes("write");

  test("names each action by its commit", () => {
    for (const { uses } of Object.values(jobs).flatMap(({ steps }) => steps))
      if (uses !== undefined) expect(uses).toMatch(/^actions\/[\w-]+@[0-9a-f]{40}$/);
  });

  test("grants rights job by job, and none that write to a job that runs our code", () => {
    expect(permissions).toEqual({});
    for (const [name, { permissions: granted, steps }] of Object.entries(jobs)) {
      expect([name, typeof granted]).toEqual([name, "object"]);
      const runsOurCode = steps.some(
        ({ uses = "", run = "" }) => uses.startsWith("actions/checkout@") || /\b(?:bun|npx|npm|node)\b/.test(run),
      );
      expect([name, runsOurCode && canWrite(granted)]).toEqual([name, false]);
    }
  });
});

test("a release is attested where it is published, and published by nobody who builds it", () => {
  const { jobs } = Bun.YAML.parse(readFileSync(`${ROOT}/.github/workflows/release.yml`, "utf8")) as Workflow;
  const publishing = Object.values(jobs).filter(({ steps }) => steps.some(({ run }) => run?.startsWith("gh release create")));
  expect(publishing.map(({ permissions }) => permissions)).toEqual([{ contents: "write", "id-token": "write", attestations: "write" }]);
  const steps = publishing.flatMap((job) => job.steps.map(({ uses = "", run = "" }) => uses.split("@")[0] || run.split(" ")[0]));
  expect(steps).toEqual(["actions/download-artifact", "sha256sum", "actions/attest-build-provenance", "gh"]);
});

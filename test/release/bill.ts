// What is in the binary? A bill of materials in CycloneDX form: the packages that the bundle is made of, with the lockfile's checksums.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import manifest from "../../package.json" with { type: "json" };

const ROOT = resolve(import.meta.dir, "../..");

/** A package of bun.lock: its name and version, and, the last, its checksum. */
type Locked = readonly [id: string, ...unknown[]];

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/** The bill as JSON, the same for the same sources: without a date. */
export async function toBill(): Promise<string> {
  const { packages } = Bun.JSONC.parse(readFileSync(`${ROOT}/bun.lock`, "utf8")) as { packages: Record<string, Locked> };
  const checksums = new Map(Object.values(packages).map((locked) => [locked[0], String(locked.at(-1))]));
  const found = (await findPackages()).map((folder) => JSON.parse(readFileSync(`${ROOT}/${folder}/package.json`, "utf8")) as Package);
  const components = found.map((each) => toComponent(each, checksums)).sort((a, b) => (a.purl < b.purl ? -1 : 1));
  const bun = {
    type: "platform",
    "bom-ref": `pkg:npm/${manifest.packageManager}`,
    name: "bun",
    version: manifest.packageManager.slice("bun@".length),
    purl: `pkg:npm/${manifest.packageManager}`,
    licenses: [{ license: { id: "MIT" } }],
  };
  const { name, version, license } = manifest;
  const root = {
    type: "application",
    "bom-ref": `pkg:generic/${name}@${version}`,
    name,
    version,
    licenses: [{ license: { id: license } }],
  };
  const all = [bun, ...components];
  const bill = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: root },
    components: all,
    dependencies: [{ ref: root["bom-ref"], dependsOn: all.map((each) => each["bom-ref"]) }],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

/** The folders of the packages that the bundle takes something from. */
async function findPackages(): Promise<string[]> {
  const { metafile } = await Bun.build({
    entrypoints: [`${ROOT}/src/main.ts`],
    root: ROOT,
    target: "bun",
    conditions: ["linux-x64"],
    metafile: true,
  });
  const folders = Object.keys(metafile?.inputs ?? {}).map(
    (path) => /\bnode_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(path)?.[0],
  );
  return [...new Set(folders.filter((folder) => folder !== undefined))];
}

function toComponent({ name, version, license }: Package, checksums: ReadonlyMap<string, string>) {
  const checksum = checksums.get(`${name}@${version}`);
  if (!checksum?.startsWith("sha512-")) throw new Error(`bun.lock has no ${name}@${version}: run bun install.`);
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return {
    type: "library",
    "bom-ref": purl,
    name,
    version,
    purl,
    ...(license && { licenses: [{ license: /^[\w.-]+$/.test(license) ? { id: license } : { name: license } }] }),
    hashes: [{ alg: "SHA-512", content: Buffer.from(checksum.slice("sha512-".length), "base64").toString("hex") }],
  };
}

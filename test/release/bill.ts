// What is in the binary? A bill of materials in CycloneDX form, from the lockfile.
import { readFileSync } from "node:fs";
import manifest from "../../package.json" with { type: "json" };

const ROOT = `${import.meta.dir}/../..`;

/** A package of bun.lock: its name and version, where it is from, what it wants, its checksum. */
type Locked = readonly [id: string, registry: string, wants: Wants, integrity: string];

interface Wants {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Component {
  readonly type: "library" | "platform";
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses?: readonly { license: { id: string } | { name: string } }[];
  readonly hashes?: readonly { alg: string; content: string }[];
}

/** The bill as JSON: the same for the same lockfile, so without a date. */
export function toBill(): string {
  const locked = (Bun.JSONC.parse(readFileSync(`${ROOT}/bun.lock`, "utf8")) as { packages: Record<string, Locked> }).packages;
  const found = new Map<string, string[]>();
  for (const open = Object.keys(manifest.dependencies); open.length > 0; ) {
    const name = String(open.pop());
    if (found.has(name)) continue;
    const [, , wants] = requireLocked(locked, name);
    const wanted = Object.keys({ ...wants.dependencies, ...wants.optionalDependencies }).filter((each) => locked[each]);
    found.set(name, wanted);
    open.push(...wanted);
  }
  const names = [...found.keys()].sort();
  const bun: Component = {
    type: "platform",
    "bom-ref": "bun",
    name: "bun",
    version: manifest.packageManager.slice("bun@".length),
    purl: `pkg:npm/${manifest.packageManager}`,
    licenses: [{ license: { id: "MIT" } }],
  };
  const root = `pkg:generic/${manifest.name}@${manifest.version}`;
  const refs = (list: readonly string[]) => list.map((name) => requireLocked(locked, name)[0]).sort();
  return `${JSON.stringify(
    {
      bomFormat: "CycloneDX",
      specVersion: "1.6",
      version: 1,
      metadata: {
        component: {
          type: "application",
          "bom-ref": root,
          name: manifest.name,
          version: manifest.version,
          licenses: [{ license: { id: manifest.license } }],
        },
      },
      components: [bun, ...names.map((name) => toComponent(name, requireLocked(locked, name)))],
      dependencies: [
        { ref: root, dependsOn: ["bun", ...refs(Object.keys(manifest.dependencies))] },
        ...names.map((name) => ({ ref: requireLocked(locked, name)[0], dependsOn: refs(found.get(name) ?? []) })),
      ],
    },
    null,
    2,
  )}\n`;
}

function requireLocked(locked: Readonly<Record<string, Locked>>, name: string): Locked {
  const found = locked[name];
  if (!found) throw new Error(`bun.lock has no ${name}: run bun install.`);
  return found;
}

function toComponent(name: string, [id, , , integrity]: Locked): Component {
  const version = id.slice(id.lastIndexOf("@") + 1);
  const { license } = JSON.parse(readFileSync(`${ROOT}/node_modules/${name}/package.json`, "utf8")) as { license?: string };
  return {
    type: "library",
    "bom-ref": id,
    name,
    version,
    purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
    ...(license && { licenses: [{ license: /^[\w.-]+$/.test(license) ? { id: license } : { name: license } }] }),
    hashes: [{ alg: "SHA-512", content: Buffer.from(integrity.replace("sha512-", ""), "base64").toString("hex") }],
  };
}

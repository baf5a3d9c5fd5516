// `bun run build` → dist/regulars for this platform; `--all` → every platform's, their bill of materials and SHA256SUMS.
import { mkdirSync, statSync } from "node:fs";
import manifest from "../../package.json" with { type: "json" };
import { toBill } from "./bill.ts";
import { build } from "./build.ts";
import { fileOf, installRuntimes, TARGETS, thisTarget } from "./targets.ts";

const DIST = `${import.meta.dir}/../../dist`;
const BILL = "regulars.cdx.json";

function tell(name: string): void {
  console.log(`dist/${name}  ${(statSync(`${DIST}/${name}`).size / 1e6).toFixed(1)} MB`);
}

async function sha256(file: string): Promise<string> {
  return new Bun.CryptoHasher("sha256").update(await Bun.file(file).arrayBuffer()).digest("hex");
}

async function buildAll(): Promise<void> {
  const runtimeOf = await installRuntimes(`${DIST}/.runtimes`);
  const files: string[] = [];
  for (const target of TARGETS) {
    const file = fileOf(target);
    await build(`${DIST}/${file}`, target, runtimeOf(target));
    files.push(file);
    tell(file);
  }
  await Bun.write(`${DIST}/${BILL}`, await toBill());
  const sums: string[] = [];
  for (const file of [...files, BILL]) sums.push(`${await sha256(`${DIST}/${file}`)}  ${file}\n`);
  await Bun.write(`${DIST}/SHA256SUMS`, sums.join(""));
  tell(BILL);
  tell("SHA256SUMS");
}

const [option, ...more] = process.argv.slice(2);
if (more.length > 0 || (option !== undefined && option !== "--all")) {
  console.error("Usage: bun run build [--all]");
  process.exit(2);
}
mkdirSync(DIST, { recursive: true });
console.log(`regulars ${manifest.version}`);
if (option === "--all") await buildAll();
else {
  const file = process.platform === "win32" ? "regulars.exe" : "regulars";
  await build(`${DIST}/${file}`, thisTarget());
  tell(file);
}

// How is the one binary made?
import { type Target, thisTarget } from "./targets.ts";

const ROOT = `${import.meta.dir}/../..`;
/** The program, and what runs beside it in a thread of its own. */
const ENTRIES = [
  "src/main.ts",
  "src/customer/list/list-thread.ts",
  "src/ledger/recompute-thread.ts",
  "src/report/large-thread.ts",
  "db/checkpoint-thread.ts",
];

/** The commit that is built, with `-dirty` when files differ from it; `REGULARS_COMMIT` says it where there is no git. */
function findCommit(): string {
  const told = process.env.REGULARS_COMMIT;
  if (told) return told;
  if (!Bun.which("git")) return "unknown";
  const command = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"];
  return Bun.spawnSync(command, { cwd: ROOT, stderr: "ignore" }).stdout.toString().trim() || "unknown";
}

/**
 * Bundles the dashboard's page into the folder where `#page` finds it under the condition `built`. So the page is minified and the
 * server is not, whose stack traces should be readable.
 */
async function buildPage(): Promise<void> {
  await Bun.build({
    entrypoints: [`${ROOT}/src/dashboard/page/index.html`],
    outdir: `${ROOT}/dist/page`,
    minify: true,
    define: { "process.env.NODE_ENV": JSON.stringify("production") },
  });
}

/** Builds the program for a target into `outfile`; `runtime` is Bun's executable for it. Throws when it cannot be built. */
export async function build(outfile: string, target: Target = thisTarget(), runtime: string = process.execPath): Promise<void> {
  await buildPage();
  const command = [
    ...[process.execPath, "build", "--compile", ...ENTRIES, "--outfile", outfile],
    ...[`--conditions=${target.name}`, "--conditions=built", `--target=${target.bun}`, `--compile-executable-path=${runtime}`],
    // Nothing in the directory that the binary is started in may change what it does.
    ...["--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"],
    // A dependency's __dirname, which nothing in the binary reads, would be where it was built: two builds would differ.
    ...["--define", `__dirname=${JSON.stringify("/")}`],
    // Parsed at the build, it starts in half the time. Bytecode is of one platform, that of the build: others parse at their start.
    ...(target.name === thisTarget().name ? ["--bytecode", "--format=esm"] : []),
    ...["--define", `process.env.REGULARS_COMMIT=${JSON.stringify(findCommit())}`],
  ];
  const child = Bun.spawn(command, { cwd: ROOT, stdout: "ignore", stderr: "pipe" });
  if ((await child.exited) !== 0) throw new Error(`The binary cannot be built: ${await new Response(child.stderr).text()}`);
  await requireAddon(outfile, target);
}

/** A binary with another platform's addon would only fail when somebody starts it. */
async function requireAddon(outfile: string, { name }: Target): Promise<void> {
  const addon = Buffer.from(await Bun.file(`${ROOT}/node_modules/better-sqlite3/prebuilds/${name}.node`).arrayBuffer());
  const binary = Buffer.from(await Bun.file(outfile).arrayBuffer());
  if (binary.indexOf(addon) === -1) throw new Error(`The binary for ${name} lacks better-sqlite3's addon.`);
}

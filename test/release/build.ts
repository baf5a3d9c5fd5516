// How is the one binary made? `bun run build` → dist/regulars for this platform.
import { mkdirSync } from "node:fs";
import { VERSION } from "../../src/version.ts";

/** The name under which better-sqlite3 keeps its addon for this platform; package.json's "imports" has the list. */
function platform(): string {
  const musl = process.platform === "linux" && !("glibcVersionRuntime" in (process.report.getReport() as { header: object }).header);
  return `${process.platform}${musl ? "musl" : ""}-${process.arch}`;
}

/** Builds the program into `outfile`. Throws when it cannot be built. */
export async function build(outfile: string): Promise<void> {
  const root = `${import.meta.dir}/../..`;
  const commit =
    Bun.which("git") && Bun.spawnSync(["git", "rev-parse", "--short=12", "HEAD"], { cwd: root, stderr: "ignore" }).stdout.toString().trim();
  const child = Bun.spawn(
    [
      ...[process.execPath, "build", "--compile", "src/main.ts", "--outfile", outfile, `--conditions=${platform()}`],
      // Nothing in the directory that the binary is started in may change what it does.
      ...["--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"],
      ...["--define", `process.env.REGULARS_COMMIT=${JSON.stringify(commit || "unknown")}`],
    ],
    { cwd: root, stdout: "ignore", stderr: "pipe" },
  );
  if ((await child.exited) !== 0) throw new Error(`The binary cannot be built: ${await new Response(child.stderr).text()}`);
}

if (import.meta.main) {
  const outfile = `${import.meta.dir}/../../dist/regulars`;
  mkdirSync(`${import.meta.dir}/../../dist`, { recursive: true });
  await build(outfile);
  console.log(`Built dist/regulars ${VERSION}: ${(Bun.file(outfile).size / 2 ** 20).toFixed(0)} MiB.`);
}

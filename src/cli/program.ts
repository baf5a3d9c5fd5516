// Which commands does the program have, and how does a run of one end?
import { defineCommand, runCommand, type SubCommandsDef } from "citty";
import { VERSION } from "../host/version.ts";
import { Failure, toFailure } from "./failure.ts";
import { plain, toHelp } from "./usage.ts";

/** Each command is loaded only when it runs, because creating a key needs no web server. */
const SUB_COMMANDS: SubCommandsDef = {
  serve: async () => (await import("./serve.ts")).serveCommand,
  import: async () => (await import("./import/import.ts")).importCommand,
  imports: async () => (await import("./imports.ts")).importsCommand,
  reconcile: async () => (await import("./reconcile.ts")).reconcileCommand,
  export: async () => (await import("./export/export.ts")).exportCommand,
  keys: async () => (await import("./keys.ts")).keysCommand,
  rebuild: async () => (await import("./rebuild.ts")).rebuildCommand,
  backup: async () => (await import("./backup.ts")).backupCommand,
  restore: async () => (await import("./restore.ts")).restoreCommand,
  follow: async () => (await import("./follow.ts")).followCommand,
  promote: async () => (await import("./promote.ts")).promoteCommand,
  verify: async () => (await import("./verify.ts")).verifyCommand,
  doctor: async () => (await import("./doctor.ts")).doctorCommand,
  health: async () => (await import("./health.ts")).healthCommand,
  mcp: async () => (await import("./mcp.ts")).mcpCommand,
  demo: async () => (await import("./demo.ts")).demoCommand,
  help: defineCommand({ meta: { name: "help", description: "Explain a command: regulars help import" } }),
  version: defineCommand({ meta: { name: "version", description: "Print the version" } }),
};

const program = defineCommand({
  meta: {
    name: "regulars",
    version: VERSION,
    description: "Customer analytics: where paying customers come from and what they become worth",
  },
  subCommands: SUB_COMMANDS,
  default: "serve",
});

/** Runs a command line (without the program's name) and gives the exit code: 0 done, 1 failed, 2 wrong command or settings, 130 interrupted. */
export async function runProgram(args: readonly string[]): Promise<number> {
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  try {
    if (own[0] === "help") return print(await toHelp(program, own.slice(1)));
    if (own.includes("--help") || own.includes("-h")) return print(await toHelp(program, own));
    if (own[0] === "version" || own.includes("--version") || own.includes("-v")) return print(VERSION);
    await runCommand(program, { rawArgs: [...args] });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    const failure = isUsageError(error)
      ? new Failure(`${plain(error.message)} See regulars --help.`.replace(/([^.])( See)/, "$1.$2"), 2)
      : toFailure(error);
    console.error(failure.message);
    return failure.exitCode;
  }
}

/** citty does not export its error class for invalid command lines. */
function isUsageError(error: unknown): error is Error {
  return error instanceof Error && error.name === "CLIError";
}

function print(text: string): number {
  console.log(process.stdout.isTTY ? text : plain(text));
  return 0;
}

// What does `regulars … --help` print? citty's usage, with the whole command line and without options that do not exist.
import { stripVTControlCharacters } from "node:util";
import { type CommandDef, renderUsage, type SubCommandsDef } from "citty";
import { Failure } from "./failure.ts";
import { toSettingsHelp } from "./settings-help.ts";

/** The help text of the command with these `names` below `program`. Options among them are ignored. Throws a Failure for an unknown command. */
export async function toHelp(program: CommandDef, names: readonly string[]): Promise<string> {
  let line = "regulars";
  let parent = "";
  let command = program;
  for (const name of names.filter((each) => !each.startsWith("-"))) {
    const subCommands = command.subCommands as SubCommandsDef | undefined;
    if (!subCommands) break; // an argument of the command
    const next = subCommands[name];
    if (!next) throw new Failure(`Unknown command ${name}. See ${line} --help.`, 2);
    command = await (typeof next === "function" ? next() : next);
    parent = line;
    line = `${line} ${name}`;
  }
  const usage = await renderUsage(command, parent === "" ? undefined : { meta: { name: parent } });
  const args = Object.values((command.args ?? {}) as Record<string, { type?: string }>);
  const hasOptions = args.some(({ type }) => type !== "positional");
  const text = hasOptions ? usage : usage.replace(" [OPTIONS]", "");
  return command === program ? `${text}\n\n${toSettingsHelp()}` : text;
}

/** Text without colours. */
export function plain(text: string): string {
  return stripVTControlCharacters(text);
}

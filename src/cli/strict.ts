// Does the command know all of its options and arguments? citty ignores unknown ones.
import { type ArgsDef, type CittyPlugin, type CommandContext, defineCittyPlugin } from "citty";
import { Failure } from "./failure.ts";

/** Refuses unknown options, options without a value and extra arguments before the command runs. */
export const strict = defineCittyPlugin({
  name: "strict",
  async setup({ args, cmd }: CommandContext) {
    const known = ((await cmd.args) ?? {}) as ArgsDef;
    const problem = firstProblem(args, known);
    if (problem) throw new Failure(`${problem} See regulars --help.`, 2);
  },
}) as CittyPlugin;

/** citty also reports `--self-test` as `selfTest`. */
const toKebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function firstProblem(args: CommandContext["args"], known: ArgsDef): string | undefined {
  for (const [name, value] of Object.entries<unknown>(args)) {
    if (name === "_") continue;
    const definition = known[name] ?? known[toKebab(name)];
    if (!definition) return `Unknown option: ${name.length === 1 ? "-" : "--"}${name}.`;
    if (definition.type !== "positional" && definition.type !== "boolean" && (value === "" || typeof value !== "string"))
      return `The option --${name} needs a value.`;
  }
  const positionals = Object.values(known).filter(({ type }) => type === "positional").length;
  const extra = args._[positionals];
  return extra === undefined ? undefined : `Unexpected argument: ${extra}.`;
}

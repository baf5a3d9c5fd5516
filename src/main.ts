// Where does the program start? The only file that does anything when it is imported.
import { runProgram } from "./cli/program.ts";

process.exitCode = await runProgram(process.argv.slice(2));

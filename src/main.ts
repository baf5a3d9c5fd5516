// Where does the program start? Apart from the entry points of threads, this is the only file that does anything when it is imported.
import { runProgram } from "./cli/program.ts";

process.exitCode = await runProgram(process.argv.slice(2));

// Where is this program, as the one binary or as source, and how is a part of it started: again as a process, or as a thread?

const isBinary = !import.meta.path.endsWith(".ts") || import.meta.path.startsWith("/$bunfs/") || import.meta.path.includes("~BUN");

/** The command line that runs this program once more: the binary itself, or Bun with its source. */
export function toCommandLine(): string[] {
  return isBinary ? [process.execPath] : [process.execPath, `${import.meta.dir}/../main.ts`];
}

/** The module of a thread, by its path from the project's root. Each is an entry point of the build too, or the binary lacks it. */
export function toModuleUrl(path: string): URL {
  // In the binary, whose modules are one file at its root, entry points keep their paths.
  return new URL(isBinary ? path : `../../${path}`, import.meta.url);
}

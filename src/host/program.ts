// How does this program start a part of itself, as a process or as a thread, when it runs as a single binary or from source?

const isBinary = !import.meta.path.endsWith(".ts") || import.meta.path.startsWith("/$bunfs/") || import.meta.path.includes("~BUN");

/** The command line that starts this program: the binary, or Bun with the source. Arguments are appended. */
export function toCommandLine(): string[] {
  return isBinary ? [process.execPath] : [process.execPath, `${import.meta.dir}/../main.ts`];
}

/** The URL of a thread's module. `path` is relative to the project's root. The build must list it as an entry point, or the binary lacks it. */
export function toModuleUrl(path: string): URL {
  // The binary bundles all modules into one file at its root, and entry points keep their paths.
  return new URL(isBinary ? path : `../../${path}`, import.meta.url);
}

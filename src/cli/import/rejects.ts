// Where do the lines go that an import rejects? Into a file beside the imported one, which holds people, so that only this user may read it.
import { closeSync, rmSync, writeFileSync } from "node:fs";
import { openReplacedFile } from "../../../db/private-file.ts";
import type { Line } from "./lines.ts";

export interface Rejects {
  readonly path: string;
  /** Writes the line with its number and the reason. */
  add(line: Line, error: unknown): void;
  close(): void;
}

/** The file of rejected lines at `path`. It is made at the first rejected line, and replaces what an earlier run left. */
export function openRejects(path: string): Rejects {
  rmSync(path, { force: true });
  let file: number | undefined;
  return {
    path,
    add({ number, text }, error) {
      file ??= openReplacedFile(path);
      writeFileSync(file, `${JSON.stringify({ line: number, error, text: text ?? null })}\n`);
    },
    close() {
      if (file !== undefined) closeSync(file);
    },
  };
}

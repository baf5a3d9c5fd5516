// Where are the lines that an import rejects? In a file beside the imported one. Only this user may read it, because it has personal data.
import { closeSync, rmSync, writeFileSync } from "node:fs";
import { openReplacedFile } from "../../../db/private-file.ts";
import type { Line } from "../../intake/import/lines.ts";
import { openReasons, type Reasons, type Rejection } from "../../intake/import/reasons.ts";

export interface Rejects {
  readonly path: string;
  /** Writes the line with its number and the reason, which is counted. */
  add(line: Line, error: Rejection): void;
  /** The reasons so far, each with its number of lines. */
  readonly reasons: Pick<Reasons, "toLines">;
  close(): void;
}

/** The file of rejected lines at `path`. It replaces that of an earlier run, and is created at the first rejected line. */
export function openRejects(path: string): Rejects {
  rmSync(path, { force: true });
  let file: number | undefined;
  const reasons = openReasons();
  return {
    path,
    reasons,
    add({ number, text }, error) {
      reasons.add(number, error);
      file ??= openReplacedFile(path);
      writeFileSync(file, `${JSON.stringify({ line: number, error, text: text ?? null })}\n`);
    },
    close() {
      if (file !== undefined) closeSync(file);
    },
  };
}

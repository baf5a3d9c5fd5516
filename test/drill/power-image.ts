// What is on the disk after a power cut? Everything that was synced, and of the rest nothing, some of it, or torn pieces.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Chance } from "./seed.ts";
import type { Step } from "./trace.ts";

/** What happens to writes that were not synced. */
export const FATES = ["dropped", "some of it", "torn"] as const;
export type Fate = (typeof FATES)[number];

type Change = Extract<Step, { kind: "write" | "truncate" }>;
const SECTOR = 512;

function apply(content: Buffer, change: Change): Buffer {
  const end = change.kind === "write" ? change.at + change.bytes.length : change.length;
  let result = content;
  if (change.kind === "truncate" && end <= content.length) return content.subarray(0, end);
  if (end > content.length) {
    result = Buffer.alloc(end);
    content.copy(result);
  }
  if (change.kind === "write") change.bytes.copy(result, change.at);
  return result;
}

/** The state of the disk while a trace is replayed. */
export class Disk {
  readonly #synced = new Map<string, Buffer>();
  readonly #waiting = new Map<string, Change[]>();

  /** Applies a step of the server. Files are created and removed durably at once, as on a journalling file system. */
  take(step: Step): void {
    if (step.kind === "answer") return;
    const { file } = step;
    if (step.kind === "remove") {
      this.#synced.delete(file);
      this.#waiting.delete(file);
      return;
    }
    if (!this.#synced.has(file)) this.#synced.set(file, Buffer.alloc(0));
    const waiting = this.#waiting.get(file) ?? [];
    this.#waiting.set(file, waiting);
    if (step.kind === "write" || step.kind === "truncate") waiting.push(step);
    if (step.kind === "sync") {
      this.#synced.set(file, waiting.reduce(apply, this.#synced.get(file) ?? Buffer.alloc(0)));
      this.#waiting.delete(file);
    }
  }

  /** Cuts the power: writes the remaining content into an empty folder. */
  cut(folder: string, fate: Fate, chance: Chance): void {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const [file, synced] of this.#synced) {
      let content: Buffer = Buffer.from(synced);
      for (const change of this.#waiting.get(file) ?? []) {
        if (fate === "dropped" || chance.pick(2) === 0) continue;
        const torn = fate === "torn" && change.kind === "write";
        content = apply(
          content,
          torn ? { ...change, bytes: change.bytes.subarray(0, chance.pick(1 + change.bytes.length / SECTOR) * SECTOR) } : change,
        );
      }
      writeFileSync(join(folder, file), content);
    }
  }
}

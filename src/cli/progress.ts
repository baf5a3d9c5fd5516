// How far along is a long command? A terminal shows a bar, anything else shows nothing.

export interface Progress {
  /** Shows `done` of `total`, in the same unit, and `note` after the bar. Without a total, only the note is shown. */
  show(done: number, total: number | undefined, note: string): void;
  /** Removes the bar before other output. */
  clear(): void;
}

const WIDTH = 30;
const EVERY_MS = 100;

/** A bar on standard error, if that is a terminal. */
export function openProgress(stream: { isTTY?: boolean; write(text: string): unknown } = process.stderr): Progress {
  if (!stream.isTTY) return { show: () => undefined, clear: () => undefined };
  let shownAt = 0;
  return {
    show(done, total, note) {
      const at = performance.now();
      if (at - shownAt < EVERY_MS) return;
      shownAt = at;
      stream.write(`\r\u001B[K${bar(done, total)}${note}`);
    },
    clear() {
      if (shownAt > 0) stream.write("\r\u001B[K");
    },
  };
}

function bar(done: number, total: number | undefined): string {
  if (!total) return "";
  const part = Math.min(1, done / total);
  const filled = Math.round(part * WIDTH);
  return `[${"#".repeat(filled)}${"-".repeat(WIDTH - filled)}] ${String(Math.floor(part * 100)).padStart(3)} %  `;
}

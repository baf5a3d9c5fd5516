// Where do log lines go? Each is one JSON object. They are written in batches, and nobody waits for them.
import { write } from "node:fs";
import { LOG_LEVELS, type LogLevel } from "./config.ts";

export type Fields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(fields: Fields): void;
  info(fields: Fields): void;
  warn(fields: Fields): void;
  error(fields: Fields): void;
  /** Resolves when what was logged so far is written, or cannot be. */
  flush(): Promise<void>;
}

/** Takes a batch of lines; resolves when it can take the next. */
export type Sink = (lines: string) => Promise<void>;

/** Lines beyond this many characters that the sink has not taken are dropped: a stuck reader must not fill the memory. */
const MAX_WAITING = 8 * 1024 * 1024;
const GATHER_MS = 20;

let stamped = { at: 0, text: "" };

/** Now, as ISO 8601; many lines are of one millisecond. */
function timestamp(): string {
  const at = Date.now();
  if (stamped.at !== at) stamped = { at, text: new Date(at).toISOString() };
  return stamped.text;
}

/** A line with its time, level and fields, of which there is at least one. */
function toLine(level: LogLevel, fields: Fields): string {
  return `{"time":"${timestamp()}","level":"${level}",${JSON.stringify(fields).slice(1)}\n`;
}

/** Opens a log of the lines at `level` and above. */
export function openLog(level: LogLevel, sink: Sink = toDescriptor(1)): Log {
  const least = LOG_LEVELS.indexOf(level);
  let waiting = "";
  let dropped = 0;
  let writing: Promise<void> | undefined;

  async function drain(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    while (waiting !== "") {
      const lines = waiting;
      waiting = "";
      await sink(lines).catch(() => {});
      if (dropped > 0) waiting += toLine("warn", { message: "log lines were dropped", dropped });
      dropped = 0;
    }
    writing = undefined;
  }

  const at = (own: LogLevel) => {
    if (LOG_LEVELS.indexOf(own) < least) return () => {};
    return (fields: Fields): void => {
      if (waiting.length > MAX_WAITING) dropped += 1;
      else waiting += toLine(own, fields);
      writing ??= drain();
    };
  };

  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error"), flush: () => writing ?? Promise.resolve() };
}

/** A log that keeps nothing. */
export function silentLog(): Log {
  const nothing = () => {};
  return { debug: nothing, info: nothing, warn: nothing, error: nothing, flush: () => Promise.resolve() };
}

/** Writes to a file descriptor (1: standard output), whole, however little it takes at once. */
function toDescriptor(descriptor: number): Sink {
  const put = (bytes: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) =>
      write(descriptor, bytes, (error, written) => {
        if (error?.code === "EAGAIN") setTimeout(() => put(bytes).then(resolve, reject), GATHER_MS);
        else if (error) reject(error);
        else if (written < bytes.length) put(bytes.subarray(written)).then(resolve, reject);
        else resolve();
      }),
    );
  return (lines) => put(new TextEncoder().encode(lines));
}

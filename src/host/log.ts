// Where do log lines go? Each line is one JSON object. Lines are written in batches, and nobody waits for them.
import { write } from "node:fs";
import { LOG_LEVELS, type LogLevel } from "./config.ts";

export type Fields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(fields: Fields): void;
  info(fields: Fields): void;
  warn(fields: Fields): void;
  error(fields: Fields): void;
  /** Resolves when everything logged so far is written, or cannot be written. */
  flush(): Promise<void>;
}

/** Writes a batch of lines. Resolves when it can take the next one. */
export type Sink = (lines: string) => Promise<void>;

/** With this many characters waiting for the sink, further lines are dropped. So a stuck reader cannot fill the memory. */
const MAX_WAITING = 8 * 1024 * 1024;
/** How long lines are collected before a batch is written. */
const BATCH_MS = 20;

let latest = { at: 0, text: "" };

/** The current time as ISO 8601. It is cached, since many lines share a millisecond. */
function timestamp(): string {
  const at = Date.now();
  if (latest.at !== at) latest = { at, text: new Date(at).toISOString() };
  return latest.text;
}

/** A line with its time, level and fields. There must be at least one field. */
function toLine(level: LogLevel, fields: Fields): string {
  return `{"time":"${timestamp()}","level":"${level}",${JSON.stringify(fields).slice(1)}\n`;
}

/** Opens a log that keeps lines of `level` and above, and writes them to `sink`: by default, standard output. */
export function openLog(level: LogLevel, sink: Sink = toDescriptor(1)): Log {
  const least = LOG_LEVELS.indexOf(level);
  let waiting = "";
  let dropped = 0;
  let writing: Promise<void> | undefined;

  async function drain(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, BATCH_MS));
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

/** A sink that writes to a file descriptor (1: standard output), completely, even if it accepts only a part at a time. */
function toDescriptor(descriptor: number): Sink {
  const put = (bytes: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) =>
      write(descriptor, bytes, (error, written) => {
        if (error?.code === "EAGAIN") setTimeout(() => put(bytes).then(resolve, reject), BATCH_MS);
        else if (error) reject(error);
        else if (written < bytes.length) put(bytes.subarray(written)).then(resolve, reject);
        else resolve();
      }),
    );
  return (lines) => put(new TextEncoder().encode(lines));
}

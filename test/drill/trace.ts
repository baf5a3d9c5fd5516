// What did the server request from the kernel, and in which order? Writes and syncs of a database, and answers, from the output of strace.
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { createInterface } from "node:readline";

/** One step of a trace; `file` is the name without its directory. */
export type Step =
  | { readonly kind: "write"; readonly file: string; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: "truncate"; readonly file: string; readonly length: number }
  | { readonly kind: "sync"; readonly file: string }
  | { readonly kind: "make"; readonly file: string }
  | { readonly kind: "remove"; readonly file: string }
  | { readonly kind: "answer"; readonly text: string };

/** The command that runs a program under strace with an output that `readTrace` can parse. */
export function straceTo(path: string): string[] {
  const calls = "openat,close,pwrite64,sendto,fsync,fdatasync,ftruncate,unlink";
  return ["strace", "-f", "--seccomp-bpf", "-xx", "-s", "1000000", "-e", `trace=${calls}`, "-o", path];
}

const toBytes = (text: string) => Buffer.from(text.replaceAll("\\x", ""), "hex");

/** The steps of a trace that concern a database of this name (with its journals) and answers to requests. */
export async function readTrace(path: string, database: string): Promise<Step[]> {
  const steps: Step[] = [];
  const names = new Set([database, `${database}-wal`, `${database}-journal`]);
  const open = new Map<number, string>();
  const begun = new Map<string, string>();

  /** A call, with its result, or as it begins when another thread's line comes in between. */
  function take(line: string, phase: "whole" | "begun" | "ended"): void {
    const [, call = "", first = ""] = /^(\w+)\((\d*)/.exec(line) ?? [];
    const file = open.get(Number(first));
    if (call === "openat" && phase !== "begun") {
      const [, name = "", flags = "", result = ""] = /^openat\([^"]*"([^"]*)", ([A-Z_|]+).*\)\s*= (\d+)/.exec(line) ?? [];
      const opened = basename(toBytes(name).toString());
      if (result === "") return;
      open.delete(Number(result));
      if (!names.has(opened)) return;
      open.set(Number(result), opened);
      if (flags.includes("O_CREAT")) steps.push({ kind: "make", file: opened });
    } else if (call === "unlink" && phase !== "ended") {
      const removed = basename(toBytes(/"([^"]*)"/.exec(line)?.[1] ?? "").toString());
      if (names.has(removed)) steps.push({ kind: "remove", file: removed });
    } else if (call === "sendto" && phase !== "ended") {
      const text = toBytes(/"([^"]*)"/.exec(line)?.[1] ?? "").toString();
      if (text.startsWith("HTTP/1.1 2")) steps.push({ kind: "answer", text });
    } else if (file === undefined) {
      return;
    } else if (call === "close" && phase !== "ended") {
      open.delete(Number(first));
    } else if (call === "pwrite64" && phase !== "ended") {
      const [, bytes, count, at] = /"([^"]*)", (\d+), (\d+)/.exec(line) ?? [];
      const written = toBytes(bytes ?? "");
      if (written.length !== Number(count)) throw new Error("The trace has a shortened write");
      steps.push({ kind: "write", file, at: Number(at), bytes: written });
    } else if (call === "ftruncate" && phase !== "ended") {
      steps.push({ kind: "truncate", file, length: Number(/, (\d+)/.exec(line)?.[1]) });
    } else if ((call === "fsync" || call === "fdatasync") && phase !== "begun") {
      if (/= 0$/.test(line)) steps.push({ kind: "sync", file });
    }
  }

  for await (const raw of createInterface({ input: createReadStream(path, "latin1") })) {
    const [, thread = "", line = ""] = /^(\d+)\s+(.*)$/.exec(raw) ?? [];
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(line)?.[1];
    if (resumed !== undefined) {
      const start = begun.get(thread);
      begun.delete(thread);
      if (start !== undefined) take(start + resumed, "ended");
    } else if (line.endsWith("<unfinished ...>")) {
      const start = line.slice(0, -"<unfinished ...>".length).trimEnd();
      begun.set(thread, start);
      take(start, "begun");
    } else take(line, "whole");
  }
  return steps;
}

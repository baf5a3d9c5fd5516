// Where did a page of a journey end? An opaque text for a place in log order, so that pages hold while entries come and go.
import type { LogPlace } from "../../value/log-order.ts";

/** A place in log order as base64url text. */
export function toCursor({ at, type, key }: LogPlace): string {
  return new TextEncoder().encode(JSON.stringify([at, type, key])).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** The place that `toCursor` wrote; undefined when it is no such text. */
export function parseCursor(text: string): LogPlace | undefined {
  try {
    const bytes = Uint8Array.fromBase64(text, { alphabet: "base64url" });
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (!Array.isArray(value) || value.length !== 3) return undefined;
    const [at, type, key] = value as unknown[];
    return Number.isSafeInteger(at) && Number.isSafeInteger(type) && typeof key === "string"
      ? { at: Number(at), type: Number(type), key }
      : undefined;
  } catch {
    return undefined;
  }
}

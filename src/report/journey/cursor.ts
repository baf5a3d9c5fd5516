// Where does a page of a journey end? A cursor is a place in log order, so that pages stay correct while entries are added or removed.
import type { LogPlace } from "../../value/log-order.ts";

/** A place in log order as base64url text. */
export function toCursor({ at, type, key }: LogPlace): string {
  return new TextEncoder().encode(JSON.stringify([at, type, key])).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** The place in log order of a cursor. Undefined if the text is not a cursor. */
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

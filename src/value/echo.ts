// May an error repeat this value to the caller? Only short plain values, and never what looks like an email or a key.

const SHOWN = /^[\p{L}\p{N}(][\p{L}\p{N} _.,:+()-]{0,39}$|^[+-][\p{L}\p{N}_.,:+-]{0,39}$/u;
const KEY = /rg[a-z]?_/i;

/** The value as an error may show it, or undefined. Whether its field may be shown at all is the schema's question. */
export function shown(value: unknown): string | undefined {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" && SHOWN.test(value) && !KEY.test(value) ? value : undefined;
}

/** `, not usd`, or nothing when the value may not be shown. Completes "must be …". */
export function butNot(value: unknown): string {
  const text = shown(value);
  return text === undefined ? "" : `, not ${text}`;
}

/** `: 9.999`, or nothing when the value may not be shown. Completes "must not have …". */
export function colon(value: unknown): string {
  const text = shown(value);
  return text === undefined ? "" : `: ${text}`;
}

// May an error repeat this value to the caller? Only if it is short and plain, and never if it looks like an email or a key.

const SHOWN = /^[\p{L}\p{N}(][\p{L}\p{N} _.,:+()-]{0,39}$|^[+-][\p{L}\p{N}_.,:+-]{0,39}$/u;
const KEY = /rg[a-z]?_/i;

/** The value as text if an error may show it, else undefined. Whether its field may be shown at all is up to the schema. */
export function shown(value: unknown): string | undefined {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" && SHOWN.test(value) && !KEY.test(value) ? value : undefined;
}

/** Completes "must be …" with the value, as in `, not usd`. Empty if the value may not be shown. */
export function butNot(value: unknown): string {
  const text = shown(value);
  return text === undefined ? "" : `, not ${text}`;
}

/** Completes "must not have …" with the value, as in `: 9.999`. Empty if the value may not be shown. */
export function colon(value: unknown): string {
  const text = shown(value);
  return text === undefined ? "" : `: ${text}`;
}

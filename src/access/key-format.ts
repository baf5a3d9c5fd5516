// What does a key look like? `rg_` (for browsers `rgp_`, for URLs `rgc_`), 30 random letters and digits, 6 of a checksum.

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SECRET_LENGTH = 30;
const CHECKSUM_LENGTH = 6;
/** The prefixes of secret keys, of publishable keys and of conversion keys. */
export type KeyPrefix = "rg_" | "rgp_" | "rgc_";

const SHAPE = /^rg[pc]?_([0-9A-Za-z]{30})([0-9A-Za-z]{6})$/;

/** A text of `length` random characters of the alphabet, each equally likely. */
export function randomText(length: number): string {
  let text = "";
  while (text.length < length)
    for (const byte of crypto.getRandomValues(new Uint8Array(length * 2)))
      if (byte < 248 && text.length < length) text += ALPHABET[byte % 62];
  return text;
}

/** The CRC-32 (ISO 3309) of a text, as six digits to base 62. It reveals a mistyped key without a look-up. */
function checksum(text: string): string {
  let crc = ~0;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  let rest = ~crc >>> 0;
  let digits = "";
  for (let index = 0; index < CHECKSUM_LENGTH; index += 1) {
    digits = ALPHABET[rest % 62] + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

/** Can this text be a key? Checks its form and checksum only. */
export function isKeyShaped(text: string): boolean {
  const [, secret, sum] = SHAPE.exec(text) ?? [];
  return secret !== undefined && checksum(secret) === sum;
}

/** Is this the text, or the beginning of the text, of a conversion key? */
export const isConversionKey = (text: string): boolean => text.startsWith("rgc_");

/** The text of a new random key. Nothing is stored. */
export function newKeyText(prefix: KeyPrefix = "rg_"): string {
  const secret = randomText(SECRET_LENGTH);
  return `${prefix}${secret}${checksum(secret)}`;
}

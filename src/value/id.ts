// What does a row number look like to callers? A prefix and lower-case Crockford base 32, of equal length, so that ids sort by age.

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH = 10;

function toText(prefix: string, id: number): string {
  let text = "";
  for (let rest = id; text.length < LENGTH; rest = Math.floor(rest / 32)) text = ALPHABET[rest % 32] + text;
  return prefix + text;
}

/** A random text in the form of an entry's id. No entry has it, because row ids never get so high. */
export function randomEntryId(): string {
  const random = crypto.getRandomValues(new Uint8Array(LENGTH - 1));
  return `ent_z${Array.from(random, (byte) => ALPHABET[byte % 32]).join("")}`;
}

function parse(prefix: string, text: string): number | undefined {
  if (!text.startsWith(prefix) || text.length !== prefix.length + LENGTH) return undefined;
  let id = 0;
  for (const letter of text.slice(prefix.length)) {
    const digit = ALPHABET.indexOf(letter);
    if (digit < 0) return undefined;
    id = id * 32 + digit;
  }
  return id;
}

/** `customer.id` → `cus_…` */
export const toCustomerId = (id: number): string => toText("cus_", id);
/** `entry.id` → `ent_…` */
export const toEntryId = (id: number): string => toText("ent_", id);
/** `cus_…` → `customer.id`, or undefined if the text is not such an id. */
export const parseCustomerId = (text: string): number | undefined => parse("cus_", text);
/** `ent_…` → `entry.id`, or undefined if the text is not such an id. */
export const parseEntryId = (text: string): number | undefined => parse("ent_", text);

// What would it cost to parse a JSON text? Found by reading its bytes once, before anything is parsed, so that no body can stop the server.
import { nextTurn, openTurn } from "../host/turn.ts";

/** The limits of one value: of a body, or of each element of a body that is a list. */
export const MAX_VALUE_BYTES = 256 * 1024;
export const MAX_VALUE_PARTS = 4096;
/** How large a value may be: its bytes, and its fields and elements in all. */
export interface ValueLimits {
  readonly bytes: number;
  readonly parts: number;
}
const VALUE_LIMITS: ValueLimits = { bytes: MAX_VALUE_BYTES, parts: MAX_VALUE_PARTS };
/** The most elements of a list. Each endpoint has a limit of its own below this one. */
export const MAX_ELEMENTS = 10_000;
/** The most fields and elements of all values of a list: so many objects at once would make the collector of unused memory stop the server. */
export const MAX_LIST_PARTS = 200_000;
/** The deepest nesting that is parsed. `textProblems` refuses less, and names the place. */
const MAX_DEPTH = 100;
/** How many bytes are read before the clock is asked. */
const PIECE_BYTES = 64 * 1024;

const [QUOTE, BACKSLASH, COMMA, COLON, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x22, 0x5c, 0x2c, 0x3a, 0x5b, 0x5d, 0x7b, 0x7d];
const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** Where a value is in the bytes. */
export type Slice = readonly [from: number, to: number];

/**
 * `list`: the elements of a list, each within the limits. `value`: anything else within the limits, and where it is. `broken`: not JSON, as its brackets show.
 * `excess`: what is over a limit, to complete "must …", and the index of the element, if it is in one.
 */
export type Cost =
  | { readonly kind: "list"; readonly elements: readonly Slice[] }
  | { readonly kind: "value"; readonly slice: Slice }
  | { readonly kind: "broken" }
  | { readonly kind: "excess"; readonly index: number | undefined; readonly message: string };

const BROKEN: Cost = { kind: "broken" };

/** Reads the bytes of a JSON text once, in short turns. Of text that is not JSON, it may say anything but `excess` wrongly. */
export async function measureJson(bytes: Uint8Array, start = 0, most: ValueLimits = VALUE_LIMITS): Promise<Cost> {
  const isOver = openTurn();
  const { length } = bytes;
  let first = start;
  for (; first < length && isSpace(bytes[first]); first += 1) if (first % PIECE_BYTES === 0 && isOver()) await nextTurn();
  const isList = bytes[first] === OPEN_LIST;
  const elements: Slice[] = [];
  let [from, parts, before, depth, isText] = [isList ? first + 1 : first, 0, 0, 0, false]; // before: the parts of earlier elements
  let at = first;

  const excess = (message: string): Cost => ({ kind: "excess", index: isList ? elements.length : undefined, message });
  const isTooLong = () => at - from > most.bytes;

  while (at < length) {
    for (const until = Math.min(length, at + PIECE_BYTES); at < until; at += 1) {
      const byte = bytes[at];
      if (isText) {
        if (byte === BACKSLASH) at += 1;
        else if (byte === QUOTE) isText = false;
      } else if (byte === QUOTE) isText = true;
      else if (byte === COMMA || byte === COLON) {
        if (isList && depth === 1) {
          if (byte === COLON) return BROKEN;
          if (isTooLong()) break;
          elements.push([from, at]);
          if (elements.length >= MAX_ELEMENTS)
            return { kind: "excess", index: undefined, message: `must have at most ${MAX_ELEMENTS} elements` };
          [from, parts, before] = [at + 1, 0, before + parts];
        } else if (byte === COMMA) parts += 1;
      } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
        depth += 1;
        parts += 1;
        if (depth > MAX_DEPTH) return excess(`must not nest deeper than ${MAX_DEPTH} levels`);
      } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
        depth -= 1;
        if (depth < 0) return BROKEN;
        if (isList && depth === 0) return byte !== CLOSE_LIST ? BROKEN : isTooLong() ? tooLong() : finish();
      }
      if (parts > most.parts) return excess(`must have at most ${most.parts} fields and elements in all`);
      if (before + parts > MAX_LIST_PARTS)
        return { kind: "excess", index: undefined, message: `must have at most ${MAX_LIST_PARTS} fields and elements in all` };
    }
    if (isTooLong()) return tooLong();
    if (isOver()) await nextTurn();
  }
  return isList || isText || depth !== 0 ? BROKEN : { kind: "value", slice: [from, length] };

  function tooLong(): Cost {
    return excess(`must be at most ${most.bytes} bytes of JSON`);
  }

  /** The list ends here. */
  function finish(): Cost {
    const isEmpty = elements.length === 0 && bytes.subarray(from, at).every(isSpace);
    if (!isEmpty) elements.push([from, at]);
    for (let rest = at + 1; rest < length; rest += 1) if (!isSpace(bytes[rest])) return BROKEN;
    return { kind: "list", elements };
  }
}

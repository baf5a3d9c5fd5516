// Where does a text stop being JSON (RFC 8259)? This scanner runs only after JSON.parse has failed, whose messages differ between engines.
import { nextTurn, openTurn } from "../host/turn.ts";

const QUOTE = 0x22;
const [COMMA, COLON, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x2c, 0x3a, 0x5b, 0x5d, 0x7b, 0x7d];
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const ESCAPE = /["\\/bfnrt]|u[0-9a-fA-F]{4}/y;
const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/** Where a text breaks: line and column from 1, byte from 0 (in UTF-8). `isEnd`: the text ends too early. */
export interface Break {
  readonly line: number;
  readonly column: number;
  readonly byte: number;
  readonly isEnd: boolean;
}

/** The index after the string that begins at `start`, or the negative index at which it breaks. */
function afterString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code < 0x20) return -at;
    if (code !== 0x5c) continue;
    ESCAPE.lastIndex = at + 1;
    if (!ESCAPE.test(text)) return -Math.min(at + 1, text.length);
    at = ESCAPE.lastIndex - 1;
  }
  return -text.length;
}

/** The index after the string, number or word that begins at `start`, or the negative index at which it breaks. */
function afterScalar(text: string, start: number): number {
  const code = text.charCodeAt(start);
  if (code === QUOTE) return afterString(text, start);
  const form = code > 0x60 ? WORD : NUMBER;
  form.lastIndex = start;
  return form.test(text) ? form.lastIndex : -start;
}

/** What may come next: a value, a value or the end of a list, a name or the end of an object, a name, a colon, or what follows a value. */
type State = "value" | "first item" | "first name" | "name" | "colon" | "after";

/** A place in the text, and the line that it is in. */
interface Place {
  readonly index: number;
  readonly line: number;
  readonly lineStart: number;
}

/** How many characters are read before the clock is asked. */
const PIECE_CHARACTERS = 64 * 1024;

/** The place at which the text breaks; undefined if it is JSON. Takes linear time and does not recurse, as texts are up to 5 MiB. */
async function findBreakPlace(text: string): Promise<Place | undefined> {
  const isOver = openTurn();
  const open: number[] = []; // the closing brackets that are due
  let state: State = "value";
  let [at, line, lineStart, until] = [0, 1, 0, PIECE_CHARACTERS];
  const placeAt = (index: number): Place => ({ index, line, lineStart });
  for (;;) {
    for (; at <= until && isSpace(text.charCodeAt(at)); at += 1) {
      if (text.charCodeAt(at) !== 0x0a) continue;
      line += 1;
      lineStart = at + 1;
    }
    if (at > until) {
      until = at + PIECE_CHARACTERS;
      if (isOver()) await nextTurn();
      continue;
    }
    if (at >= text.length) return state === "after" && open.length === 0 ? undefined : placeAt(text.length);
    const code = text.charCodeAt(at);
    if ((state === "after" || state === "first item" || state === "first name") && open.length > 0 && code === open.at(-1)) {
      if ((state === "first item" && code !== CLOSE_LIST) || (state === "first name" && code !== CLOSE_OBJECT)) return placeAt(at);
      open.pop();
      state = "after";
      at += 1;
    } else if (state === "after") {
      if (code !== COMMA || open.length === 0) return placeAt(at);
      state = open.at(-1) === CLOSE_OBJECT ? "name" : "value";
      at += 1;
    } else if (state === "colon") {
      if (code !== COLON) return placeAt(at);
      state = "value";
      at += 1;
    } else if (state === "name" || state === "first name") {
      if (code !== QUOTE) return placeAt(at);
      const next = afterString(text, at);
      if (next <= 0) return placeAt(-next);
      at = next;
      state = "colon";
    } else if (code === OPEN_OBJECT || code === OPEN_LIST) {
      open.push(code === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_LIST);
      state = code === OPEN_OBJECT ? "first name" : "first item";
      at += 1;
    } else {
      const next = afterScalar(text, at);
      if (next <= 0) return placeAt(-next);
      at = next;
      state = "after";
    }
  }
}

/** The place at which a text breaks; undefined if it is JSON. Requests come in between. */
export async function findBreak(text: string): Promise<Break | undefined> {
  const place = await findBreakPlace(text);
  if (place === undefined) return undefined;
  const { index, line, lineStart } = place;
  let column = 1;
  for (let at = lineStart; at < index; at += 1) if ((text.charCodeAt(at) & 0xfc00) !== 0xdc00) column += 1; // a pair of surrogates is one
  return { line, column, byte: Buffer.byteLength(text.slice(0, index)), isEnd: index >= text.length };
}

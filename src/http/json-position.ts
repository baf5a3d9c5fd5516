// Where does a text stop being JSON? A scanner of RFC 8259 that runs only when JSON.parse has failed: engines word their errors differently.

const WORDS = ["true", "false", "null"];
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPE = /["\\/bfnrt]|u[0-9a-fA-F]{4}/y;
const SPACE = " \t\n\r";

/** Where a text breaks, counted from 1 (`byte` from 0, in UTF-8), and what the place looks like, without quoting it. */
export interface Break {
  readonly line: number;
  readonly column: number;
  readonly byte: number;
  readonly isEnd: boolean;
}

/** The index after the string that begins at `start`, or minus the index where it breaks. */
function afterString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20) return -at;
    if (code !== 0x5c) continue;
    ESCAPE.lastIndex = at + 1;
    if (!ESCAPE.test(text)) return -Math.min(at + 1, text.length);
    at = ESCAPE.lastIndex - 1;
  }
  return -text.length;
}

/** The index after the text, number or word at `start`, or minus the index where it breaks. */
function afterScalar(text: string, start: number): number {
  if (text[start] === '"') return afterString(text, start);
  const word = WORDS.find((each) => text.startsWith(each, start));
  if (word) return start + word.length;
  NUMBER.lastIndex = start;
  return NUMBER.test(text) ? NUMBER.lastIndex : -start;
}

/** What may come next: a value, a value or the end of a list, a name or the end of an object, a name, a colon, or what follows a value. */
type State = "value" | "first item" | "first name" | "name" | "colon" | "after";

/** The index at which the text breaks; undefined: it is JSON. Takes time in proportion to the text, and no recursion. */
function findBreakIndex(text: string): number | undefined {
  const open: string[] = []; // the closing brackets that are due
  let state: State = "value";
  let at = 0;
  for (;;) {
    while (at < text.length && SPACE.includes(String(text[at]))) at += 1;
    if (at >= text.length) return state === "after" && open.length === 0 ? undefined : text.length;
    const character = text[at];
    if ((state === "after" || state === "first item" || state === "first name") && open.length > 0 && character === open.at(-1)) {
      if ((state === "first item" && character !== "]") || (state === "first name" && character !== "}")) return at;
      open.pop();
      state = "after";
      at += 1;
    } else if (state === "after") {
      if (character !== "," || open.length === 0) return at;
      state = open.at(-1) === "}" ? "name" : "value";
      at += 1;
    } else if (state === "colon") {
      if (character !== ":") return at;
      state = "value";
      at += 1;
    } else if (state === "name" || state === "first name") {
      if (character !== '"') return at;
      const next = afterString(text, at);
      if (next <= 0) return -next;
      at = next;
      state = "colon";
    } else if (character === "{" || character === "[") {
      open.push(character === "{" ? "}" : "]");
      state = character === "{" ? "first name" : "first item";
      at += 1;
    } else {
      const next = afterScalar(text, at);
      if (next <= 0) return -next;
      at = next;
      state = "after";
    }
  }
}

/** Where a text breaks that is no JSON; undefined: it is JSON. */
export function findBreak(text: string): Break | undefined {
  const index = findBreakIndex(text);
  if (index === undefined) return undefined;
  const before = text.slice(0, index);
  const lineStart = before.lastIndexOf("\n") + 1;
  let line = 1;
  for (let next = before.indexOf("\n"); next !== -1; next = before.indexOf("\n", next + 1)) line += 1;
  let column = 1;
  for (const _ of before.slice(lineStart)) column += 1;
  return { line, column, byte: Buffer.byteLength(before), isEnd: index >= text.length };
}

// Does this input contain text or numbers that must not be stored?
import type { Detail } from "./error.ts";

const CONTROL = /\p{Cc}/u;
/** JSON that nests deeper is refused. No real input needs it, and recursion must end. */
const MAX_DEPTH = 32;

/** What is wrong with a text, or undefined if it may be stored. Control characters are those of Unicode's category Cc. */
export function textProblem(text: string): string | undefined {
  if (CONTROL.test(text)) return "must not contain control characters";
  return text.isWellFormed() ? undefined : "must be valid Unicode, without lone surrogates";
}

/** More problems than anybody reads. The search ends there. */
const MOST_FOUND = 5000;

/** Every text, key and number of a parsed JSON value that must not be stored, with its dotted path. Adds to `found` and returns it. */
export function textProblems(value: unknown, path = "", depth = 0, found: Detail[] = []): Detail[] {
  if (found.length >= MOST_FOUND) return found;
  if (typeof value === "string") {
    const message = textProblem(value);
    if (message) found.push({ path, message });
  } else if (typeof value === "number") {
    if (!Number.isFinite(value))
      found.push({ path, message: "must be a number that can be stored exactly: at most 15 digits are always safe" });
  } else if (typeof value === "object" && value !== null) {
    if (depth > MAX_DEPTH) found.push({ path, message: `must not nest deeper than ${MAX_DEPTH} levels` });
    else if (Array.isArray(value))
      value.forEach((item, index) => void textProblems(item, path ? `${path}.${index}` : String(index), depth + 1, found));
    else
      for (const key of Object.keys(value)) {
        const inner = path ? `${path}.${key}` : key;
        if (key === "__proto__") found.push({ path: inner, message: "is a name that no field may have" });
        else if (textProblem(key))
          found.push({ path: path || "", message: "must not have field names with control characters or lone surrogates" });
        else textProblems((value as Record<string, unknown>)[key], inner, depth + 1, found);
      }
  }
  return found;
}

/** Names as they are compared: in NFC, in their order, each once. */
export function toNames(texts: readonly string[]): string[] {
  return [...new Set(texts.map((text) => text.normalize("NFC")))];
}

// Which text do the bytes of a file stand for? UTF-8, or UTF-16 as spreadsheets save it.
import { FileError } from "./file-error.ts";

const ZIP = "PK\u0003\u0004";
const NOT_TEXT = "The file is neither UTF-8 nor UTF-16: save it as CSV in UTF-8 and try again.";

/** What the first bytes say. Text that begins with an ASCII character is recognized without a byte order mark, too. */
function encodingOf([first, second, third, fourth]: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0 && third !== 0 && fourth === 0)) return "utf-16le";
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0 && third === 0 && fourth !== 0)) return "utf-16be";
  return "utf-8";
}

/** The text of a file, piece by piece, without a byte order mark. Throws FileError if it is no text. */
export async function* readText(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  let first = new Uint8Array();
  const decode = (bytes: Uint8Array, isLast: boolean): string => {
    decoder ??= new TextDecoder(encodingOf(bytes), { fatal: true });
    try {
      return decoder.decode(bytes, { stream: !isLast });
    } catch {
      throw new FileError(NOT_TEXT);
    }
  };
  for await (const chunk of chunks) {
    if (decoder) yield decode(chunk, false);
    else {
      const joined = new Uint8Array(first.length + chunk.length);
      joined.set(first);
      joined.set(chunk, first.length);
      first = joined;
      if (first.length < ZIP.length) continue;
      if (new TextDecoder("latin1").decode(first.subarray(0, ZIP.length)) === ZIP)
        throw new FileError("The file is a spreadsheet or an archive, not CSV: save it as CSV in UTF-8 and try again.");
      yield decode(first, false);
    }
  }
  yield decode(decoder ? new Uint8Array() : first, true);
}

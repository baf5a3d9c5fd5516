// How is a file of lines, plain or gzipped, read without holding it in memory?
import { FileError } from "../../provider/file/file-error.ts";

/** One line: its number from 1, and its text, which is undefined if it is too long or not UTF-8. */
export interface Line {
  number: number;
  text: string | undefined;
  /** The length of the line in bytes, without its end. */
  length: number;
}

/** Longer lines are rejected. It is also the largest body of the API. */
export const MAX_LINE_BYTES = 5 * 1024 * 1024;

const LINE_FEED = 10;

/** Decompresses a stream that begins with the magic number of gzip (RFC 1952 §2.3.1), whatever the file name is. Throws a FileError if it is damaged. */
export async function* gunzipped(chunks: AsyncIterable<Uint8Array<ArrayBuffer>>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const source = chunks[Symbol.asyncIterator]();
  const first: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  while (size < 2) {
    const { value, done } = await source.next();
    if (done) break;
    first.push(value);
    size += value.length;
  }
  const head = Uint8Array.from(first.flatMap((chunk) => [...chunk.subarray(0, 2)]));
  const all = toStream(resumed(first, source));
  if (head[0] !== 0x1f || head[1] !== 0x8b) return yield* all;
  try {
    yield* all.pipeThrough(new DecompressionStream("gzip"));
  } catch {
    throw new FileError("The gzip data is damaged or incomplete: get the file again. Entries before the damage are stored.");
  }
}

async function* resumed<T>(first: readonly T[], rest: AsyncIterator<T>): AsyncGenerator<T> {
  yield* first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

function toStream<T>(items: AsyncIterator<T>): ReadableStream<T> {
  return new ReadableStream<T>({
    async pull(controller) {
      const { value, done } = await items.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

/** Splits bytes at line feeds. A carriage return before one and a byte order mark at the start are dropped. Blank lines are skipped but counted. */
export async function* toLines(chunks: AsyncIterable<Uint8Array<ArrayBuffer>>): AsyncGenerator<Line> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let kept: Uint8Array[] = [];
  let length = 0;
  let number = 0;
  const line = (): Line => {
    number += 1;
    const bytes = length <= MAX_LINE_BYTES ? joined(kept, length) : undefined;
    const result = { number, text: bytes && decoded(decoder, bytes), length };
    kept = [];
    length = 0;
    return result;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      if (length <= MAX_LINE_BYTES) kept.push(chunk.subarray(start, end));
      length += end - start;
      start = end + 1;
      const next = line();
      if (next.text !== "") yield next;
    }
    if (length <= MAX_LINE_BYTES) kept.push(chunk.subarray(start));
    length += chunk.length - start;
  }
  const last = line();
  if (last.text !== "") yield last;
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  if (parts.length === 1 && parts[0]) return parts[0];
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

function decoded(decoder: TextDecoder, bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes).trim();
  } catch {
    return undefined;
  }
}

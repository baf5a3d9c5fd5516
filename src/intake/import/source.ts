// Which bytes does an import read? Those of a file, or of standard input, gzipped or not.
import { statSync } from "node:fs";
import { nextTurn, openTurn } from "../../host/turn.ts";
import { FileError } from "../../provider/file/file-error.ts";
import { gunzipped } from "./lines.ts";

/** So much of a file is read at once; its rows take a few milliseconds. */
const PIECE_BYTES = 64 * 1024;

export interface Source {
  /** In bytes; undefined for standard input. */
  readonly size: number | undefined;
  /** The number of bytes read so far. */
  read(): number;
  /** The bytes from the start, unpacked, in short turns. Standard input can be read once. */
  chunks(): AsyncGenerator<Uint8Array<ArrayBuffer>>;
  /** SHA-256 of the file, in hexadecimal; undefined for standard input. */
  hash(): Promise<string | undefined>;
}

/** Opens a file, or standard input for `-`. Throws FileError for what is no file, and ENOENT if there is none. */
export function openSource(path: string): Source {
  const isPipe = path === "-" || statSync(path).isFIFO();
  if (!isPipe && !statSync(path).isFile())
    throw new FileError(`${path} is not a file: name an NDJSON or CSV file, or - for standard input.`);
  const file = path === "-" ? Bun.stdin : Bun.file(path);
  let read = 0;
  async function* bytes(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    read = 0;
    for await (const chunk of file.stream()) {
      read += chunk.length;
      yield chunk;
    }
  }
  return {
    size: isPipe ? undefined : statSync(path).size,
    read: () => read,
    chunks: () => inTurns(gunzipped(bytes())),
    async hash() {
      if (isPipe) return undefined;
      const hasher = new Bun.CryptoHasher("sha256");
      for await (const chunk of Bun.file(path).stream()) hasher.update(chunk);
      return hasher.digest("hex");
    },
  };
}

/** The same bytes in small pieces. When a turn of reading them is over, requests come in between: a file in the cache comes without a wait. */
async function* inTurns(chunks: AsyncIterable<Uint8Array<ArrayBuffer>>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const isOver = openTurn();
  for await (const chunk of chunks)
    for (let from = 0; from < chunk.length; from += PIECE_BYTES) {
      yield chunk.subarray(from, from + PIECE_BYTES);
      if (isOver()) await nextTurn();
    }
}

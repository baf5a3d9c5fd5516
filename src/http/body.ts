// How is the body of a request read? Within a size limit, and as JSON whose numbers stay exact.
import { gunzipSync } from "node:zlib";
import { nextTurn, openTurn } from "../host/turn.ts";
import { ApiError, invalid } from "../value/error.ts";
import { parseDecimal } from "../value/money.ts";
import { measureJson, type ValueLimits } from "./json-cost.ts";
import { type Break, findBreak } from "./json-position.ts";

export const MAX_BODY_BYTES = 5 * 1024 * 1024;
/** The largest file of an import. */
export const MAX_IMPORT_BYTES = 1024 ** 3;

/** A text without such a number (many digits, or a long exponent) has only numbers that a double holds exactly. */
const LONG_NUMBER = /\d[\d.]{15,}|\d[eE][-+]?\d{3}/;
/** No number of any use is longer. Its digits would take quadratic time. */
const MAX_NUMBER_CHARACTERS = 100;
/** A body of so many bytes is parsed at once: whatever it holds, that takes a few milliseconds. */
const SMALL_BYTES = 16 * 1024;
const UTF_8 = new TextDecoder("utf-8", { fatal: true });
/** The same for a part that does not begin the text: U+FEFF at its beginning is not a byte order mark. */
const PART_OF_UTF_8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const BOM = [0xef, 0xbb, 0xbf];
const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;
const JSON_TYPE = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-?8"?\s*)?$/i;

/** A 413. `most`: the limit in bytes; `declared`: the Content-Length, if it exceeds the limit. */
function tooLarge(most: number, declared?: string): ApiError {
  const size =
    most === MAX_IMPORT_BYTES
      ? "1 GiB"
      : most % 1024 ** 2 === 0
        ? `${most / 1024 ** 2} MiB`
        : most % 1024 === 0
          ? `${most / 1024} KiB`
          : `${most} bytes`;
  const received = declared === undefined ? "" : `, not ${declared}`;
  return new ApiError("PAYLOAD_TOO_LARGE", `The body is larger than ${size}.`, {
    headers: { Connection: "close" },
    details: [{ path: "Content-Length", message: `must be at most ${most} bytes${received}` }],
  });
}

function unsupported(path: string, message: string, what: string): ApiError {
  return new ApiError("UNSUPPORTED_MEDIA_TYPE", what, { details: [{ path, message }] });
}

function malformed(message: string, sentence = `The body cannot be read: it ${message}.`): ApiError {
  return invalid([{ path: "", message }], sentence);
}

/** A media type or coding for the end of an error message. Parameters, such as a boundary, are not repeated. */
function echoedName(header: string): string {
  const name = header.split(";", 1)[0]?.trim() ?? "";
  return /^[\w.+-]{1,40}(?:\/[\w.+-]{1,40})?$/.test(name) ? `, not ${name}` : "";
}

function wrongType(header: string | null): ApiError {
  const right = "must be application/json, with charset=utf-8 or without";
  const isJson = /^application\/json\s*(?:;|$)/i.test(header ?? "");
  const problem = header === null ? "; the request has none" : isJson ? ": it has another charset or parameter" : echoedName(header);
  return unsupported("Content-Type", `${right}${problem}`, "The body must be application/json in UTF-8.");
}

/** Throws 415, by the headers alone, if the body is not plain JSON in UTF-8. `takesForms`: nor gzipped, nor called a form. */
function requireJson(headers: Headers, takesForms: boolean): void {
  const type = headers.get("content-type");
  if (!JSON_TYPE.test(type ?? "") && !(takesForms && FORM_TYPE.test(type ?? ""))) throw wrongType(type);
  const coding = headers.get("content-encoding") ?? "identity";
  if (coding !== "identity" && !(takesForms && coding === "gzip"))
    throw unsupported(
      "Content-Encoding",
      `must be absent${echoedName(coding)}`,
      "The body must be sent uncompressed, without a Content-Encoding.",
    );
}

/** Reads a body of unknown length. Throws 413 as soon as it exceeds `most` bytes. */
async function collect(stream: ReadableStream<Uint8Array>, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    if (size > most) throw tooLarge(most);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Throws 413, by the headers alone, if the declared length exceeds `most` bytes. */
function requireSize(headers: Headers, most: number): void {
  const length = headers.get("content-length");
  if (Number(length ?? 0) > most) throw tooLarge(most, /^\d{1,20}$/.test(length ?? "") ? String(length) : undefined);
}

/** Reads the bytes of a body; none if the request has no body. Throws 413 if there are more than `most`. */
export async function readBytes(request: Request, most: number = MAX_BODY_BYTES): Promise<Uint8Array> {
  requireSize(request.headers, most);
  if (!request.body) return new Uint8Array();
  const bytes = request.headers.has("content-length") ? await request.bytes() : await collect(request.body, most);
  if (bytes.byteLength > most) throw tooLarge(most);
  return bytes;
}

/** Gives the bytes of a body piece by piece. Throws 413, by the headers or as soon as there are more than `most` bytes. */
export function streamBytes(request: Request, most: number): AsyncIterable<Uint8Array> {
  requireSize(request.headers, most);
  return pieces(request.body, most);
}

async function* pieces(stream: ReadableStream<Uint8Array> | null, most: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of stream ?? []) {
    size += chunk.byteLength;
    if (size > most) throw tooLarge(most);
    yield chunk;
  }
}

/** The bytes that were gzipped. Throws 413 if there are more than `most`, and 400 for bytes that are not gzip's. */
function gunzipped(bytes: Uint8Array, most: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: most });
  } catch (error) {
    throw error instanceof RangeError ? tooLarge(most) : malformed("is not valid gzip");
  }
}

/**
 * Reads the bytes of a JSON body. Throws 413 if there are more than `most`, or 415, by the headers alone, if it is not JSON. `takesForms`: it
 * may be gzipped, and be called a form.
 */
export async function readJsonBytes(request: Request, most: number = MAX_BODY_BYTES, takesForms = false): Promise<Uint8Array> {
  requireSize(request.headers, most);
  requireJson(request.headers, takesForms);
  const bytes = await readBytes(request, most);
  return request.headers.get("content-encoding") === "gzip" ? gunzipped(bytes, most) : bytes;
}

/** Gives the same bytes. Throws 400 if there are none. */
export function requireBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength === 0) throw malformed("is missing");
  return bytes;
}

/**
 * Parses the bytes of a JSON text. Throws 400 for malformed UTF-8 or JSON, and for a value that would cost too much (see json-cost.ts).
 * A number that a double cannot hold exactly becomes NaN, so that `check` reports its field. Gives a promise for a large text: it is
 * parsed in short turns, a list element by element. `most`: the limits of a value, if they are not the usual ones.
 */
export function parseJson(bytes: Uint8Array, most?: ValueLimits): unknown {
  requireBytes(bytes);
  return bytes.byteLength <= SMALL_BYTES ? parseSmall(bytes) : parseLarge(bytes, most);
}

function parseSmall(bytes: Uint8Array): unknown {
  const text = decode(bytes, UTF_8);
  try {
    return parseExactly(text);
  } catch {
    return findBreak(text).then((place) => {
      throw brokenJson(place);
    });
  }
}

async function parseLarge(bytes: Uint8Array, most: ValueLimits | undefined): Promise<unknown> {
  const start = BOM.every((byte, index) => bytes[index] === byte) ? BOM.length : 0;
  const cost = await measureJson(bytes, start, most);
  if (cost.kind === "excess") {
    const path = cost.index === undefined ? "" : String(cost.index);
    throw invalid([{ path, message: cost.message }], "The body would take too long to read.");
  }
  const isOver = openTurn();
  try {
    if (cost.kind === "value") return parseExactly(decode(bytes.subarray(...cost.slice), PART_OF_UTF_8));
    const values: unknown[] = [];
    for (const [from, to] of cost.kind === "list" ? cost.elements : []) {
      values.push(parseExactly(decode(bytes.subarray(from, to), PART_OF_UTF_8)));
      if (isOver()) await nextTurn();
    }
    if (cost.kind === "list") return values;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  await nextTurn(); // to decode a large text takes a turn of its own
  const text = decode(bytes, UTF_8);
  await nextTurn();
  throw brokenJson(await findBreak(text));
}

function decode(bytes: Uint8Array, decoder: TextDecoder): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw malformed("is not valid UTF-8");
  }
}

/** Throws a SyntaxError for text that is not JSON. */
function parseExactly(text: string): unknown {
  return LONG_NUMBER.test(text) ? JSON.parse(text, reviveExactly) : JSON.parse(text);
}

/** A 400 that says where the JSON is broken. It repeats nothing of the text, which may be personal. */
function brokenJson(place: Break | undefined): ApiError {
  if (!place) return malformed("is not valid JSON");
  const where = `line ${place.line}, column ${place.column} (byte ${place.byte})`;
  const message = place.isEnd ? `is not valid JSON: it ends too early, at ${where}` : `is not valid JSON: it breaks at ${where}`;
  return malformed(message);
}

function reviveExactly(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || context?.source === undefined) return value;
  if (context.source.length > MAX_NUMBER_CHARACTERS) return Number.NaN;
  const sent = parseDecimal(context.source);
  const kept = parseDecimal(value);
  return sent && kept && (sent.digits !== kept.digits || sent.scale !== kept.scale) ? Number.NaN : value;
}

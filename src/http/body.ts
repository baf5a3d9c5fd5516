// What does the body of a request say? Read within its limits, as JSON that loses nothing.
import { ApiError, invalid } from "../value/error.ts";
import { parseDecimal } from "../value/money.ts";

export const MAX_BODY_BYTES = 5 * 1024 * 1024;

/** Only a number with so many digits, or such an exponent, may be more than a double can hold. */
const LONG_NUMBER = /\d[\d.]{15,}|\d[eE][-+]?\d{3}/;
const UTF_8 = new TextDecoder("utf-8", { fatal: true });
const JSON_TYPE = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-?8"?\s*)?$/i;

function tooLarge(): ApiError {
  return new ApiError("PAYLOAD_TOO_LARGE", "The body is larger than 5 MiB.", { headers: { Connection: "close" } });
}

function malformed(message: string): ApiError {
  return invalid([{ path: "", message }], `The body cannot be read: it ${message}.`);
}

/** Throws 413 or 415 by the headers alone, before anything of the body is read. */
function admit(headers: Headers): void {
  if (Number(headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  if (!JSON_TYPE.test(headers.get("content-type") ?? ""))
    throw new ApiError("UNSUPPORTED_MEDIA_TYPE", "The body must be application/json in UTF-8.");
  if ((headers.get("content-encoding") ?? "identity") !== "identity")
    throw new ApiError("UNSUPPORTED_MEDIA_TYPE", "The body must be sent without a Content-Encoding.");
}

/** The bytes of a body of unknown length, until there are too many. */
async function gather(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Reads a request's JSON body. Throws 413, 415, or 400 for malformed UTF-8 or JSON.
 * A number that a double cannot hold exactly is read as NaN, so that `check` refuses it where it stands.
 */
export async function readBody(request: Request): Promise<unknown> {
  admit(request.headers);
  if (!request.body) throw malformed("is missing");
  const bytes = request.headers.has("content-length") ? await request.bytes() : await gather(request.body);
  if (bytes.byteLength > MAX_BODY_BYTES) throw tooLarge();
  return parseJson(bytes);
}

/** Parses the bytes of a JSON text; see `readBody`. */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.byteLength === 0) throw malformed("is missing");
  let text: string;
  try {
    text = UTF_8.decode(bytes);
  } catch {
    throw malformed("is not valid UTF-8");
  }
  try {
    return LONG_NUMBER.test(text) ? JSON.parse(text, exactly) : JSON.parse(text);
  } catch {
    throw malformed("is not valid JSON");
  }
}

function exactly(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || context?.source === undefined) return value;
  const sent = parseDecimal(context.source);
  const kept = parseDecimal(value);
  return sent && kept && (sent.digits !== kept.digits || sent.scale !== kept.scale) ? Number.NaN : value;
}

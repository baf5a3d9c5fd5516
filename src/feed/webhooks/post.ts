// How is a webhook sent? One POST over a connection of its own to the address that was checked, without following redirects.
// It speaks HTTP itself, because fetch would resolve the name again, and would go through a proxy of the environment.
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { VERSION } from "../../host/version.ts";
import { literalOf } from "./address.ts";

/** How long an attempt may take, from the look-up of the name to the end of the answer. */
export const TIMEOUT_MS = 10_000;
/** How much of an answer is read. Nothing of it is kept but its status. */
const MOST_READ_BYTES = 64 * 1024;

export interface Post {
  readonly url: URL;
  /** The address to connect to. TLS is checked for the name in the URL. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs?: number;
}

function toHead({ url, headers, body }: Post): string {
  const all = {
    Host: url.host,
    "User-Agent": `regulars/${VERSION}`,
    "Content-Type": "application/json",
    "Content-Length": String(Buffer.byteLength(body)),
    Connection: "close",
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

function open({ url, address }: Post): Socket {
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  if (url.protocol !== "https:") return connectTcp({ host: address, port });
  const name = literalOf(url) ?? url.hostname;
  return connectTls({ host: address, port, ...(literalOf(url) === undefined && { servername: name }), rejectUnauthorized: true });
}

/** The status of an answer, once its head is there; undefined: more must be read. Answers before the last one (1xx) are passed over. */
function statusIn(text: string): number | undefined {
  for (let rest = text; ; ) {
    const end = rest.indexOf("\r\n\r\n");
    if (end < 0) return undefined;
    const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |\r|$)/.exec(rest)?.[1]);
    if (!Number.isInteger(status)) throw new Error("the answer is not HTTP");
    if (status >= 200) return status;
    rest = rest.slice(end + 4);
  }
}

/** Sends it, and gives the status of the answer. Throws an Error that says in our words what went wrong. */
export function post(what: Post): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = open(what);
    let read = 0;
    let head = "";
    let status: number | undefined;
    const end = (problem?: string) => {
      clearTimeout(timer);
      socket.destroy();
      if (status !== undefined) resolve(status);
      else reject(new Error(problem ?? "the connection was closed without an answer"));
    };
    const timer = setTimeout(() => end("no answer within 10 seconds"), what.timeoutMs ?? TIMEOUT_MS);
    socket.on(what.url.protocol === "https:" ? "secureConnect" : "connect", () => socket.write(toHead(what) + what.body));
    socket.on("data", (chunk: Buffer) => {
      read += chunk.length;
      try {
        if (status === undefined) {
          head += chunk.toString("latin1");
          status = statusIn(head);
        }
      } catch (error) {
        end(error instanceof Error ? error.message : undefined);
      }
      if (read > MOST_READ_BYTES) end("the head of the answer is too long");
    });
    socket.on("error", (error) => end(toProblem(error)));
    socket.on("close", () => end());
  });
}

/** In our words: the error's own text may hold what the other side says. */
function toProblem(error: Error & { code?: string }): string {
  const { code = "" } = error;
  if (code === "ECONNREFUSED") return "the connection was refused";
  if (/^(CERT_|ERR_TLS|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|ERR_SSL)/.test(code)) return `TLS failed (${code})`;
  return code === "" ? "the connection failed" : `the connection failed (${code})`;
}

// How does a standby ask its primary? By HTTP, with a key of the scope backup:read.
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ensureEmptyFile } from "../../db/backup.ts";
import { syncFile } from "../../db/sync.ts";
import type { RowsPage } from "../feed/routes.ts";

/** How long the primary waits for news before it answers, in seconds: so old is `X-Data-As-Of` at most while nothing changes. */
const WAIT_S = 5;
/** How much longer an answer may take. */
const SLACK_MS = 10_000;
/** How many changes are asked for at once. */
const LIMIT = 1000;

/** The primary has answered that it does not give what was asked for. `status`: of HTTP; 410: what follows is dropped there. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = "Refused";
    this.status = status;
  }
}

export interface Primary {
  /** Its address, without the key. */
  readonly url: string;
  /** The next changes and their rows; waits a little for news. Asking confirms to have everything up to `after`. Throws Refused, or an Error if it cannot be reached. */
  rows(after: number, follower: string, signal: AbortSignal): Promise<RowsPage>;
  /** Copies its database into a new file. */
  backup(file: string, signal: AbortSignal): Promise<void>;
  /** The secret beside its database; null: it is in memory. */
  secret(signal: AbortSignal): Promise<string | null>;
}

/** `url` without a trailing slash. */
export function openPrimary(url: string, key: string, send: (request: Request) => Promise<Response> = fetch): Primary {
  async function ask(path: string, signal: AbortSignal): Promise<Response> {
    const response = await send(new Request(url + path, { headers: { authorization: `Bearer ${key}` }, redirect: "error", signal }));
    if (response.ok) return response;
    const { error } = ((await response.json().catch(() => ({}))) ?? {}) as { error?: { message?: string } };
    throw new Refused(response.status, error?.message ?? `It answers ${response.status}.`);
  }
  const dataOf = async <T>(response: Response) => ((await response.json()) as { data: T }).data;
  const soon = (signal: AbortSignal, milliseconds: number) => AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]);

  return {
    url,
    async rows(after, follower, signal) {
      const path = `/changes/rows?after=${after}&limit=${LIMIT}&wait=${WAIT_S}&follower=${follower}`;
      return dataOf(await ask(path, soon(signal, WAIT_S * 1000 + SLACK_MS)));
    },
    async backup(file, signal) {
      const { body } = await ask("/backup", signal);
      ensureEmptyFile(file);
      if (body) await pipeline(Readable.fromWeb(body as never), createWriteStream(file, { flags: "r+" }));
      syncFile(file);
    },
    secret: async (signal) => (await dataOf<{ secret: string | null }>(await ask("/backup/secret", soon(signal, SLACK_MS)))).secret,
  };
}

/** A host name or address that is of this machine or of a private network. */
const PRIVATE =
  /^(?:localhost|[^.:]+|.+\.(?:local|lan|internal)|127\..+|10\..+|192\.168\..+|169\.254\..+|172\.(?:1[6-9]|2\d|3[01])\..+|\[::1\]|\[f[cd].+\]|\[fe80.+\])$/;

/** Reads the primary's address from the command line. Throws an Error whose message says what is wrong: over the open network it must be https. */
export function toPrimaryUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== "")
    throw new Error(`${text} is no address of a primary: it begins with https://, and has neither a key nor a query.`);
  if (url.protocol === "http:" && !PRIVATE.test(url.hostname))
    throw new Error(`${text} is not in a private network, and what is sent is all personal data: use https.`);
  return url.href.replace(/\/+$/, "");
}

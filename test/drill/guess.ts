// What can somebody find out who has copies and a list of candidates? They hash every candidate as the program does, and look for it.
import { createHash, createHmac } from "node:crypto";
import { connectReader } from "../../db/connection.ts";
import type { Secret } from "../../db/secret.ts";
import { readConfig } from "../../src/host/config.ts";
import { CLICK_ID_PREFIX, DIGEST_LENGTH, keyOf } from "../../src/intake/key.ts";
import { parseEntry } from "../../src/intake/parse-entry.ts";
import { openCalendar } from "../../src/value/calendar.ts";
import { detailsOf, keyedRequestsOf, keylessEntriesOf, PLAIN } from "./candidate.ts";
import { CLOCK } from "./writer.ts";

/** A digest is looked for by its first bytes first, in a set of all sequences of as many bytes. */
const WINDOW = 6;
/** The id of the key that a drill's requests are sent with. */
const CALLER = "admin";

/** Values that a copy of the database has among its settings, and that are long enough to be what hashes were made with. */
export function settingsIn(databases: readonly string[]): string[] {
  const values = databases.flatMap((path) => {
    const sqlite = connectReader(path);
    try {
      return sqlite.prepare("SELECT value FROM setting WHERE length(value) >= 8").pluck().all() as string[];
    } finally {
      sqlite.close();
    }
  });
  return [...new Set(values)];
}

const config = readConfig({});
const CONTEXT = { config, calendar: openCalendar(config.timezone), now: () => Date.parse(CLOCK) };

/** Keeps what it is to hash, so that the key of an entry shows what the program makes of the content without a secret. */
const OPEN: Secret = { hash: (text) => text, state: () => "unused" };
const KEY = new RegExp(`^(?:${CLICK_ID_PREFIX})?([\\w-]{${DIGEST_LENGTH}})`);

/** The digest of an entry's content, as the program makes it before the secret comes in. */
function digestOf(entry: unknown): string {
  const parsed = parseEntry(entry, CONTEXT);
  if ("details" in parsed) throw new Error(`A candidate's entry is refused: ${JSON.stringify(parsed.details)}`);
  const [, digest] = KEY.exec(keyOf(parsed.draft, OPEN)) ?? [];
  if (digest === undefined) throw new Error("The key of an entry is not made of its content");
  return digest;
}

/** Texts of a candidate that the program may have hashed, by what they are of. */
const TEXTS = {
  details: (number: number) => Object.values(detailsOf(number)).flat(),
  entries: (number: number) => keylessEntriesOf(number).map(digestOf),
  requests: (number: number) =>
    keyedRequestsOf(number).flatMap(({ path, body, key }) => [`${CALLER}\n${key}`, JSON.stringify([path, "", body])]),
} as const;
export type Kind = keyof typeof TEXTS;
const KINDS = Object.keys(TEXTS) as Kind[];

/** A text as it may stand in a copy: itself, where it is a digest already; its SHA-256; its HMAC with each secret. */
function* formsOf(text: string, secrets: readonly string[]): Generator<string> {
  if (/^[\w-]{27,43}$/.test(text)) yield text;
  const digests = [createHash("sha256").update(text).digest(), ...secrets.map((each) => createHmac("sha256", each).update(text).digest())];
  for (const digest of digests) {
    yield digest.toString("base64url").slice(0, DIGEST_LENGTH);
    yield digest.toString("hex");
    yield digest.toString("latin1");
  }
}

/** What the bytes of copies confirm: candidates by any detail in plain text, and whether they hold a digest of a candidate. */
export interface Guesser {
  readonly plain: ReadonlySet<number>;
  /** Is there a digest of a text of these kinds? `secrets`: what the attacker tries hashes with, beside none. */
  holdsDigestOf(number: number, secrets: readonly string[], kinds?: readonly Kind[]): boolean;
}

export function openGuesser(copies: readonly Buffer[]): Guesser {
  const texts = copies.map((copy) => copy.toString("latin1"));
  const plain = new Set<number>();
  for (const text of texts) for (const [, number] of text.matchAll(PLAIN)) plain.add(Number(number));
  let windows: ReadonlySet<number> | undefined;
  const mayHold = (form: string) => {
    windows ??= windowsOf(copies);
    return windows.has(Buffer.from(form, "latin1").readUIntBE(0, WINDOW));
  };
  const holds = (form: string) => mayHold(form) && texts.some((text) => text.includes(form));
  return {
    plain,
    holdsDigestOf: (number, secrets, kinds = KINDS) =>
      kinds.some((kind) => TEXTS[kind](number).some((text) => formsOf(text, ["", ...secrets]).some(holds))),
  };
}

function windowsOf(copies: readonly Buffer[]): Set<number> {
  const windows = new Set<number>();
  for (const copy of copies) for (let at = 0; at + WINDOW <= copy.length; at += 1) windows.add(copy.readUIntBE(at, WINDOW));
  return windows;
}

// What would an attacker or a broken program send? Changes of a valid request, each determined by a few numbers.
import fc from "fast-check";
import type { Draft } from "./value.ts";

/** A text that no error may repeat. It is part of every bad value below. */
export const MARKER = "zqxj";

export type Caller = "admin" | "nobody" | "malformed" | "revoked" | "narrow" | "browser" | "limited" | "off";

/** A request as it is sent. */
export interface Sent extends Draft {
  readonly method: string;
  readonly host: string;
  readonly caller: Caller;
  /** It was changed, so it may get answers of HTTP that the document does not list. */
  readonly isOdd: boolean;
}

const ODD_TEXTS = [
  "",
  " ",
  "\u0000",
  "\u0085",
  "\ud800",
  "\u202e",
  "e\u0301",
  "😀".repeat(300),
  "'; DROP TABLE customer; --",
  "%00",
  "%ff",
  "../../etc/passwd",
  "__proto__",
  "NaN",
  "1e400",
  "-0",
  "0x10",
  "2026-02-30",
  "9999-12-31T23:59:59.999999999Z",
  "a".repeat(5000),
].map((text) => text + MARKER);
const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  -0.001,
  1e15,
  1e-7,
  2 ** 53,
  99_999_999_999,
  [],
  {},
  [[]],
  { [MARKER]: MARKER },
  ...ODD_TEXTS,
];
const ODD_TOKENS = [
  "9007199254740993",
  "1e999",
  "10.0000000000000000001",
  `${"[".repeat(200)}${"]".repeat(200)}`,
  "nan",
  "'x'",
  "01",
  '"\\ud800"',
  '"\\u0000"',
];
const ODD_BODIES = ["", "null", "[]", "{}", "{", '"', "[null]", '{"a":1,"a":2}', "\ufeff{}", '{"__proto__":{"a":1}}', "[".repeat(20_000)];
const TYPES = [
  "",
  "text/plain",
  "application/x-www-form-urlencoded",
  "application/json; charset=latin1",
  "multipart/form-data; boundary=x",
];
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
const HOSTS = ["a", "ab:80", "xyz"];
/** An empty one, or two dots, would make the path that of another operation. */
const IDS = ["ext_%ff", "ext_%00", "cus_0000000000000000", `ext_${"a".repeat(3000)}`, "cus_%2F", "count", "ext_%F0%9F%98%80"];

/** Sets a field; `__proto__` too, as a field like any other. */
function put(holder: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(holder, name, { value, enumerable: true, writable: true, configurable: true });
}

type Change = (sent: Sent, pick: <T>(list: readonly T[]) => T) => Partial<Sent>;

/** Replaces a field of a body, at any depth. */
function inBody(
  sent: Sent,
  pick: <T>(list: readonly T[]) => T,
  change: (holder: Record<string, unknown>, name: string) => void,
): Partial<Sent> {
  if (sent.body === undefined) return {};
  const body: unknown = JSON.parse(sent.body);
  const holder = Array.isArray(body) ? body[0] : body;
  if (typeof holder !== "object" || holder === null) return {};
  change(holder as Record<string, unknown>, pick([...Object.keys(holder), "externalId"]));
  return { body: JSON.stringify(body) };
}

const withType = (sent: Sent, type: string) => ({ headers: { ...sent.headers, "content-type": type } });
const namesOf = (sent: Sent) => sent.operation.parameters.filter((each) => each.in === "query").map(({ name }) => name);

/** Text that no field accepts. */
const BAD_TEXTS = ["\u0000", "a\ud800", "\u0007b", "\u0085c", "line\nline"];

/** Does the body contain such a text, as JSON writes it? */
export function holdsBadText(body: string): boolean {
  return /\\u00(?:00|07)|\\ud800|\u0085|line\\nline/.test(body);
}

/** The changes. Each gives the changed parts of the request. */
const CHANGES: readonly Change[] = [
  (sent, pick) => inBody(sent, pick, (holder, name) => put(holder, name, pick(ODD_VALUES))),
  (sent, pick) => inBody(sent, pick, (holder, name) => put(holder, name, pick(ODD_VALUES))),
  (sent, pick) => inBody(sent, pick, (holder, name) => put(holder, name, pick(BAD_TEXTS))),
  (sent, pick) => inBody(sent, pick, (holder) => put(holder, "metadata", { [pick(["k", ...BAD_TEXTS])]: [pick(BAD_TEXTS)] })),
  (sent, pick) => inBody(sent, pick, (holder, name) => void delete holder[name]),
  (sent, pick) => inBody(sent, pick, (holder) => put(holder, pick(["color", "constructor", "toString", "", "a.b", "a/b~c"]), MARKER)),
  (sent, pick) => ({ body: sent.body?.replace(/:\s*("[^"]*"|[\d.]+)/, `:${pick(ODD_TOKENS)}`) }),
  (sent, pick) => (sent.body === undefined ? {} : { body: pick(ODD_BODIES) }),
  (sent) => ({ body: sent.body?.slice(0, -1) }),
  (sent) => ({ body: sent.body?.replace("{", `{"__proto__":{"${MARKER}":1},`) }),
  (sent) => ({ body: sent.body?.startsWith("[") ? sent.body : `[${sent.body ?? ""}]` }),
  (sent) => (sent.operation.path === "/events" ? { body: `[${Array(1001).fill('{"type":"click"}').join(",")}]` } : {}),
  (sent, pick) => ({ query: [...sent.query, [pick([...namesOf(sent), "x"]), pick(ODD_TEXTS)]] }),
  (sent, pick) => ({
    query: [...sent.query, [pick([...namesOf(sent), "limit"]), pick(["0", "-1", "1.5", "1e3", "+5", " 5", "99999999999999999999"])]],
  }),
  (sent) => ({ query: [...sent.query, ...sent.query] }),
  (sent, pick) => ({ query: [...sent.query, [pick(["__proto__", "constructor", "key", "a[]", "%"]), MARKER]] }),
  (_, pick) => ({ id: pick(IDS) }),
  (_, pick) => ({ method: pick(METHODS) }),
  (_, pick) => ({ host: pick(HOSTS) }),
  (sent, pick) => withType(sent, pick(TYPES)),
  (sent) => ({ headers: { ...sent.headers, "content-length": "9000000" } }),
  (sent) => ({ headers: { ...sent.headers, "content-encoding": "gzip" } }),
  (sent, pick) => ({ headers: { ...sent.headers, "Idempotency-Key": pick(["", "two words", "é", "a".repeat(256)]) } }),
  (sent, pick) => ({
    headers: { ...sent.headers, ...pick([{ "x-http-method-override": "DELETE" }, { "if-none-match": "*" }, { origin: "null" }]) },
  }),
  ...(["nobody", "malformed", "revoked", "narrow", "browser", "limited", "off"] as const).map(
    (caller): Change =>
      () => ({ caller }),
  ),
];

/** Requests, of which a third is changed once or twice. */
export function sentOf(draft: fc.Arbitrary<Draft>): fc.Arbitrary<Sent> {
  const change = fc.tuple(fc.nat({ max: CHANGES.length - 1 }), fc.array(fc.nat({ max: 10_000 }), { minLength: 6, maxLength: 6 }));
  const changes = fc.oneof(
    { weight: 2, arbitrary: fc.constant<[number, number[]][]>([]) },
    { weight: 1, arbitrary: fc.array(change, { minLength: 1, maxLength: 2 }) },
  );
  return fc.tuple(draft, changes).map(([good, made]) => {
    const start: Sent = { ...good, method: good.operation.method, host: "localhost", caller: "admin", isOdd: made.length > 0 };
    return made.reduce((sent, [which, numbers]) => apply(sent, CHANGES[which], numbers), start);
  });
}

function apply(sent: Sent, change: Change | undefined, numbers: readonly number[]): Sent {
  let next = 0;
  const pick = <T>(list: readonly T[]): T => list[(numbers[next++ % numbers.length] ?? 0) % list.length] as T;
  try {
    return { ...sent, ...change?.(sent, pick) };
  } catch {
    return sent; // a body that an earlier change left unreadable
  }
}

// What would a caller send who has read the schemas? Arbitraries of values, with ids from a small pool, so that requests affect each other.
import fc from "fast-check";
import { deliveryOf, providerOf } from "./delivery.ts";
import type { Operation, Parameter, Schema } from "./operation.ts";

const some = (prefix: string, count: number) => fc.nat({ max: count - 1 }).map((index) => `${prefix}${index}`);
const instants = fc.oneof(
  fc.date({ min: new Date("2025-06-01"), max: new Date("2026-03-01"), noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom("2026-01-31", "2024-02-29", "2026-02-01T10:00:00+05:45", "2026-03-01T23:59:59Z", 1_767_225_600, 1_767_225_600_123),
);

/** The digits of ids. */
const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";

/** Values by the last part of a field's name. */
const POOLS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  externalId: some("user_", 12),
  email: some("person", 6).map((name) => `${name}@example.com`),
  avatar: some("https://pictures.example/", 3),
  clickId: some("c-", 15),
  lw_cid: some("c-", 15),
  click_id: some("c-", 15),
  visitorId: some("v-", 8),
  eventId: some("e-", 60),
  orderId: some("o-", 40),
  order_id: some("o-", 40),
  event: fc.constantFrom("purchase", "signup", "lead", "level-up", "conversion"),
  value: fc.nat({ max: 50_000 }).map((cents) => cents / 100),
  amount: fc.nat({ max: 50_000 }).map((cents) => cents / 100),
  minLtv: fc.nat({ max: 500 }),
  maxLtv: fc.nat({ max: 5000 }),
  currency: fc.constantFrom("USD", "USD", "EUR", "GBP"),
  country: fc.constantFrom("DE", "FR", "US"),
  timestamp: instants,
  createdAt: instants,
  start: fc.constantFrom("2025-01-01", "2025-12-01", "2026-01-01T00:00:00Z"),
  end: fc.constantFrom("2026-02-01", "2026-02-28", "2026-03"),
  rate: fc.constantFrom("1.0855", "0.5", 2, "1"),
  date: fc.constantFrom("2025-01-01", "2026-01-01", "2026-02-28"),
  week: fc.constantFrom("2026-W01", "2025-W52"),
  link: some("https://go.example/", 3),
  url: fc.constantFrom("https://shop.example/?utm_source=google&utm_campaign=spring", "not a url", "https://shop.example/%zz"),
  referrer: fc.constantFrom("https://www.news.example/a", "android-app://x", ""),
  source: fc.constantFrom("google", "bing", "", "(direct)"),
  campaign: fc.constantFrom("spring", "", "(none)"),
  metadata: fc.dictionary(fc.string({ minLength: 1, maxLength: 8, unit: "grapheme" }), fc.oneof(fc.integer(), fc.boolean(), some("m", 9)), {
    maxKeys: 3,
    noNullPrototype: true,
  }),
  "Idempotency-Key": some("try-", 1500),
};

const CUSTOMER_IDS = fc.oneof(
  { weight: 8, arbitrary: some("ext_user_", 12) },
  { weight: 3, arbitrary: fc.nat({ max: 9 }).map((digit) => `cus_000000000${digit}`) },
  { weight: 1, arbitrary: fc.constantFrom("ext_nobody", "cus_none", "ext_", "user_1") },
);
const IDS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  "/customers": CUSTOMER_IDS,
  "/dub": CUSTOMER_IDS,
  "/webhook-endpoints": fc.oneof({ weight: 8, arbitrary: some("whe_", 40) }, { weight: 1, arbitrary: fc.constantFrom("whe_none", "1") }),
  "/imports": fc.constantFrom("1", "2", "3", "99"),
  "/webhooks": fc.nat({ max: 31 }).map((digit) => `cus_000000000${DIGITS[digit]}`),
  "/conversions": fc.oneof(
    { weight: 6, arbitrary: some("ord_o-", 40) },
    { weight: 2, arbitrary: fc.nat({ max: 31 }).map((digit) => `ent_000000000${DIGITS[digit]}`) },
    { weight: 1, arbitrary: fc.constantFrom("ord_none", "ent_none", "o-1") },
  ),
};

function ofText(schema: Schema): fc.Arbitrary<string> {
  if (schema.pattern !== undefined && schema.pattern !== "\\S") return fc.stringMatching(new RegExp(schema.pattern));
  const minLength = schema.minLength ?? 0;
  return fc
    .string({ minLength, maxLength: Math.min(schema.maxLength ?? 40, 40), unit: "grapheme" })
    .map((text) => (text.trim() === "" && minLength > 0 ? `x${text}` : text));
}

function ofType(type: string, schema: Schema): fc.Arbitrary<unknown> {
  const minimum = schema.minimum ?? 0;
  switch (type) {
    case "string":
      return schema.enum ? fc.constantFrom(...schema.enum.filter((each) => each !== null)) : ofText(schema);
    case "integer":
      return fc.integer({ min: minimum, max: Math.min(schema.maximum ?? 1000, minimum + 2000) });
    case "number":
      return fc.nat({ max: 100_000 }).map((number) => number / 100 + (schema.exclusiveMinimum === undefined ? 0 : 0.01));
    case "boolean":
      return fc.boolean();
    case "array":
      return fc.array(arbitraryOf(schema.items ?? {}), { minLength: schema.minItems ?? 0, maxLength: 6 });
    case "object":
      return ofObject(schema);
    default:
      return fc.constant(null);
  }
}

function ofObject({ properties = {}, required = [] }: Schema): fc.Arbitrary<Record<string, unknown>> {
  const names = Object.keys(properties);
  const optional = names.filter((name) => !required.includes(name));
  const all = fc.record(Object.fromEntries(names.map((name) => [name, arbitraryOf(properties[name] ?? {}, name)])), {
    noNullPrototype: true,
  });
  return fc
    .tuple(all, fc.subarray(optional, { maxLength: Math.min(6, optional.length) }))
    .map(([record, chosen]) => Object.fromEntries([...required, ...chosen].map((name) => [name, record[name]])));
}

/** Values that the schema allows. Rules between fields may still be broken. */
export function arbitraryOf(schema: Schema, name = ""): fc.Arbitrary<unknown> {
  if (schema.pattern?.includes("0[1-9]|1[0-2]")) return fc.constantFrom("2025-12", "2026-01", "2026-02");
  const pooled = POOLS[name];
  if (pooled && !schema.properties) return pooled;
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((each) => arbitraryOf(each)));
  if (schema.type === undefined) return fc.jsonValue({ maxDepth: 2 });
  const types = [schema.type].flat();
  const [first = "null", ...others] = types;
  if (others.length === 0) return ofType(first, schema);
  return fc.oneof(
    { weight: 9, arbitrary: ofType(first, schema) },
    ...others.map((type) => ({ weight: 1, arbitrary: ofType(type, schema) })),
  );
}

/** The fields that an entry of a type needs beyond its schema. */
function complete(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(complete);
  if (typeof value !== "object" || value === null || !("type" in value)) return value;
  const entry: Record<string, unknown> = { ...value };
  if (entry.type !== "click" && entry.type !== "refund") entry.clickId ??= "c-1";
  if (entry.type === "click" || entry.type === "refund") delete entry.status;
  if (entry.type === "sale") entry.value ??= 5;
  if (entry.type === "sale") entry.orderId ??= "o-1";
  if (entry.type === "custom") entry.event ??= "level-up";
  if (entry.type === "refund") entry.orderId ??= "o-1";
  if (entry.type === "refund") delete entry.currency;
  return entry;
}

export interface Draft {
  readonly operation: Operation;
  readonly id: string;
  readonly query: readonly (readonly [name: string, text: string])[];
  readonly headers: Readonly<Record<string, string>>;
  /** The body as JSON text; undefined: none. */
  readonly body: string | undefined;
}

function parametersOf(operation: Operation, place: Parameter["in"]): fc.Arbitrary<[string, string][]> {
  const own = operation.parameters.filter((each) => each.in === place && each.name !== "key");
  const required = own.filter((each) => each.required).map(({ name }) => name);
  const optional = own.filter((each) => !each.required).map(({ name }) => name);
  const values = fc.record(Object.fromEntries(own.map(({ name, schema }) => [name, arbitraryOf(schema, name)])), { noNullPrototype: true });
  return fc
    .tuple(values, fc.subarray(optional, { maxLength: Math.min(place === "header" ? 1 : 3, optional.length) }))
    .map(([record, chosen]) =>
      [...required, ...chosen].filter((name) => record[name] != null).map((name): [string, string] => [name, String(record[name])]),
    );
}

/** Requests of an operation that are likely to succeed. */
export function draftOf(operation: Operation): fc.Arbitrary<Draft> {
  const root = `/${operation.path.split("/")[1]}`;
  const provider = providerOf(operation.path);
  if (provider) return deliveryOf(provider).map((delivery) => ({ operation, id: "", query: [], ...delivery }));
  return fc.record({
    operation: fc.constant(operation),
    id: IDS[root] ?? fc.constant(""),
    query: parametersOf(operation, "query"),
    headers: parametersOf(operation, "header").map((pairs) => Object.fromEntries(pairs)),
    body: operation.body ? arbitraryOf(operation.body).map((value) => JSON.stringify(complete(value))) : fc.constant(undefined),
  });
}

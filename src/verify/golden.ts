// Does an answer equal the golden answer? Everything is compared exactly, except fields that the golden file ignores.

/** Objects below this name may have further fields, because entries repeat what was sent. */
const OPEN_NAME = "entries";
/** When an answer was computed, which is no part of what it reports. */
const COMPUTED_AT = "computedAt";

/**
 * The differences of `actual` from `expected`, one line each, with the path. Every expected field must have the same value, and arrays the
 * same length and order. Further fields are differences too, unless `ignore` names them, they are in an entry, or say when the answer was computed.
 */
export function findDifferences(expected: unknown, actual: unknown, ignore: ReadonlySet<string>, path = "data"): string[] {
  const text = (value: unknown) => JSON.stringify(value) ?? "nothing";
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [`${path}: a list expected, got ${text(actual)}`];
    if (actual.length !== expected.length) return [`${path}: ${expected.length} rows expected, got ${actual.length}`];
    return expected.flatMap((item, index) => findDifferences(item, actual[index], ignore, `${path}.${index}`));
  }
  if (expected === null || typeof expected !== "object")
    return Object.is(expected, actual) ? [] : [`${path}: ${text(expected)} expected, got ${text(actual)}`];
  if (actual === null || typeof actual !== "object" || Array.isArray(actual)) return [`${path}: an object expected, got ${text(actual)}`];
  const there = actual as Record<string, unknown>;
  const extra = path.includes(OPEN_NAME)
    ? []
    : Object.keys(there).filter((key) => !(key in expected) && !ignore.has(key) && key !== COMPUTED_AT);
  return [
    ...extra.map((key) => `${path}.${key}: not expected, got ${text(there[key])}`),
    ...Object.entries(expected).flatMap(([key, value]) => findDifferences(value, there[key], ignore, `${path}.${key}`)),
  ];
}

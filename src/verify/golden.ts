// Does an answer hold what the golden answer holds? (the rules by which golden answers are compared: exactly, but for ids, times of records and profile)

/** Entries also repeat what was sent. */
const REPEATING = "entries";

/**
 * The places where `actual` is not as `expected`: each expected field with the same value, each array as long and in the same order.
 * Further fields are differences too, unless `ignore` names them or they stand in an entry.
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
  const extra = path.includes(REPEATING) ? [] : Object.keys(there).filter((key) => !(key in expected) && !ignore.has(key));
  return [
    ...extra.map((key) => `${path}.${key}: not expected, got ${text(there[key])}`),
    ...Object.entries(expected).flatMap(([key, value]) => findDifferences(value, there[key], ignore, `${path}.${key}`)),
  ];
}

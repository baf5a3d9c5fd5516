// Does an answer match the golden answer? The rules by which golden answers are compared.

/** Objects whose additional fields repeat what was sent. */
const REPEATING = "entries";
/** When an answer was computed, which is no part of what it reports. */
const COMPUTED_AT = "computedAt";

/**
 * The places where `actual` is not as `expected`: each expected field with the same value, each array as long and in the same order.
 * Further fields are differences too, unless `ignore` names them, they stand in an entry, or say when the answer was computed.
 */
export function differences(expected: unknown, actual: unknown, ignore: ReadonlySet<string>, path = "data"): string[] {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length)
      return [`${path}: ${expected.length} wanted, ${Array.isArray(actual) ? actual.length : JSON.stringify(actual)} there`];
    return expected.flatMap((item, index) => differences(item, actual[index], ignore, `${path}.${index}`));
  }
  if (expected !== null && typeof expected === "object") {
    if (actual === null || typeof actual !== "object" || Array.isArray(actual))
      return [`${path}: an object wanted, ${JSON.stringify(actual)} there`];
    const wanted = new Map(Object.entries(expected));
    const there = new Map(Object.entries(actual));
    const extra = path.includes(REPEATING)
      ? []
      : [...there.keys()].filter((key) => !wanted.has(key) && !ignore.has(key) && key !== COMPUTED_AT);
    return [
      ...extra.map((key) => `${path}.${key}: not wanted, ${JSON.stringify(there.get(key))} there`),
      ...[...wanted].flatMap(([key, value]) => differences(value, there.get(key), ignore, `${path}.${key}`)),
    ];
  }
  return Object.is(expected, actual) ? [] : [`${path}: ${JSON.stringify(expected)} wanted, ${JSON.stringify(actual)} there`];
}

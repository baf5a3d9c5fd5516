// Which of two entries or profile updates comes first? (definitions §1, "Log order")

/** What log order compares: the instant, the rank of the type (see db/schema.ts) and the key. */
export interface LogPlace {
  readonly at: number;
  readonly type: number;
  readonly key: string;
}

/** Compares by Unicode code points, as SQLite's BINARY collation compares UTF-8; JavaScript's `<` compares UTF-16 units. */
export function compareCodePoints(left: string, right: string): number {
  if (left === right) return 0;
  const most = Math.min(left.length, right.length);
  let index = 0;
  while (index < most && left.charCodeAt(index) === right.charCodeAt(index)) index++;
  if (index === most) return left.length - right.length;
  const inPair = index > 0 && (left.charCodeAt(index - 1) & 0xfc00) === 0xd800;
  const from = inPair ? index - 1 : index;
  return (left.codePointAt(from) ?? 0) - (right.codePointAt(from) ?? 0);
}

/** Compares in log order. Negative: `left` comes first. Positive: `right` comes first. 0: the two are at the same place. */
export function compareLogOrder(left: LogPlace, right: LogPlace): number {
  return left.at - right.at || left.type - right.type || compareCodePoints(left.key, right.key);
}

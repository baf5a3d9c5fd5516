// How far is a zone's clock from UTC at an instant? Intl knows but is slow, so each stretch of time is looked up once and then cached.

/** The offset of a zone's local time from UTC in milliseconds, positive to the east, at any instant that a `Date` can represent. */
export type OffsetAt = (at: number) => number;

const LAST_DATE = 8.64e15; // ECMA-262, time range of a Date
const CHUNK = 2 ** 34; // about 199 days
const PROBE = 2 ** 28; // about 3.1 days; since 1970, no zone of the tz database has changed its offset and back within 6.9 days
const MOST_CHUNKS = 1024; // about 550 years, under 300 kB

interface Segment {
  readonly from: number;
  readonly until: number;
  readonly offset: number;
}

/**
 * Opens the offsets of a zone (IANA name). The returned function throws RangeError for an instant that a `Date` cannot represent.
 *
 * @throws {RangeError} for an unknown zone
 */
export function openOffsets(timezone: string): OffsetAt {
  const ask = askIntl(timezone);
  const chunks = new Map<number, readonly Segment[]>();
  let segment: Segment = { from: 0, until: 0, offset: 0 };

  return (at) => {
    if (at >= segment.from && at < segment.until) return segment.offset;
    if (!(Math.abs(at) <= LAST_DATE)) throw new RangeError(`Cannot tell the local time: ${at} is not an instant`);
    const index = Math.floor(at / CHUNK);
    let segments = chunks.get(index);
    if (segments === undefined) {
      if (chunks.size >= MOST_CHUNKS) chunks.clear();
      segments = findSegments(ask, index * CHUNK, (index + 1) * CHUNK);
      chunks.set(index, segments);
    }
    segment = segments.find((one) => at < one.until) as Segment;
    return segment.offset;
  };
}

/** The offset straight from Intl: "GMT", "GMT+05:30" or, for local mean times, "GMT-00:44:30". */
function askIntl(timezone: string): OffsetAt {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: timezone, timeZoneName: "longOffset" });
  return (at) => {
    const text = format.format(Math.max(-LAST_DATE, Math.min(LAST_DATE, at)));
    const parts = /GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(text);
    if (parts === null) throw new RangeError(`Cannot read the offset of ${timezone}: ${text}`);
    const seconds = Number(parts[2] ?? 0) * 3600 + Number(parts[3] ?? 0) * 60 + Number(parts[4] ?? 0);
    return parts[1] === "-" ? -seconds * 1000 : seconds * 1000;
  };
}

/** Divides the time from `from` to before `until` into segments of one offset each. */
function findSegments(ask: OffsetAt, from: number, until: number): Segment[] {
  const segments: Segment[] = [];
  let start = from;
  let offset = ask(from);

  /** Finds the changes of offset after `low`, up to and including `high`, from the offsets at both. */
  const search = (low: number, lowOffset: number, high: number, highOffset: number): void => {
    if (lowOffset === highOffset) return;
    if (high - low === 1) {
      segments.push({ from: start, until: high, offset });
      start = high;
      offset = highOffset;
      return;
    }
    const middle = low + Math.floor((high - low) / 2);
    const middleOffset = ask(middle);
    search(low, lowOffset, middle, middleOffset);
    search(middle, middleOffset, high, highOffset);
  };

  let low = from;
  let lowOffset = offset;
  while (low < until) {
    const high = low + PROBE;
    const highOffset = ask(high);
    search(low, lowOffset, high, highOffset);
    low = high;
    lowOffset = highOffset;
  }
  // After a change at `until` itself, nothing is left: that offset belongs to the next chunk.
  if (start < until) segments.push({ from: start, until, offset });
  return segments;
}

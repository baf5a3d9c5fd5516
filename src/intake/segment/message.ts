// What is a message of Segment's API? Its parts, read from JSON that any library may have made.

export type Fields = Readonly<Record<string, unknown>>;

/** The calls of the API, as which a message's `type` names them. */
export const CALLS = ["identify", "track", "page", "screen", "group", "alias"] as const;
export type Call = (typeof CALLS)[number];

export interface Message {
  readonly call: Call;
  readonly messageId: string | undefined;
  readonly userId: string | undefined;
  readonly anonymousId: string | undefined;
  /** When it happened, as the caller's clock says: a text or number that is still to be parsed. Undefined: when it is received. */
  readonly time: string | number | undefined;
  /** The name of a track's event. */
  readonly event: string | undefined;
  readonly previousId: string | undefined;
  /** The properties of a track or page, or the traits of an identify. */
  readonly properties: Fields;
  /** What is known of the person, from the message's traits or its context. */
  readonly traits: Fields;
  readonly context: Fields;
}

export const toFields = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** A text that is not blank, without spaces around it; also of a whole number, as which many shops send their ids. */
export function toText(value: unknown): string | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : undefined;
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

/** A time with its month and day in two digits, as some libraries do not write them. */
function toTime(value: unknown): string | number | undefined {
  if (typeof value === "number") return value;
  const text = toText(value);
  return text?.replace(/^(\d{4})-(\d{1,2})-(\d{1,2})(?=T|$)/, (_, year, month, day) =>
    [year, month.padStart(2, "0"), day.padStart(2, "0")].join("-"),
  );
}

/**
 * Reads a message. `call`: the one of the path, for a body without a type. Undefined if it is no object or of no known call. The times of
 * sending are not used: they differ when a library sends a message again.
 */
export function readMessage(raw: unknown, call?: Call): Message | undefined {
  const fields = toFields(raw);
  const known = call ?? CALLS.find((each) => each === fields.type);
  if (known === undefined || typeof raw !== "object" || raw === null) return undefined;
  const context = toFields(fields.context);
  const own = toFields(known === "identify" ? fields.traits : fields.properties);
  return {
    call: known,
    messageId: toText(fields.messageId),
    userId: toText(fields.userId),
    anonymousId: toText(fields.anonymousId),
    time: toTime(fields.timestamp) ?? toTime(fields.originalTimestamp),
    event: toText(fields.event),
    previousId: toText(fields.previousId),
    properties: own,
    traits: { ...toFields(context.traits), ...toFields(fields.traits) },
    context,
  };
}

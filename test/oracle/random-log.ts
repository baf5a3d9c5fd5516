// Which logs try everything? They use small pools of names, ids and times, so that collisions and ties are frequent.
import fc from "fast-check";
import { wireNumber } from "./amount.ts";
import type { Sent } from "./log.ts";
import type { Operation, StatusCall, Target, Upsert } from "./operation.ts";
import { iso } from "./zone.ts";

/** Entries, then one other call, at its own time. */
export interface Segment {
  entries: Sent[];
  /** Statuses with their instants, said after the entries. They may be said in any order. */
  statuses: StatusCall[];
  call: Operation;
  now: number; // the clock during this segment
}

export interface RandomLog {
  timezone: string;
  segments: Segment[];
}

export const START = Date.parse("2021-11-20T10:00:00Z");
const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "Pacific/Auckland"];
const PEOPLE = ["ann", "bob", "Bob", "cafe\u0301", "caf\u00e9", "dora", "eve", "fay"];
const EMAILS = ["ann@x.example", " Ann@X.example", "bob@x.example", "eve@x.example", "zoe@x.example"];
const ALIASES = ["s:1", "s:2", "s:3", "S:1", "p:1", "p:2", "cafe\u0301", "caf\u00e9"];
const CLICKS = ["c-\u{1F600}", "c-\uFF5E", ...Array.from({ length: 22 }, (_, index) => `c-${index}`)];
const VISITORS = ["v-1", "v-2", "v-3", "v-4", "v-5"];
const CURRENCIES = ["USD", "USD", "EUR", "JPY", "KWD"];
const DECIMALS: Readonly<Record<string, number>> = { USD: 2, EUR: 2, JPY: 0, KWD: 3 };
const ORDERS = Array.from({ length: 20 }, (_, index) => `o-${index}`);
const SOURCES = ["google", "google", "google", "bing", "Bing", "news", "zz"];
const CAMPAIGNS = ["spring", "fall", "\u{1F331}", "\uFF5E"];

/** Instants around clock changes, month ends and leap days, and one ahead of the clock. */
const TIMES = [
  "2020-01-31T12:00:00Z",
  "2020-02-29T10:00:00Z",
  "2020-02-29T16:30:00Z",
  "2020-12-31T23:30:00Z",
  "2021-01-31T23:59:59.999Z",
  "2021-02-28T15:30:00Z",
  "2021-03-14T07:15:00Z",
  "2021-03-28T01:30:00Z",
  "2021-04-03T15:15:00Z",
  "2021-07-01T00:00:00Z",
  "2021-07-08T00:00:00Z",
  "2021-07-15T00:00:00Z",
  "2021-10-02T15:45:00Z",
  "2021-10-31T00:30:00Z",
  "2021-10-31T01:30:00Z",
  "2021-11-07T05:30:00Z",
  "2021-11-19T23:00:00Z",
  "2021-11-20T12:00:00Z",
].map((text) => Date.parse(text));

const among = <T>(values: readonly T[]) => fc.constantFrom(...values);
const often = <T>(chance: number, of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.integer({ min: 1, max: 100 }).chain((roll) => (roll <= chance ? of : fc.constant(undefined)));

/** What is added to an instant: mostly nothing, else around the 30 minutes in which a visit is told again. */
const LATER = [0, 0, 0, 0, 0, 1, 10 * MINUTE, 30 * MINUTE, 30 * MINUTE + 1];
/** A day on which more happens than on others, so that visits are told again. */
const BUSY = new Array<number>(14).fill(Date.parse("2021-07-08T00:00:00Z"));

const instant = fc.tuple(among([...TIMES, ...BUSY]), among(LATER)).map(([at, later]) => at + later);
const timestamp: fc.Arbitrary<string | number> = fc.tuple(instant, fc.integer({ min: 0, max: 9 })).map(([at, form]) => {
  if (form === 0) return at;
  if (form === 1 && at % 1000 === 0) return at / 1000;
  if (form === 2) return iso(at + 330 * MINUTE).replace("Z", "+05:30");
  if (form === 3) return iso(at).slice(0, 10);
  return iso(at);
});

/** An object without the fields that are undefined. */
function dense<T extends object>(of: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined)) as T;
}

const aliases = fc.array(among(ALIASES), { minLength: 1, maxLength: 3 });

interface Who {
  externalId?: string;
  email?: string;
  aliases?: string[];
}
const who = fc
  .tuple(fc.integer({ min: 0, max: 9 }), among(PEOPLE), among(EMAILS), often(40, aliases))
  .map(([kind, externalId, email, others]) =>
    dense<Who>({
      externalId: kind < 3 || kind === 6 || kind === 7 ? externalId : undefined,
      email: kind > 3 && kind < 8 ? email : undefined,
      aliases: others,
    }),
  );

const common = fc.record({
  timestamp,
  who,
  clickId: often(40, among(CLICKS)),
  visitorId: often(45, among(VISITORS)),
  source: often(40, among(SOURCES)),
  campaign: often(40, among(CAMPAIGNS)),
  name: often(12, among(["Ann", "Bo"])),
  country: often(12, among(["DE", "US"])),
  link: often(40, among(["https://go.example/a", "https://go.example/b", " "])),
  number: fc.integer({ min: 0, max: 400 }),
});

const click = fc
  .record({
    common,
    named: fc.integer({ min: 0, max: 9 }),
    clickId: among(CLICKS),
    url: often(15, among(["https://shop.example/?utm_source=Insta+gram&utm_campaign=u%20c&utm_medium=social", "not a url"])),
    referrer: often(15, among(["https://WWW.Heise.de:443/a", "nonsense"])),
  })
  .map(({ common: { who: names, number, ...fields }, named, ...own }) =>
    dense<Sent>({ type: "click", ...fields, ...(named < 3 ? names : {}), ...own }),
  );

const conversion = fc
  .record({
    common,
    kind: fc.integer({ min: 0, max: 9 }),
    order: fc.nat({ max: ORDERS.length - 1 }),
    odd: fc.integer({ min: 0, max: 9 }),
    minor: among([0, 1, 33, 100, 999, 1000, 1000, 5001, 100_000]),
    status: often(30, among(["approved", "pending", "rejected", "fraud"])),
  })
  .map(({ common: { who: names, number, ...fields }, kind, order, odd, minor, status }) => {
    const clickId = fields.clickId ?? (Object.keys(names).length > 0 ? undefined : CLICKS[number % CLICKS.length]);
    const eventId = `e-${number}`;
    if (kind < 3) return dense<Sent>({ type: "lead", ...fields, ...names, clickId, eventId, status, event: "signup" });
    if (kind < 4) return dense<Sent>({ type: "custom", ...fields, ...names, clickId, eventId, event: "trial" });
    const currency = CURRENCIES[(order + (odd === 0 ? 1 : 0)) % CURRENCIES.length] ?? "USD";
    const value = wireNumber(BigInt(minor), DECIMALS[currency] ?? 2);
    return dense<Sent>({
      type: "sale",
      ...fields,
      ...names,
      clickId,
      orderId: ORDERS[order],
      value,
      currency: currency === "USD" && odd > 4 ? undefined : currency,
      status,
    });
  });

const refund = fc
  .record({
    common,
    order: fc.nat({ max: ORDERS.length - 1 }),
    odd: fc.integer({ min: 0, max: 9 }),
    minor: among([0, 0, 1, 33, 333, 334, 999, 1000, 5000]),
    status: often(25, among(["approved", "rejected", "rejected"])),
    totalUntil: often(25, instant.map(iso)),
  })
  .map(({ common: { timestamp: at, who: names, number, clickId, visitorId }, order, odd, minor, status, totalUntil }) => {
    const currency = CURRENCIES[(order + (odd === 0 ? 1 : 0)) % CURRENCIES.length] ?? "USD";
    const value = minor === 0 ? undefined : wireNumber(BigInt(minor), DECIMALS[currency] ?? 2);
    const named = odd < 5 ? { ...names, clickId, visitorId } : {};
    return dense<Sent>({
      type: "refund",
      timestamp: at,
      ...named,
      orderId: ORDERS[order],
      eventId: `${totalUntil === undefined ? "r" : "t"}-${number}`,
      value,
      currency: odd > 4 ? undefined : currency,
      status,
      totalUntil: value === undefined ? undefined : totalUntil,
    });
  });

const entry = fc.integer({ min: 0, max: 9 }).chain((roll) => (roll < 4 ? click : roll < 8 ? conversion : refund));

const target = fc
  .tuple(fc.integer({ min: 0, max: 4 }), among(PEOPLE), among(EMAILS), among(ALIASES))
  .map(([kind, name, email, alias]): Target => (kind < 2 ? `ext_${name}` : kind < 4 ? `als_${alias}` : `email_${email}`));

const upsert = fc
  .record({
    externalId: among([...PEOPLE, "gus", "hal", "ida"]), // of some nobody but upserts know
    email: often(50, among<string | null>([...EMAILS, null])),
    aliases: often(40, fc.oneof(aliases, fc.constant(null))),
    name: often(30, among<string | null>(["Cleo", "Dan", null])),
    country: often(20, among<string | null>(["FR", null])),
    metadata: often(20, among<Record<string, unknown>>([{ plan: "pro" }, { plan: null, seats: 2 }, {}])),
    clickId: often(40, among(CLICKS)),
    visitorId: often(40, among(VISITORS)),
  })
  .map((fields) => dense<Upsert & { externalId: string }>(fields));

const making = fc
  .record({
    createdAt: often(50, among(TIMES.map(iso))),
    source: often(50, among(SOURCES)),
    campaign: often(50, among([...CAMPAIGNS, " "])),
  })
  .map((fields) => dense<Upsert>(fields));

const call: fc.Arbitrary<Operation> = fc.integer({ min: 0, max: 19 }).chain((roll): fc.Arbitrary<Operation> => {
  if (roll < 5) return fc.tuple(upsert, making).map(([body, made]) => ({ op: "customer", ...body, ...made }));
  if (roll < 10)
    return fc.tuple(target, upsert, fc.integer({ min: 0, max: 9 })).map(([id, body, odd]) => {
      const { externalId, ...rest } = body;
      const renames = odd < (id.startsWith("ext_") ? 3 : 6) || Object.keys(rest).length === 0;
      return { op: "patch", id, ...(renames ? body : rest) };
    });
  if (roll < 14) return target.map((id) => ({ op: "delete", id }));
  if (roll < 17)
    return among(["approved", "pending", "rejected", "fraud", "refunded", "refunded"]).map((status) => ({ op: "status", status }));
  return fc
    .tuple(
      among(["EUR", "JPY", "KWD"]),
      among(["2019-12-31", "2020-12-31", "2021-03-28", "2021-10-31"]),
      among(["1.0855", "0.0092", "3.25", "1"]),
    )
    .map(([currency, date, rate]) => ({ op: "rate", currency, date, rate }));
});

/** Logs of 40 or more entries between 5 or more other calls. */
export const randomLog: fc.Arbitrary<RandomLog> = fc
  .record({
    timezone: among(ZONES),
    segments: fc.array(
      fc.record({
        entries: fc.array(entry, { minLength: 8, maxLength: 14 }),
        statuses: fc.array(
          fc.record({
            nth: fc.nat(),
            status: among(["approved", "approved", "pending", "rejected", "rejected", "rejected", "fraud"]),
            statusAt: often(70, timestamp),
          }),
          { minLength: 1, maxLength: 6 },
        ),
        call,
        nth: fc.nat(),
        dated: often(50, timestamp),
        wait: among([1000, MINUTE, DAY, 12 * DAY]),
      }),
      { minLength: 5, maxLength: 7 },
    ),
  })
  .map(({ timezone, segments }) => {
    let now = START;
    const sent: Sent[] = [];
    return {
      timezone,
      segments: segments.map(({ entries, statuses, call: next, nth, dated, wait }, index) => {
        sent.push(...entries);
        const said = statuses.map((one) => onOneOf(sent, one.nth, one.status, one.statusAt ?? atOf(sent, one.nth)));
        // The refund that `refunded` records has no key of its own, so its place among others of one instant is not defined: it gets its own.
        const own = now - (nth % DAY) * 1000 + OWN_MS + index;
        const saidAt = next.op === "status" && next.status === "refunded" && dated !== undefined ? own : dated;
        const last = next.op === "status" ? onOneOf(sent, nth, next.status, saidAt) : next;
        const segment = { entries, statuses: said, call: last, now };
        now += wait;
        return segment;
      }),
    };
  });

/** A millisecond that no other instant of a log has, with the next few. */
const OWN_MS = 457;

/** Can this entry have this status? */
function isAble({ type, eventId }: Sent, status: string): boolean {
  if (type === "refund") return eventId !== undefined && (status === "approved" || status === "rejected");
  return type === "sale" || (type === "lead" && status !== "refunded");
}

/** The timestamp of the entry that `onOneOf` chooses, so that what is said of it and what was sent with it meet at one instant. */
function atOf(sent: readonly Sent[], nth: number): string | number {
  return sent[nth % sent.length]?.timestamp ?? 0;
}

/** A status for one of the leads, sales and refunds sent so far. */
function onOneOf(sent: readonly Sent[], nth: number, status: string, statusAt: string | number | undefined): StatusCall {
  const chosen = sent[nth % sent.length];
  const able = chosen && isAble(chosen, status) ? chosen : sent.find((one) => isAble(one, status));
  const said = { op: "status", status, ...(statusAt !== undefined && { statusAt }) } as const;
  if (able?.type === "sale") return { ...said, orderId: able.orderId ?? "none" };
  return able?.type === "lead" ? { ...said, type: "lead", eventId: able.eventId ?? "" } : { ...said, eventId: able?.eventId ?? "none" };
}

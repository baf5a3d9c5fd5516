// How does `import` store the lines of `export workspace` that POST /events does not accept? Customers, profile updates, rates, later statuses,
// and entries with what they had in the exported workspace.
import { type Static, type TObject, Type } from "@sinclair/typebox";
import { DEFAULTED, ENTRY_TYPES, REFUND, STATUSES } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import { openCustomers } from "../customer/ensure-customer.ts";
import { openProfileUpdates } from "../customer/update-profile.ts";
import { check } from "../http/check.ts";
import { Avatar, Country, Email, Metadata, Nullable, OneOf, Text } from "../http/wire.ts";
import { invalid } from "../value/error.ts";
import { checkInstant } from "../value/instant.ts";
import { type EventResult, type Events, type Refused, toRefused } from "./events.ts";
import { parseEntry } from "./parse-entry.ts";
import { parseRate, storeRate } from "./rate.ts";
import { openRecorder } from "./record.ts";
import { openStatuses } from "./status.ts";

const optional = <T extends Parameters<typeof Nullable>[0]>(schema: T) => Type.Optional(Nullable(schema));
const At = Type.String({ description: "ISO 8601 with an offset." });
const Name = Text(255);

/** The last externalId is the current one. The others are former ones that still lead to the customer. */
const CustomerLine = Type.Object({
  externalIds: Type.Optional(Type.Array(Name, { minItems: 1 })),
  email: Type.Optional(Email),
  alias: Type.Optional(Name),
  createdAt: At,
});
/**
 * `customer`, `customerEmail` or `customerAlias` names the present owner. Without them the update was said for an instant, and names its customer
 * itself. The other fields are as they were when the call was made.
 */
const ProfileUpdateLine = Type.Object({
  customer: Type.Optional(Name),
  customerEmail: Type.Optional(Email),
  customerAlias: Type.Optional(Name),
  said: Type.Optional(Type.Boolean()),
  created: Type.Optional(Type.Boolean()),
  at: At,
  calledAt: At,
  externalId: Type.Optional(Name),
  email: Type.Optional(Email),
  aliases: Type.Optional(Type.Array(Name)),
  clickId: Type.Optional(Name),
  visitorId: Type.Optional(Name),
  source: Type.Optional(Name),
  campaign: Type.Optional(Name),
  profile: Type.Object({
    email: optional(Email),
    name: optional(Name),
    avatar: optional(Avatar),
    country: optional(Country),
    metadata: optional(Metadata),
  }),
});
/** `at` is the instant that the status is said for. Earlier versions exported no instant, and `refunded` as a status. */
const StatusLine = Type.Object({ of: OneOf(ENTRY_TYPES), key: Text(300), status: OneOf(STATUSES), at: Type.Optional(At) });
/**
 * The fields of an entry that were not sent: the key that was made for it, the current externalId of the customer whom its externalId meant,
 * whether a page sent it, so that it links nobody (definitions §5), and of a refund, that it was accepted, so that nothing is measured again,
 * and of a total of refunds, up to when it knows of them.
 */
const KeptLine = Type.Object({
  key: Type.Optional(Text(300)),
  customer: Type.Optional(Name),
  fromPage: Type.Optional(Type.Literal(true)),
  accepted: Type.Optional(Type.Literal(true)),
  totalUntil: Type.Optional(At),
});

const KEPT = Object.keys(KeptLine.properties);
/** The types of lines that are no entries. */
const STORED = ["customer", "profile_update", "rate", "status"] as const;
type StoredType = (typeof STORED)[number];

/** What a parsed line is for. Undefined: it is an entry of POST /events, or nothing at all. `kept`: an entry with more than was sent. */
function kindOf(raw: unknown): StoredType | "kept" | undefined {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return undefined;
  const { type } = raw as { type?: unknown };
  return STORED.find((stored) => stored === type) ?? (KEPT.some((name) => Object.hasOwn(raw, name)) ? "kept" : undefined);
}

/** Is this parsed line an entry of POST /events, or nothing at all, rather than a line that only `export workspace` writes? */
export const isEntryLine = (raw: unknown): boolean => kindOf(raw) === undefined;

export type LineResult = { duplicate: boolean } | Refused;

export interface WorkspaceLines {
  /** Records parsed lines in order, including entries of POST /events. A bad one does not stop the others. The good ones are stored when this returns. */
  many(raws: readonly unknown[]): LineResult[];
}

function requireLine<T extends TObject>(schema: T, value: unknown): Static<T> {
  const checked = check(schema, value);
  if ("details" in checked) throw invalid(checked.details);
  return checked.value;
}

function ownerOf(line: { customer?: string | undefined; customerEmail?: string | undefined; customerAlias?: string | undefined }) {
  const { customer, customerEmail, customerAlias } = line;
  if (customer !== undefined) return { externalId: customer };
  if (customerEmail !== undefined) return { kind: "email", value: customerEmail } as const;
  return customerAlias === undefined ? undefined : ({ kind: "alias", value: customerAlias } as const);
}

const toLineResult = (result: EventResult): LineResult =>
  "error" in result ? result : { duplicate: "duplicate" in result && result.duplicate };

export function openWorkspaceLines(context: Context, events: Events): WorkspaceLines {
  const customers = openCustomers(context);
  const profileUpdates = openProfileUpdates(context);
  const statuses = openStatuses(context);
  const recorder = openRecorder(context);
  const findRate = context.database.sqlite.prepare<[currency: string, day: number, rate: string], 1>(
    "SELECT 1 FROM rate WHERE currency = ? AND day = ? AND rate = ?",
  );

  function requireAt(path: string, text: string): number {
    const instant = checkInstant(text, context);
    if ("message" in instant) throw invalid([{ path, message: instant.message }]);
    return instant.at;
  }

  /** By type: stores a line without its type, and gives whether it changed anything. */
  const STORES: Readonly<Record<StoredType, (line: unknown) => boolean>> = {
    customer(line) {
      const { externalIds, email, alias, createdAt } = requireLine(CustomerLine, line);
      const at = requireAt("createdAt", createdAt);
      if (externalIds !== undefined) return customers.restore({ externalIds }, at);
      if (email !== undefined) return customers.restore({ kind: "email", value: email }, at);
      if (alias !== undefined) return customers.restore({ kind: "alias", value: alias }, at);
      throw invalid([{ path: "externalIds", message: "is required, unless email or alias is given" }]);
    },
    profile_update(line) {
      const {
        customer,
        customerEmail,
        customerAlias,
        said: isSaid = false,
        created = false,
        at,
        calledAt,
        profile,
        ...rest
      } = requireLine(ProfileUpdateLine, line);
      const of = ownerOf({ customer, customerEmail, customerAlias });
      if (of === undefined && !isSaid)
        throw invalid([{ path: "customer", message: "is required, unless customerEmail or customerAlias is given" }]);
      const { externalId = null, email = null, aliases = [], clickId = null, visitorId = null, source = null, campaign = null } = rest;
      const told = { isSaid, externalId, email, aliases, clickId, visitorId, source, campaign, profile };
      const [from, called] = [requireAt("at", at), requireAt("calledAt", calledAt)];
      return profileUpdates.restore({ of, isCreation: created, at: from, calledAt: called, ...told });
    },
    rate(line) {
      const rate = parseRate(line, context);
      if ("details" in rate) throw invalid(rate.details);
      if (findRate.get(rate.currency, rate.day, rate.rate) !== undefined) {
        context.ledger.ways.setRate(rate.currency, rate.day, rate.rate, rate.rate);
        return false;
      }
      storeRate(context, rate);
      return true;
    },
    status(line) {
      const { of, key, status, at } = requireLine(StatusLine, line);
      const subject = { type: ENTRY_TYPES.indexOf(of), key };
      if (at === undefined) return statuses.sayUndated(subject, status);
      if (status === "refunded" || of === "click") throw invalid([{ path: "status", message: `must not be ${status} for a ${of}` }]);
      return statuses.say(subject, status, requireAt("at", at));
    },
  };

  function storeKept({ key, customer, fromPage, accepted, totalUntil, ...sent }: Record<string, unknown>): boolean {
    const given = Object.entries({ key, customer, fromPage, accepted, totalUntil }).filter(([, value]) => value !== undefined);
    const kept = requireLine(KeptLine, Object.fromEntries(given));
    const parsed = parseEntry(sent, context);
    if ("details" in parsed) throw invalid(parsed.details);
    const declaredCustomerId = kept.customer === undefined ? undefined : customers.findByExternalId(kept.customer);
    if (kept.customer !== undefined && declaredCustomerId === undefined)
      throw invalid([{ path: "customer", message: "is the externalId of nobody" }]);
    const until = kept.totalUntil === undefined ? null : requireAt("totalUntil", kept.totalUntil);
    const draft = { ...parsed.draft, totalUntil: until };
    if (until !== null && (draft.type !== REFUND || draft.value === null))
      throw invalid([{ path: "totalUntil", message: "is only allowed for a refund with a value" }]);
    const marked = kept.fromPage ? { ...draft, defaulted: draft.defaulted | DEFAULTED.fromPage } : draft;
    return !recorder.record(marked, { key: kept.key, declaredCustomerId, isMeasured: !kept.accepted }).duplicate;
  }

  /** Undefined: the line is an entry of POST /events. */
  function findStore(raw: unknown): (() => boolean) | undefined {
    const kind = kindOf(raw);
    if (kind === undefined) return undefined;
    const { type, ...line } = raw as Record<string, unknown>;
    return () => (kind === "kept" ? storeKept({ ...line, type }) : STORES[kind](line));
  }

  function attempt(work: () => boolean): LineResult {
    try {
      return { duplicate: !work() };
    } catch (error) {
      return toRefused(error);
    }
  }

  return {
    many: (raws) =>
      context.ledger.write(() => {
        const results: LineResult[] = [];
        let entries: unknown[] = [];
        const flush = () => {
          if (entries.length > 0) results.push(...events.many(entries).map(toLineResult));
          entries = [];
        };
        for (const raw of raws) {
          const storeLine = findStore(raw);
          if (storeLine === undefined) entries.push(raw);
          else {
            flush();
            results.push(attempt(storeLine));
          }
        }
        flush();
        return results;
      }),
  };
}

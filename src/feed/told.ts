// What does the feed say of a change? Its type, the id as callers know it, and the row as it is now, which is no older than the change.
import { type Static, type TSchema, Type } from "@sinclair/typebox";
import type { Change } from "../../db/change.ts";
import type { ChangeType } from "../../db/feed-schema.ts";
import type { apiKey, rate } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import { CUSTOMER_COLUMNS, type StoredCustomerRow, toCustomerRow } from "../customer/customer-row.ts";
import { knownNameOf } from "../customer/find-customer.ts";
import { Customer, openToCustomer } from "../customer/to-customer.ts";
import { type EntryRow, JourneyEntry, toJourneyEntry } from "../entry/answer.ts";
import entrySql from "../entry/entry.sql" with { type: "text" };
import { Instant, Nullable, OneOf } from "../http/wire.ts";
import { withoutPersonal } from "../http/without-personal.ts";
import { parseDay } from "../value/calendar.ts";
import { ApiError } from "../value/error.ts";
import { toCustomerId, toEntryId } from "../value/id.ts";
import { toIso } from "../value/instant.ts";

/** The types that callers see. The others are of use to followers alone. */
export const TOLD_TYPES = [
  ...(["entry.created", "entry.updated", "customer.created", "customer.updated", "customer.merged", "customer.erased"] as const),
  ...(["entry.deleted", "rate.deleted"] as const), // by an import that is undone
  ...(["rate.set", "key.created", "key.revoked", "setting.set", "endpoint.created", "endpoint.updated", "endpoint.deleted"] as const),
] as const;
type ToldType = (typeof TOLD_TYPES)[number];

export const ToldEntry = Type.Object({
  ...JourneyEntry.properties,
  customerId: Nullable(Type.String({ description: "The customer it belongs to; null while there is none, and once they are erased." })),
});
const Merged = Type.Object({
  id: Type.String({ description: "The customer to whom nothing belongs any more." }),
  into: Nullable(Type.String({ description: "The customer to whom their id leads now." })),
});
const Rate = Type.Object({
  currency: Type.String(),
  date: Type.String({ description: "Its first day." }),
  rate: Type.String({ description: "How many units of the workspace's currency one unit is worth." }),
});
const Key = Type.Object({
  scopes: Type.Array(Type.String()),
  createdAt: Instant,
  expiresAt: Nullable(Instant),
  revokedAt: Nullable(Instant),
});

/** What `data` is, by the first word of the type. */
const DATA = { entry: ToldEntry, customer: Customer, merged: Merged, rate: Rate, key: Key } as const;

export const Told = Type.Object({
  seq: Type.Integer({ minimum: 1, description: "The place in the feed: one more than that of the change before it." }),
  type: OneOf(TOLD_TYPES, { description: "What has changed." }),
  id: Type.String({
    description: "Of what has changed: `cus_…`, `ent_…`, `key_…`, `whe_…`, a currency and a day (`EUR:2026-01-31`), or a setting's name.",
  }),
  at: { ...Instant, description: "When it was stored, by the clock of the server's machine." },
  data: Type.Union([...Object.values(DATA), Type.Null()], {
    description:
      "It as it is now: an entry, a customer, where a merged customer went, a rate or a key. null for a setting or an endpoint, for a customer to whom nothing belongs or who is erased, and for what an undone import has taken back.",
  }),
});
export type Told = Static<typeof Told>;

type RateRow = Pick<typeof rate.$inferSelect, "rate">;
type KeyRow = Pick<typeof apiKey.$inferSelect, "scopes" | "createdAt" | "expiresAt" | "revokedAt">;

export interface Telling {
  /** What the feed says of a change; undefined for one that callers do not see. Without `isPersonal`, nothing says who somebody is. */
  tell(change: Change, isPersonal: boolean): Told | undefined;
  /** A customer as they are now; null if nothing belongs to them, or if they are erased. */
  customer(id: number, isPersonal: boolean): unknown;
  /** An entry as it is now. */
  entry(id: number, isPersonal: boolean): unknown;
}

const toPerhapsIso = (at: number | null) => (at === null ? null : toIso(at));

export function openTelling(context: Context): Telling {
  const { sqlite } = context.database;
  const toCustomer = openToCustomer(context);
  const findCustomer = sqlite.prepare<[id: number], StoredCustomerRow>(
    `SELECT ${CUSTOMER_COLUMNS} FROM customer AS c WHERE c.id = ? AND c.deleted_at IS NULL`,
  );
  const findEntry = sqlite.prepare<{ entryId: number }, EntryRow>(entrySql);
  const findOwner = sqlite
    .prepare<[id: number], number>(
      "SELECT c.id FROM entry AS e JOIN customer AS c ON c.id = e.customer_id WHERE e.id = ? AND c.deleted_at IS NULL",
    )
    .pluck();
  const findRate = sqlite.prepare<[currency: string, day: number | undefined], RateRow>(
    "SELECT rate FROM rate WHERE currency = ? AND day = ?",
  );
  const findKey = sqlite.prepare<[id: string], KeyRow>(
    "SELECT scopes, created_at AS createdAt, expires_at AS expiresAt, revoked_at AS revokedAt FROM api_key WHERE id = ?",
  );

  const shown = (schema: TSchema, value: unknown, isPersonal: boolean) => (isPersonal ? value : withoutPersonal(schema, value));

  function customer(id: number, isPersonal: boolean): unknown {
    const row = findCustomer.get(id);
    if (row === undefined || row.firstTouchAt === null) return null;
    try {
      return shown(Customer, toCustomer(toCustomerRow(row)), isPersonal);
    } catch (error) {
      if (error instanceof ApiError) return null; // a sum that cannot be written; the others must be read
      throw error;
    }
  }

  function entry(id: number, isPersonal: boolean): unknown {
    const row = findEntry.get({ entryId: id });
    const owner = findOwner.get(id);
    return row
      ? shown(ToldEntry, { ...toJourneyEntry(row), customerId: owner === undefined ? null : toCustomerId(owner) }, isPersonal)
      : null;
  }

  function merged(id: number): unknown {
    const row = findCustomer.get(id);
    const known = row && knownNameOf(toCustomerRow(row));
    const into = known && context.ledger.identity.ownerOfName(known.kind, known.value);
    return { id: toCustomerId(id), into: into === undefined || into === id ? null : toCustomerId(into) };
  }

  function rateOf(id: string): unknown {
    const [currency = "", date = ""] = id.split(":");
    const row = findRate.get(currency, parseDay(date));
    return row ? { currency, date, rate: row.rate } : null;
  }

  function keyOf(id: string): unknown {
    const row = findKey.get(id);
    if (!row) return null;
    const scopes = row.scopes === "" ? [] : row.scopes.split(",");
    return { scopes, createdAt: toIso(row.createdAt), expiresAt: toPerhapsIso(row.expiresAt), revokedAt: toPerhapsIso(row.revokedAt) };
  }

  function dataOf(type: ToldType, id: number | string, isPersonal: boolean): unknown {
    if (typeof id === "number") {
      if (type.startsWith("entry.")) return entry(id, isPersonal);
      if (type === "customer.erased") return null;
      return type === "customer.merged" ? merged(id) : customer(id, isPersonal);
    }
    if (type.startsWith("key.")) return keyOf(id);
    return type === "rate.set" ? rateOf(id) : null;
  }

  return {
    tell({ seq, type: stored, id, at }, isPersonal) {
      const type = toToldType(stored);
      if (type === undefined) return undefined;
      const name = typeof id === "string" ? id : type.startsWith("entry.") ? toEntryId(id) : toCustomerId(id);
      return { seq, type, id: name, at: toIso(at), data: dataOf(type, id, isPersonal) as Told["data"] };
    },
    customer,
    entry,
  };
}

/** What callers are told of a type; undefined: nothing. A customer who was computed again may have other figures, like one who was updated. */
function toToldType(type: ChangeType): ToldType | undefined {
  return type === "customer.recomputed" ? "customer.updated" : TOLD_TYPES.find((each) => each === type);
}

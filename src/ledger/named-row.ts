// Which columns of an entry or a profile update decide whose it is, and which names does it bring?
import { DEFAULTED, type entry, PROFILE_UPDATE, type profileUpdate, REFUND } from "../../db/schema.ts";
import { type Bringer, toAliases } from "./name.ts";

/** The columns of an entry that decide whose it is. */
export type NamedEntry = Readonly<
  Pick<
    typeof entry.$inferSelect,
    | "id"
    | "type"
    | "at"
    | "key"
    | "declaredCustomerId"
    | "erasedCustomerId"
    | "email"
    | "aliases"
    | "clickId"
    | "visitorId"
    | "saleKey"
    | "customerId"
  >
> & {
  /** 1: a page sent it with a publishable key. */
  readonly isFromPage: number;
};

/** An entry with what its status and its valuation need. */
export type LoggedEntry = NamedEntry & Readonly<Pick<typeof entry.$inferSelect, "currency" | "sentStatus">>;

/** The columns of a profile update that decide whose it is. */
export type NamedProfileUpdate = Readonly<
  Pick<
    typeof profileUpdate.$inferSelect,
    "id" | "customerId" | "knownEmail" | "knownAlias" | "isSaid" | "at" | "key" | "email" | "aliases" | "clickId" | "visitorId"
  >
>;

/** The customer whose erasure is not finished and who had the entry when they were erased. It is theirs for good, although it does not say so yet. */
const BEING_ERASED = `(SELECT p.customer_id FROM pending_erasure AS p WHERE p.customer_id = entry.customer_id AND p.kind = 'entry' AND entry.id <= p.up_to_id)`;
/** The erased customer that an entry belongs to for good; null: none. */
export const ERASED_CUSTOMER_ID = `coalesce(erased_customer_id, ${BEING_ERASED})`;
/** An entry that names an erased customer by email or alias alone still claims its click for them. */
export const DECLARED_BY_NAME = `declared_customer_id IS NULL AND (email IS NOT NULL OR aliases IS NOT NULL) AND type <> ${REFUND}`;

const COLUMNS = `id, type, at, key, ${ERASED_CUSTOMER_ID} AS erasedCustomerId,
  CASE WHEN ${DECLARED_BY_NAME} THEN ${BEING_ERASED} ELSE declared_customer_id END AS declaredCustomerId,
  email, aliases, click_id AS clickId, visitor_id AS visitorId, sale_key AS saleKey,
  defaulted & ${DEFAULTED.fromPage} <> 0 AS isFromPage, customer_id AS customerId`;

/** Selects entries as `NamedEntry`. A condition is appended. */
export const SELECT_ENTRY = `SELECT ${COLUMNS} FROM entry`;
/** Selects entries as `LoggedEntry`. */
export const SELECT_LOGGED_ENTRY = `SELECT ${COLUMNS}, currency, sent_status AS sentStatus FROM entry`;
/** Selects profile updates as `NamedProfileUpdate`. */
export const SELECT_PROFILE_UPDATE = `SELECT id, customer_id AS customerId, known_email AS knownEmail, known_alias AS knownAlias, is_said AS isSaid, at, key, email, aliases, click_id AS clickId, visitor_id AS visitorId FROM profile_update`;

/** An entry with the names that it brings. A refund brings none, but names a customer by them while its sale is unknown. */
export function toBringer(entry: NamedEntry): Bringer {
  const { id, at, type, key, declaredCustomerId, email, aliases } = entry;
  return {
    claimant: { at, type, key, entryId: id, profileUpdateId: null },
    declaredCustomerId: type === REFUND ? null : declaredCustomerId,
    emails: email === null ? [] : [email],
    aliases: toAliases(aliases),
  };
}

/**
 * A profile update with the names that it brings: for a customer without externalId, beside the name that they are known by. One that was said
 * for an instant without an externalId names its customer as an entry does.
 */
export function toToldBringer(update: NamedProfileUpdate): Bringer {
  const { id, at, key, knownEmail, knownAlias, isSaid, email, aliases, customerId } = update;
  const claimant = { at, type: PROFILE_UPDATE, key, entryId: null, profileUpdateId: id };
  const names = { emails: email === null ? [] : [email], aliases: toAliases(aliases) };
  if (knownEmail !== null) {
    const known = { kind: "email", value: knownEmail } as const;
    return { claimant, declaredCustomerId: null, known, ...names, emails: [...new Set([knownEmail, ...names.emails])] };
  }
  if (knownAlias !== null) {
    const known = { kind: "alias", value: knownAlias } as const;
    return { claimant, declaredCustomerId: null, known, ...names, aliases: [...new Set([knownAlias, ...names.aliases])] };
  }
  return { claimant, declaredCustomerId: isSaid === 1 && key === "" ? null : customerId, ...names };
}

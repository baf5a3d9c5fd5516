// Which columns of an entry or a profile update decide whose it is?
import { DEFAULTED, type entry, type profileUpdate } from "../../db/schema.ts";

/** The columns of an entry that decide whose it is. */
export type NamedEntry = Readonly<
  Pick<
    typeof entry.$inferSelect,
    "id" | "type" | "at" | "key" | "declaredCustomerId" | "erasedCustomerId" | "email" | "clickId" | "visitorId" | "saleKey" | "customerId"
  >
> & {
  /** 1: a page sent it with a publishable key. */
  readonly isFromPage: number;
};

/** An entry with what its status and its valuation need. */
export type LoggedEntry = NamedEntry & Readonly<Pick<typeof entry.$inferSelect, "currency" | "sentStatus">>;

/** The columns of a profile update that decide whose it is. */
export type NamedProfileUpdate = Readonly<
  Pick<typeof profileUpdate.$inferSelect, "id" | "customerId" | "knownEmail" | "at" | "key" | "email" | "clickId" | "visitorId">
>;

const COLUMNS = `id, type, at, key, declared_customer_id AS declaredCustomerId, erased_customer_id AS erasedCustomerId,
  email, click_id AS clickId, visitor_id AS visitorId, sale_key AS saleKey,
  defaulted & ${DEFAULTED.fromPage} <> 0 AS isFromPage, customer_id AS customerId`;

/** Selects entries as `NamedEntry`. A condition is appended. */
export const SELECT_ENTRY = `SELECT ${COLUMNS} FROM entry`;
/** Selects entries as `LoggedEntry`. */
export const SELECT_LOGGED_ENTRY = `SELECT ${COLUMNS}, currency, sent_status AS sentStatus FROM entry`;
/** Selects profile updates as `NamedProfileUpdate`. */
export const SELECT_PROFILE_UPDATE = `SELECT id, customer_id AS customerId, known_email AS knownEmail, at, key, email, click_id AS clickId, visitor_id AS visitorId FROM profile_update`;

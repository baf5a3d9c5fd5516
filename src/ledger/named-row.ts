// What of a row is read to find out whose it is?
import { DEFAULTED } from "../../db/schema.ts";

/** What of an entry's row says whose it is. */
export interface NamedEntry {
  readonly id: number;
  readonly type: number;
  readonly at: number;
  readonly key: string;
  readonly declaredCustomerId: number | null;
  readonly erasedCustomerId: number | null;
  readonly email: string | null;
  readonly clickId: string | null;
  readonly visitorId: string | null;
  readonly saleKey: string | null;
  /** 1: a page sent it with a publishable key. */
  readonly isFromPage: number;
  readonly customerId: number | null;
}

/** An entry with what its valuation needs. */
export interface LoggedEntry extends NamedEntry {
  readonly currency: string | null;
}

/** What of a profile update's row says whose it is. */
export interface NamedProfileUpdate {
  readonly id: number;
  readonly customerId: number;
  readonly knownEmail: string | null;
  readonly at: number;
  readonly key: string;
  readonly email: string | null;
  readonly clickId: string | null;
  readonly visitorId: string | null;
}

/** Selects entries as `NamedEntry`. */
export const ENTRY = `SELECT id, type, at, key, declared_customer_id AS declaredCustomerId, erased_customer_id AS erasedCustomerId, email, click_id AS clickId, visitor_id AS visitorId,
  sale_key AS saleKey, defaulted & ${DEFAULTED.fromPage} <> 0 AS isFromPage, customer_id AS customerId FROM entry`;
/** Selects profile updates as `NamedProfileUpdate`. */
export const PROFILE_UPDATE_ROW = `SELECT id, customer_id AS customerId, known_email AS knownEmail, at, key, email, click_id AS clickId, visitor_id AS visitorId FROM profile_update`;

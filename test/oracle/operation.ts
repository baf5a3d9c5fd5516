// What can be done to a workspace, and with which outcome? Each operation is a call of the API.
import type { EntryType, Sent } from "./log.ts";

/** The body of POST or PATCH /customers. */
export interface Upsert {
  externalId?: string;
  email?: string | null;
  aliases?: string[] | null;
  name?: string | null;
  avatar?: string | null;
  country?: string | null;
  metadata?: Record<string, unknown> | null;
  clickId?: string;
  visitorId?: string;
  source?: string;
  campaign?: string;
  createdAt?: string;
}

/** PATCH of a conversion or refund: of the sale with this orderId, of the entry of this type with this eventId, or of the refund with it. */
export interface StatusCall {
  op: "status";
  orderId?: string;
  type?: EntryType;
  eventId?: string;
  status: string;
  statusAt?: string | number;
}

/** `ext_…`, `als_…`, or `email_…` for the customer whom an email leads to. */
export type Target = `ext_${string}` | `als_${string}` | `email_${string}`;

export type Operation =
  | ({ op: "event" } & Sent)
  | ({ op: "customer"; externalId: string } & Upsert)
  | ({ op: "patch"; id: Target } & Upsert)
  | { op: "delete"; id: Target }
  | StatusCall
  | { op: "rate"; currency: string; date: string; rate: string }
  | { op: "clock"; now: number };

export type Outcome =
  | "accepted"
  | "duplicate"
  | "created"
  | "updated"
  | "VALIDATION_ERROR"
  | "CONFLICT"
  | "NOT_FOUND"
  | "DUPLICATE_EXTERNAL_ID";

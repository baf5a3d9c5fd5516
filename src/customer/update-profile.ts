// What do POST and PATCH /customers store? A profile update, which can claim an email, a click and a visitor like an entry. The rest is derived.

import { eq, sql } from "drizzle-orm";
import { customer, profileUpdate } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import { MAX_METADATA_BYTES } from "../http/wire.ts";
import { type Metadata, mergeMetadata, type ProfileChange } from "../ledger/profile.ts";
import { ApiError, invalid, notFound } from "../value/error.ts";
import type { CustomerRow } from "./customer-row.ts";
import { openCustomers } from "./ensure-customer.ts";
import { findCustomer, requireCustomer } from "./find-customer.ts";

/** The fields of a profile update. An absent field stays as it is, null clears it. */
export interface ProfileUpdateFields extends ProfileChange {
  externalId?: string | undefined;
  clickId?: string | undefined;
  visitorId?: string | undefined;
}

/** The fields that are only used if the customer is created. */
export interface CreationFields {
  createdAt?: number | undefined;
  source: string | null;
  campaign: string | null;
}

/** A profile update of another workspace. */
export interface StoredUpdate {
  /** The owner: the customer with this externalId, or the one who was known by this email alone at the time of the call. */
  readonly of: { readonly externalId: string } | { readonly email: string };
  readonly isCreation: boolean;
  readonly at: number;
  readonly calledAt: number;
  /** The customer's externalId at the time of the call. */
  readonly externalId: string | null;
  /** The email that the update claims. */
  readonly email: string | null;
  readonly clickId: string | null;
  readonly visitorId: string | null;
  readonly source: string | null;
  readonly campaign: string | null;
  readonly profile: ProfileChange;
}

export interface ProfileUpdates {
  /** Stores a profile update of another workspace, within a write. Gives false if it is stored already. Throws NOT_FOUND. */
  restore(update: StoredUpdate): boolean;
  /** POST: creates or updates the customer with this externalId, and gives their row id. Throws VALIDATION_ERROR for too much metadata. */
  upsert(fields: ProfileUpdateFields & { externalId: string }, creation: CreationFields): { id: number; created: boolean };
  /** PATCH: updates the customer that `:id` means, and gives their row id. Throws NOT_FOUND, DUPLICATE_EXTERNAL_ID, VALIDATION_ERROR. */
  change(idParam: string, fields: ProfileUpdateFields): number;
}

export function openProfileUpdates(context: Context): ProfileUpdates {
  const { database, ledger, now } = context;
  const { orm } = database;
  const customers = openCustomers(context);
  const insertProfileUpdate = orm
    .insert(profileUpdate)
    .values({
      customerId: sql.placeholder("customerId"),
      knownEmail: sql.placeholder("knownEmail"),
      isCreation: sql.placeholder("isCreation"),
      at: sql.placeholder("at"),
      calledAt: sql.placeholder("calledAt"),
      key: sql.placeholder("key"),
      email: sql.placeholder("email"),
      clickId: sql.placeholder("clickId"),
      visitorId: sql.placeholder("visitorId"),
      source: sql.placeholder("source"),
      campaign: sql.placeholder("campaign"),
      profile: sql.placeholder("profile"),
    })
    .returning({ id: profileUpdate.id })
    .prepare();
  const findSame = database.sqlite.prepare(
    `SELECT 1 FROM profile_update WHERE (customer_id = :id OR known_email = :knownEmail) AND called_at = :calledAt AND at = :at AND is_creation = :isCreation AND key = :key
     AND email IS :email AND click_id IS :clickId AND visitor_id IS :visitorId AND known_email IS :knownEmail AND source IS :source AND campaign IS :campaign AND profile = :profile`,
  );
  const setCreatedAt = orm
    .update(customer)
    .set({ createdAt: sql`${sql.placeholder("at")}` })
    .where(eq(customer.id, sql.placeholder("id")))
    .prepare();

  function profileOf({ externalId: _, clickId: __, visitorId: ___, ...profile }: ProfileUpdateFields): ProfileChange {
    return profile;
  }

  /** Stores a profile update and resolves its claims. Only a customer with an externalId claims `email`. */
  function storeUpdate(
    row: { id: number; externalId: string | null; knownEmail: string | null },
    fields: ProfileUpdateFields,
    creation?: { at: number; source: string | null; campaign: string | null },
    email = fields.email ?? null,
    calledAt = now(),
    at = creation?.at ?? calledAt,
  ): void {
    const { id } = insertProfileUpdate.get({
      customerId: row.id,
      knownEmail: row.externalId === null ? row.knownEmail : null,
      isCreation: creation ? 1 : 0,
      at,
      calledAt,
      key: row.externalId ?? "",
      email: row.externalId === null ? null : email,
      clickId: fields.clickId ?? null,
      visitorId: fields.visitorId ?? null,
      source: creation?.source ?? null,
      campaign: creation?.campaign ?? null,
      profile: JSON.stringify(profileOf(fields)),
    });
    ledger.identity.resolveProfileUpdate(id);
  }

  /** Throws VALIDATION_ERROR if the merged metadata would be too large. */
  function checkMetadata(row: CustomerRow | undefined, fields: ProfileUpdateFields): void {
    if (!fields.metadata) return;
    const merged = mergeMetadata(row?.metadata ? (JSON.parse(row.metadata) as Metadata) : null, fields.metadata);
    if (Buffer.byteLength(JSON.stringify(merged)) > MAX_METADATA_BYTES)
      throw invalid([
        { path: "metadata", message: `must be at most ${MAX_METADATA_BYTES} bytes of JSON once merged with the stored metadata` },
      ]);
  }

  return {
    restore({ of, isCreation, at, calledAt, externalId, email, clickId, visitorId, source, campaign, profile }) {
      const knownEmail = "email" in of ? of.email : null;
      if (knownEmail !== null) customers.ensureByEmail(knownEmail);
      const id = "email" in of ? ledger.identity.ownerOfEmail(of.email) : customers.findByExternalId(of.externalId);
      if (id === undefined) throw notFound("customer");
      const creation = isCreation ? { at, source, campaign } : undefined;
      const same = { id, knownEmail, isCreation: isCreation ? 1 : 0, at, calledAt, key: externalId ?? "", email, clickId, visitorId };
      if (findSame.get({ ...same, source, campaign, profile: JSON.stringify(profile) }) !== undefined) return false;
      const fields = { ...profile, ...(clickId !== null && { clickId }), ...(visitorId !== null && { visitorId }) };
      storeUpdate({ id, externalId, knownEmail }, fields, creation, email, calledAt, at);
      return true;
    },

    upsert: (fields, creation) =>
      ledger.write(() => {
        const { externalId } = fields;
        const found = customers.findByExternalId(externalId);
        const row = found === undefined ? undefined : findCustomer(context, found);
        // Only a current externalId updates. A former one, or one of a record without entries and creation, creates a customer.
        const isCurrent = row?.externalId === externalId;
        checkMetadata(isCurrent ? row : undefined, fields);
        if (isCurrent) {
          storeUpdate(row, fields);
          return { id: row.id, created: false };
        }
        let id = found;
        if (id === undefined) id = customers.ensureByExternalId(externalId, fields.email ?? null);
        else if (row !== undefined) {
          id = customers.create();
          customers.assignExternalId(externalId, id);
        }
        const at = creation.createdAt ?? now();
        setCreatedAt.run({ at, id });
        storeUpdate({ id, externalId, knownEmail: null }, fields, { at, source: creation.source, campaign: creation.campaign });
        return { id, created: true };
      }),

    change: (idParam, fields) =>
      ledger.write(() => {
        const row = requireCustomer(context, idParam);
        checkMetadata(row, fields);
        const { externalId } = fields;
        if (externalId !== undefined && externalId !== row.externalId) {
          const holderId = customers.findByExternalId(externalId);
          const holder = holderId === undefined || holderId === row.id ? undefined : findCustomer(context, holderId);
          if (holder?.externalId === externalId)
            throw new ApiError("DUPLICATE_EXTERNAL_ID", "Another customer already has this externalId.", {
              details: [{ path: "externalId", message: "is another customer's" }],
            });
          customers.assignExternalId(externalId, row.id);
          // They were known by an email alone. Now that they have an externalId, they claim that email.
          if (row.externalId === null && row.knownEmail !== null)
            storeUpdate({ id: row.id, externalId, knownEmail: null }, {}, undefined, row.knownEmail);
        }
        storeUpdate({ id: row.id, externalId: externalId ?? row.externalId, knownEmail: row.knownEmail }, fields);
        return row.id;
      }),
  };
}

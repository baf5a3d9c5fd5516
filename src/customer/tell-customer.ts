// What happens when a customer is told of by POST or PATCH /customers? The profile update is kept, claims like an entry, and everything else is derived.

import { eq, sql } from "drizzle-orm";
import { customer, profileUpdate } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import { MAX_METADATA_BYTES } from "../http/wire.ts";
import { type Metadata, mergeMetadata, type ToldProfile } from "../ledger/profile.ts";
import { ApiError, invalid } from "../value/error.ts";
import type { CustomerRow } from "./customer-row.ts";
import { openCustomers } from "./ensure-customer.ts";
import { findCustomer, requireCustomer } from "./find-customer.ts";

/** What is told: absent fields say nothing, null clears. */
export interface Told extends ToldProfile {
  externalId?: string | undefined;
  clickId?: string | undefined;
  visitorId?: string | undefined;
}

export interface Creation {
  createdAt?: number | undefined;
  source: string | null;
  campaign: string | null;
}

export interface ProfileUpdates {
  /** POST: makes the customer with `externalId` or updates them. */
  upsert(told: Told & { externalId: string }, creation: Creation): { id: number; created: boolean };
  /** PATCH: throws NOT_FOUND, DUPLICATE_EXTERNAL_ID. */
  change(idParam: string, told: Told): number;
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
  const setCreatedAt = orm
    .update(customer)
    .set({ createdAt: sql`${sql.placeholder("at")}` })
    .where(eq(customer.id, sql.placeholder("id")))
    .prepare();

  function profileOf({ externalId: _, clickId: __, visitorId: ___, ...profile }: Told): ToldProfile {
    return profile;
  }

  /** Keeps a profile update of a customer; only with an externalId does it claim an email for them: the one told, or `email`. */
  function tell(
    row: { id: number; externalId: string | null; knownEmail: string | null },
    told: Told,
    creation?: { at: number; source: string | null; campaign: string | null },
    email = told.email ?? null,
  ): void {
    const { id } = insertProfileUpdate.get({
      customerId: row.id,
      knownEmail: row.externalId === null ? row.knownEmail : null,
      isCreation: creation ? 1 : 0,
      at: creation?.at ?? now(),
      calledAt: now(),
      key: row.externalId ?? "",
      email: row.externalId === null ? null : email,
      clickId: told.clickId ?? null,
      visitorId: told.visitorId ?? null,
      source: creation?.source ?? null,
      campaign: creation?.campaign ?? null,
      profile: JSON.stringify(profileOf(told)),
    });
    ledger.identity.resolveProfileUpdate(id);
  }

  function checkMetadata(row: CustomerRow | undefined, told: Told): void {
    if (!told.metadata) return;
    const merged = mergeMetadata(row?.metadata ? (JSON.parse(row.metadata) as Metadata) : null, told.metadata);
    if (Buffer.byteLength(JSON.stringify(merged)) > MAX_METADATA_BYTES)
      throw invalid([
        { path: "metadata", message: `must be at most ${MAX_METADATA_BYTES} bytes of JSON once merged with the stored metadata` },
      ]);
  }

  return {
    upsert: (told, creation) =>
      ledger.write(() => {
        const { externalId } = told;
        const found = customers.findNamed(externalId);
        const row = found === undefined ? undefined : findCustomer(context, found);
        // A former externalId makes a new customer, who takes it; so does one that leads to a record with nothing to it.
        const there = row?.externalId === externalId;
        checkMetadata(there ? row : undefined, told);
        if (there) {
          tell(row, told);
          return { id: row.id, created: false };
        }
        let id = found;
        if (id === undefined) id = customers.ensureNamed(externalId, told.email ?? null);
        else if (row !== undefined) {
          id = customers.make();
          customers.lead(externalId, id);
        }
        const at = creation.createdAt ?? now();
        setCreatedAt.run({ at, id });
        tell({ id, externalId, knownEmail: null }, told, { at, source: creation.source, campaign: creation.campaign });
        return { id, created: true };
      }),

    change: (idParam, told) =>
      ledger.write(() => {
        const row = requireCustomer(context, idParam);
        checkMetadata(row, told);
        const { externalId } = told;
        if (externalId !== undefined && externalId !== row.externalId) {
          const holderId = customers.findNamed(externalId);
          const holder = holderId === undefined || holderId === row.id ? undefined : findCustomer(context, holderId);
          if (holder?.externalId === externalId)
            throw new ApiError("DUPLICATE_EXTERNAL_ID", "Another customer already has this externalId.", {
              details: [{ path: "externalId", message: "is another customer's" }],
            });
          customers.lead(externalId, row.id);
          // The email that they were known by alone is brought together with an externalId here.
          if (row.externalId === null && row.knownEmail !== null)
            tell({ id: row.id, externalId, knownEmail: null }, {}, undefined, row.knownEmail);
        }
        tell({ id: row.id, externalId: externalId ?? row.externalId, knownEmail: row.knownEmail }, told);
        return row.id;
      }),
  };
}

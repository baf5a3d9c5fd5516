// What do POST and PATCH /customers store? A profile update, which can claim names, a click and a visitor like an entry. The rest is derived.
import { eq, sql } from "drizzle-orm";
import { customer } from "../../db/schema.ts";
import { type Context, oncePerContext } from "../context.ts";
import { MAX_METADATA_BYTES } from "../http/wire.ts";
import type { Name } from "../ledger/name.ts";
import { type Metadata, mergeMetadata, type ProfileChange } from "../ledger/profile.ts";
import { ApiError, invalid, notFound } from "../value/error.ts";
import type { CustomerRow } from "./customer-row.ts";
import { openCustomers } from "./ensure-customer.ts";
import { findCustomer, knownNameOf, requireCustomer } from "./find-customer.ts";
import { type CreationFields, openUpdateStore, type ProfileUpdateFields } from "./store-update.ts";

/** A profile update of another workspace. */
export interface StoredUpdate {
  /**
   * The owner: the customer with this externalId, or the one who was known by this name alone at the time of the call. Undefined: it was said
   * for an instant and names its customer itself.
   */
  readonly of: { readonly externalId: string } | Name | undefined;
  readonly isCreation: boolean;
  readonly isSaid: boolean;
  readonly at: number;
  readonly calledAt: number;
  /** The customer's externalId at the time of the call. */
  readonly externalId: string | null;
  /** The email that the update claims. */
  readonly email: string | null;
  readonly aliases: readonly string[];
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
  /**
   * For adapters: what another system says of a customer for the instant `saidAt`, in milliseconds, within a write. Of each field the newest
   * instant wins, whatever the order of the calls; the same said again changes nothing. If it makes the customer, it does so at `createdAt`, else
   * at `saidAt`. Without `externalId` it names its customer by its aliases and email as an entry does (definitions §5), and needs one of them.
   * Gives the customer's row id. Throws VALIDATION_ERROR for no names or too much metadata.
   */
  say(fields: ProfileUpdateFields, saidAt: number, creation?: Partial<CreationFields>): { id: number; created: boolean };
  /** PATCH: updates the customer that `:id` means, and gives their row id. Throws NOT_FOUND, DUPLICATE_EXTERNAL_ID, VALIDATION_ERROR. */
  change(idParam: string, fields: ProfileUpdateFields): number;
}

/** What is needed of a customer to update them. */
type Holder = Pick<CustomerRow, "id" | "externalId" | "metadata">;

/**
 * How many rows are reassigned in a trial that looks for customers who join, about, after those of the first write. All of it is one write, which
 * others wait for. Who would join only by what more rows say does not join, and a customer is created.
 */
const MOST_ROWS = 250;

export const openProfileUpdates = oncePerContext((context: Context): ProfileUpdates => {
  const { database, ledger, now } = context;
  const { identity } = ledger;
  const customers = openCustomers(context);
  const updates = openUpdateStore(context);
  const setCreatedAt = database.orm
    .update(customer)
    .set({ createdAt: sql`${sql.placeholder("at")}` })
    .where(eq(customer.id, sql.placeholder("id")))
    .prepare();
  const findKnown = database.sqlite.prepare<[id: number], Pick<CustomerRow, "knownEmail" | "knownAlias">>(
    `SELECT known_email AS knownEmail, known_alias AS knownAlias FROM customer WHERE id = ? AND deleted_at IS NULL`,
  );
  const selectExisting = database.sqlite.prepare<[id: number], Holder>(
    `SELECT id, external_id AS externalId, metadata FROM customer AS c WHERE id = ? AND deleted_at IS NULL
       AND (EXISTS (SELECT 1 FROM entry WHERE customer_id = c.id) OR EXISTS (SELECT 1 FROM profile_update WHERE customer_id = c.id AND is_creation))`,
  );

  const currentIdOf = database.sqlite
    .prepare<[id: number], CustomerRow["externalId"]>("SELECT external_id FROM customer WHERE id = ?")
    .pluck();

  const namesOf = ({ email, aliases = [] }: ProfileUpdateFields) => ({ emails: email == null ? [] : [email], aliases });

  /** Throws VALIDATION_ERROR if the merged metadata would be too large. */
  function checkMetadata(row: Holder | undefined, fields: ProfileUpdateFields): void {
    if (!fields.metadata) return;
    const merged = mergeMetadata(row?.metadata ? (JSON.parse(row.metadata) as Metadata) : null, fields.metadata);
    if (Buffer.byteLength(JSON.stringify(merged)) > MAX_METADATA_BYTES)
      throw invalid([
        { path: "metadata", message: `must be at most ${MAX_METADATA_BYTES} bytes of JSON once merged with the stored metadata` },
      ]);
  }

  /** The customer, if they exist: they own an entry or were created. Their figures may be behind. */
  const findExisting = (id: number | undefined): Holder | undefined => (id === undefined ? undefined : selectExisting.get(id));

  /**
   * The customer without externalId who becomes part of whoever is told these fields with a new externalId (definitions §5). The usual ones are
   * found by their names. Others are found by trying, and undoing it.
   */
  function findJoining(fields: ProfileUpdateFields & { externalId: string }, calledAt: number): Holder | undefined {
    const brought = namesOf(fields);
    const certain = findExisting(identity.findJoining(brought));
    if (certain !== undefined || !identity.mayJoin(brought)) return certain;
    const joining = ledger.tryOut(() => {
      const id = customers.create();
      customers.assignExternalId(fields.externalId, id);
      const losers = identity.losersOf(() => {
        updates.store({ customerId: id, externalId: fields.externalId }, fields, { calledAt, at: calledAt });
        for (let rows = 0; rows < MOST_ROWS && identity.hasPendingReassignments(); ) rows += identity.reassignSome() + 1;
      });
      return [...losers].filter((loser) => {
        const names = findKnown.get(loser);
        const known = names && knownNameOf(names);
        return known !== undefined && identity.ownerOfName(known.kind, known.value) === id;
      });
    });
    return joining
      .sort((left, right) => left - right)
      .map(findExisting)
      .find((row) => row !== undefined);
  }

  /** Creates or updates the customer with an externalId, by what is told at `calledAt`. */
  function tell(fields: ProfileUpdateFields & { externalId: string }, creation: CreationFields, calledAt: number, isSaid: boolean) {
    const { externalId } = fields;
    const found = customers.findByExternalId(externalId);
    // An adapter's profile must not wait for figures.
    const row = found === undefined ? undefined : isSaid ? findExisting(found) : findCustomer(context, found);
    const update = (id: number) => {
      updates.store({ customerId: id, externalId }, fields, {
        calledAt,
        at: calledAt,
        isSaid,
        call: creation,
      });
      return { id, created: false };
    };
    // Only a current externalId updates. A former one, or one of a record without entries and creation, creates a customer.
    if (row?.externalId === externalId) {
      checkMetadata(row, fields);
      return update(row.id);
    }
    const isFree = found === undefined || currentIdOf.get(found) !== externalId;
    const joining = findJoining(fields, calledAt);
    checkMetadata(joining, fields);
    const id = isFree ? (joining?.id ?? customers.create()) : found;
    if (isFree) customers.assignExternalId(externalId, id);
    if (joining !== undefined) return update(id);
    const at = creation.createdAt ?? calledAt;
    setCreatedAt.run({ at, id });
    updates.store({ customerId: id, externalId }, fields, { calledAt, at, creation, isSaid, call: creation });
    return { id, created: true };
  }

  return {
    restore({ of, isCreation, isSaid, at, calledAt, externalId, email, aliases, clickId, visitorId, source, campaign, profile }) {
      const known = of !== undefined && "kind" in of ? of : undefined;
      const brought = known === undefined ? { emails: email === null ? [] : [email], aliases } : toBrought(known);
      const id = of !== undefined && "externalId" in of ? customers.findByExternalId(of.externalId) : identity.customerOfNames(brought);
      if (id == null) throw notFound("customer");
      const told = { customerId: id, externalId, known };
      const fields = { ...profile, aliases, ...(clickId !== null && { clickId }), ...(visitorId !== null && { visitorId }) };
      const telling = { calledAt, at, email, isSaid, creation: isCreation ? { source, campaign } : undefined };
      if (updates.isStored(told, fields, telling)) return false;
      updates.store(told, fields, telling);
      return true;
    },

    upsert: (fields, creation) => ledger.write(() => tell(fields, creation, now(), false)),

    say(fields, saidAt, { createdAt, source = null, campaign = null } = {}) {
      const { externalId } = fields;
      if (externalId !== undefined) {
        const found = customers.findByExternalId(externalId);
        if (found !== undefined) {
          const told = { customerId: found, externalId };
          const isCreation = createdAt === undefined ? saidAt : createdAt;
          for (const telling of [
            { calledAt: saidAt, at: saidAt, isSaid: true },
            { calledAt: saidAt, at: isCreation, isSaid: true, creation: { source, campaign } },
          ])
            if (updates.isStored(told, fields, telling)) return { id: found, created: false };
        }
        return tell({ ...fields, externalId }, { createdAt, source, campaign }, saidAt, true);
      }
      const id = identity.customerOfNames(namesOf(fields));
      if (id === null) throw invalid([{ path: "externalId", message: "is required, unless email or aliases are given" }]);
      const row = findExisting(id);
      checkMetadata(row, fields);
      const told = { customerId: id, externalId: null };
      const update = { calledAt: saidAt, at: saidAt, isSaid: true, call: { createdAt, source, campaign } };
      const making = { ...update, at: createdAt ?? saidAt, creation: { source, campaign } };
      if (updates.isStored(told, fields, update) || updates.isStored(told, fields, making)) return { id, created: false };
      if (row !== undefined) return { id: updates.store(told, fields, update), created: false };
      setCreatedAt.run({ at: making.at, id });
      return { id: updates.store(told, fields, making), created: true };
    },

    change: (idParam, fields) =>
      ledger.write(() => {
        const row = requireCustomer(context, idParam);
        checkMetadata(row, fields);
        const { externalId } = fields;
        const known = knownNameOf(row);
        const telling = { calledAt: now(), at: now() };
        if (externalId !== undefined && externalId !== row.externalId) {
          const holderId = customers.findByExternalId(externalId);
          const holder = holderId === undefined || holderId === row.id ? undefined : findCustomer(context, holderId);
          if (holder?.externalId === externalId)
            throw new ApiError("DUPLICATE_EXTERNAL_ID", "Another customer already has this externalId.", {
              details: [{ path: "externalId", message: "is another customer's" }],
            });
          customers.assignExternalId(externalId, row.id);
          // They were known by a name alone. Now that they have an externalId, they claim that name.
          if (row.externalId === null && known !== undefined) {
            const { emails, aliases } = toBrought(known);
            updates.store({ customerId: row.id, externalId }, { aliases }, { ...telling, email: emails[0] ?? null });
          }
        }
        updates.store({ customerId: row.id, externalId: externalId ?? row.externalId, known }, fields, telling);
        return row.id;
      }),
  };
});

const toBrought = ({ kind, value }: Name) => ({ emails: kind === "email" ? [value] : [], aliases: kind === "alias" ? [value] : [] });

// Which customer does an externalId or an email lead to, and who is created if there is none?
import { eq, sql } from "drizzle-orm";
import { customer, externalId } from "../../db/schema.ts";
import type { Context } from "../context.ts";

export interface Customers {
  /** The row id of the customer with this current or former externalId. */
  findByExternalId(externalId: string): number | undefined;
  /** The same; creates the customer if needed. A customer known by `email` alone gets the externalId, unless another one claims that email. */
  ensureByExternalId(externalId: string, email: string | null): number;
  /** Creates a customer known by this email alone, if the email has no owner. */
  ensureByEmail(email: string): void;
  /** Creates a customer without externalId and email, and gives their row id. */
  create(): number;
  /**
   * Creates a customer of another workspace, known by externalIds (the current one last) or by an email alone. Gives false if there is one
   * already. A former externalId that leads to another customer stays theirs.
   */
  restore(known: { readonly externalIds: readonly string[] } | { readonly email: string }, createdAt: number): boolean;
  /** Makes this the customer's current externalId, and takes it from whoever had it. */
  assignExternalId(externalId: string, customerId: number): void;
}

/** All its functions must be called within a write. */
export function openCustomers({ database: { orm }, ledger, now }: Pick<Context, "database" | "ledger" | "now">): Customers {
  const [name, id] = [sql.placeholder("externalId"), sql.placeholder("id")];
  const selectByExternalId = orm.select({ id: externalId.customerId }).from(externalId).where(eq(externalId.externalId, name)).prepare();
  const selectByKnownEmail = orm
    .select({ id: customer.id })
    .from(customer)
    .where(eq(customer.knownEmail, sql.placeholder("email")))
    .prepare();
  const insert = orm
    .insert(customer)
    .values({ knownEmail: sql.placeholder("email"), createdAt: sql.placeholder("at"), updatedAt: sql.placeholder("at") })
    .returning({ id: customer.id })
    .prepare();
  const clearCurrent = orm.update(customer).set({ externalId: null }).where(eq(customer.externalId, name)).prepare();
  const setCurrent = orm
    .update(customer)
    .set({ externalId: sql`${name}`, knownEmail: null })
    .where(eq(customer.id, id))
    .prepare();
  const upsertExternalId = orm
    .insert(externalId)
    .values({ externalId: name, customerId: id })
    .onConflictDoUpdate({ target: externalId.externalId, set: { customerId: sql`excluded.customer_id` } })
    .prepare();

  const findByExternalId = (value: string) => selectByExternalId.get({ externalId: value })?.id;

  const create = (email: string | null = null, at = now()) => insert.get({ email, at }).id;

  function assignExternalId(value: string, customerId: number): void {
    clearCurrent.run({ externalId: value });
    setCurrent.run({ externalId: value, id: customerId });
    upsertExternalId.run({ externalId: value, id: customerId });
    ledger.markStale(customerId); // search finds them by it
  }

  return {
    findByExternalId,
    ensureByExternalId(value, email) {
      const found = findByExternalId(value);
      if (found !== undefined) return found;
      const byEmail = email === null ? undefined : selectByKnownEmail.get({ email })?.id;
      // If another customer has claimed the email, the record known by it must keep leading to that customer.
      const isFree = byEmail !== undefined && ledger.identity.ownerOfEmail(email ?? "") === byEmail;
      const customerId = isFree ? byEmail : create();
      assignExternalId(value, customerId);
      return customerId;
    },
    ensureByEmail(email) {
      if (ledger.identity.ownerOfEmail(email) === undefined) create(email);
    },
    create: () => create(),
    restore(known, createdAt) {
      if ("email" in known) {
        if (ledger.identity.ownerOfEmail(known.email) !== undefined) return false;
        create(known.email, createdAt);
        return true;
      }
      const current = known.externalIds.at(-1);
      if (current === undefined || findByExternalId(current) !== undefined) return false;
      const customerId = create(null, createdAt);
      for (const value of known.externalIds) if (findByExternalId(value) === undefined) assignExternalId(value, customerId);
      return true;
    },
    assignExternalId,
  };
}

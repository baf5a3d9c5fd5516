// Which customer does a name lead to, and who is made when it leads to nobody yet?
import { eq, sql } from "drizzle-orm";
import { customer, externalId } from "../../db/schema.ts";
import type { Context } from "../context.ts";

export interface Customers {
  /** The customer an externalId leads to, current or former; undefined: nobody. */
  findNamed(externalId: string): number | undefined;
  /** … made if there is none. A customer known by `email` alone, unclaimed so far, takes on the externalId. */
  ensureNamed(externalId: string, email: string | null): number;
  /** Makes a customer known by this email alone, unless the email is somebody's already. */
  ensureKnownBy(email: string): void;
  /** Makes a customer without a name so far. */
  make(): number;
  /** Leads an externalId to a customer from now on, as their current one; whoever had it loses it. */
  lead(externalId: string, customerId: number): void;
}

/** All of these are called within a write. */
export function openCustomers({ database: { orm }, ledger, now }: Pick<Context, "database" | "ledger" | "now">): Customers {
  const [named, id] = [sql.placeholder("externalId"), sql.placeholder("id")];
  const findNamed = orm.select({ id: externalId.customerId }).from(externalId).where(eq(externalId.externalId, named)).prepare();
  const findKnownBy = orm
    .select({ id: customer.id })
    .from(customer)
    .where(eq(customer.knownEmail, sql.placeholder("email")))
    .prepare();
  const insert = orm
    .insert(customer)
    .values({ knownEmail: sql.placeholder("email"), createdAt: sql.placeholder("at"), updatedAt: sql.placeholder("at") })
    .returning({ id: customer.id })
    .prepare();
  const takeOff = orm.update(customer).set({ externalId: null }).where(eq(customer.externalId, named)).prepare();
  const takeOn = orm
    .update(customer)
    .set({ externalId: sql`${named}`, knownEmail: null })
    .where(eq(customer.id, id))
    .prepare();
  const point = orm
    .insert(externalId)
    .values({ externalId: named, customerId: id })
    .onConflictDoUpdate({ target: externalId.externalId, set: { customerId: sql`excluded.customer_id` } })
    .prepare();

  function lead(name: string, customerId: number): void {
    takeOff.run({ externalId: name });
    takeOn.run({ externalId: name, id: customerId });
    point.run({ externalId: name, id: customerId });
    ledger.touch(customerId); // they are searched by it
  }

  const make = (email: string | null = null) => insert.get({ email, at: now() }).id;

  return {
    make: () => make(),
    findNamed: (name) => findNamed.get({ externalId: name })?.id,
    ensureNamed(name, email) {
      const known = findNamed.get({ externalId: name })?.id;
      if (known !== undefined) return known;
      const byEmail = email === null ? undefined : findKnownBy.get({ email })?.id;
      // Once the email is claimed, its former record is only another way to its owner, and must stay that.
      const free = byEmail !== undefined && ledger.identity.ownerOfEmail(email ?? "") === byEmail;
      const customerId = free ? byEmail : make();
      lead(name, customerId);
      return customerId;
    },
    ensureKnownBy(email) {
      if (ledger.identity.ownerOfEmail(email) === undefined) make(email);
    },
    lead,
  };
}

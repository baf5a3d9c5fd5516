// Which customer does an externalId lead to, and who is created if there is none?
import { eq, sql } from "drizzle-orm";
import { customer, externalId } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import type { BroughtNames, Name } from "../ledger/name.ts";

export interface Customers {
  /** The row id of the customer with this current or former externalId. */
  findByExternalId(externalId: string): number | undefined;
  /**
   * The same; creates the customer if needed. A customer without externalId who becomes part of them by the names that are brought with it
   * takes on the externalId.
   */
  ensureByExternalId(externalId: string, brought: BroughtNames): number;
  /** Creates a customer without any name, and gives their row id. */
  create(): number;
  /**
   * Creates a customer of another workspace, known by externalIds (the current one last) or by one name alone. Gives false if there is one
   * already. A former externalId that leads to another customer stays theirs.
   */
  restore(known: { readonly externalIds: readonly string[] } | Name, createdAt: number): boolean;
  /** Makes this the customer's current externalId, and takes it from whoever had it. */
  assignExternalId(externalId: string, customerId: number): void;
}

/** All its functions must be called within a write. */
export function openCustomers({ database: { orm }, ledger, now }: Pick<Context, "database" | "ledger" | "now">): Customers {
  const [name, id] = [sql.placeholder("externalId"), sql.placeholder("id")];
  const selectByExternalId = orm.select({ id: externalId.customerId }).from(externalId).where(eq(externalId.externalId, name)).prepare();
  const insert = orm
    .insert(customer)
    .values({
      knownEmail: sql.placeholder("email"),
      knownAlias: sql.placeholder("alias"),
      createdAt: sql.placeholder("at"),
      updatedAt: sql.placeholder("at"),
    })
    .returning({ id: customer.id })
    .prepare();
  const clearCurrent = orm.update(customer).set({ externalId: null }).where(eq(customer.externalId, name)).prepare();
  const setCurrent = orm
    .update(customer)
    .set({ externalId: sql`${name}`, knownEmail: null, knownAlias: null })
    .where(eq(customer.id, id))
    .prepare();
  const upsertExternalId = orm
    .insert(externalId)
    .values({ externalId: name, customerId: id })
    .onConflictDoUpdate({ target: externalId.externalId, set: { customerId: sql`excluded.customer_id` } })
    .prepare();

  const findByExternalId = (value: string) => selectByExternalId.get({ externalId: value })?.id;

  function create(known?: Name, at = now()): number {
    return insert.get({ email: known?.kind === "email" ? known.value : null, alias: known?.kind === "alias" ? known.value : null, at }).id;
  }

  function assignExternalId(value: string, customerId: number): void {
    clearCurrent.run({ externalId: value });
    setCurrent.run({ externalId: value, id: customerId });
    upsertExternalId.run({ externalId: value, id: customerId });
    ledger.markStale(customerId); // search finds them by it
  }

  return {
    findByExternalId,
    ensureByExternalId(value, brought) {
      const found = findByExternalId(value);
      if (found !== undefined) return found;
      const customerId = ledger.identity.findJoining(brought) ?? create();
      assignExternalId(value, customerId);
      return customerId;
    },
    create: () => create(),
    restore(known, createdAt) {
      if ("kind" in known) {
        if (ledger.identity.ownerOfName(known.kind, known.value) !== undefined) return false;
        create(known, createdAt);
        return true;
      }
      const current = known.externalIds.at(-1);
      if (current === undefined || findByExternalId(current) !== undefined) return false;
      const customerId = create(undefined, createdAt);
      for (const value of known.externalIds) if (findByExternalId(value) === undefined) assignExternalId(value, customerId);
      return true;
    },
    assignExternalId,
  };
}

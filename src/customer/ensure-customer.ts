// Which customer does an externalId lead to, and who is created if there is none?
import { eq, sql } from "drizzle-orm";
import { customer, externalId } from "../../db/schema.ts";
import { type Context, oncePerContext } from "../context.ts";
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
export const openCustomers = oncePerContext((context: Pick<Context, "database" | "ledger" | "now">): Customers => {
  const { ledger, now } = context;
  const { orm, sqlite } = context.database;
  const [name, id] = [sql.placeholder("externalId"), sql.placeholder("id")];
  const selectByExternalId = sqlite
    .prepare<[externalId: string], number>(`SELECT customer_id FROM external_id WHERE external_id = ?`)
    .pluck();
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
  const insertNamed = sqlite.prepare("INSERT INTO customer (external_id, created_at, updated_at) VALUES (:externalId, :at, :at)");
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

  const findByExternalId = (value: string) => selectByExternalId.get(value);

  function create(known?: Name, at = now()): number {
    return insert.get({ email: known?.kind === "email" ? known.value : null, alias: known?.kind === "alias" ? known.value : null, at }).id;
  }

  function createWith(value: string): number {
    const customerId = Number(insertNamed.run({ externalId: value, at: now() }).lastInsertRowid);
    upsertExternalId.run({ externalId: value, id: customerId });
    ledger.markStale(customerId); // search finds them by it
    return customerId;
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
      const joining = ledger.identity.findJoining(brought);
      if (joining === undefined) return createWith(value);
      assignExternalId(value, joining);
      return joining;
    },
    create: () => create(),
    restore(known, createdAt) {
      if ("kind" in known) {
        const owner = ledger.identity.ownerOfName(known.kind, known.value);
        ledger.ways.restored(owner ?? create(known, createdAt));
        return owner === undefined;
      }
      const current = known.externalIds.at(-1);
      const found = current === undefined ? undefined : findByExternalId(current);
      if (found !== undefined) ledger.ways.restored(found);
      if (current === undefined || found !== undefined) return false;
      const customerId = create(undefined, createdAt);
      ledger.ways.restored(customerId);
      for (const value of known.externalIds) if (findByExternalId(value) === undefined) assignExternalId(value, customerId);
      return true;
    },
    assignExternalId,
  };
});

// Which customer does a name lead to, and who is made when it leads to nobody yet?
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
export function openCustomers({
  database: { sqlite },
  ledger: { identity },
  now,
}: Pick<Context, "database" | "ledger" | "now">): Customers {
  const findNamed = sqlite.prepare(`SELECT customer_id FROM external_id WHERE external_id = ?`).pluck();
  const findKnownBy = sqlite.prepare(`SELECT id FROM customer WHERE known_email = ?`).pluck();
  const insert = sqlite
    .prepare(`INSERT INTO customer (external_id, known_email, created_at, updated_at) VALUES (?, ?, ?, ?) RETURNING id`)
    .pluck();
  const takeOff = sqlite.prepare(`UPDATE customer SET external_id = NULL WHERE external_id = ?`);
  const takeOn = sqlite.prepare(`UPDATE customer SET external_id = ?, known_email = NULL WHERE id = ?`);
  const point = sqlite.prepare(`INSERT OR REPLACE INTO external_id (external_id, customer_id) VALUES (?, ?)`);

  function lead(externalId: string, customerId: number): void {
    takeOff.run(externalId);
    takeOn.run(externalId, customerId);
    point.run(externalId, customerId);
  }

  const make = () => insert.get(null, null, now(), now()) as number;

  return {
    make,
    findNamed: (externalId) => findNamed.get(externalId) as number | undefined,
    ensureNamed(externalId, email) {
      const known = findNamed.get(externalId) as number | undefined;
      if (known !== undefined) return known;
      const byEmail = email === null ? undefined : (findKnownBy.get(email) as number | undefined);
      // Once the email is claimed, its former record is only another way to its owner, and must stay that.
      const free = byEmail !== undefined && identity.ownerOfEmail(email ?? "") === byEmail;
      const id = free ? byEmail : make();
      lead(externalId, id);
      return id;
    },
    ensureKnownBy(email) {
      if (identity.ownerOfEmail(email) === undefined) insert.run(null, email, now(), now());
    },
    lead,
  };
}

// What becomes of a customer when rows are taken back that an import had added? Names that nothing tells any more go.
import { type customer, REFUND } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import { toAliases } from "../ledger/name.ts";

type Known = Pick<typeof customer.$inferSelect, "externalId" | "knownEmail" | "knownAlias" | "deletedAt">;

/** The most entries of a customer that are looked through. Who has more keeps their names. */
const MOST_LOOKED_THROUGH = 2000;

/** Opens the function that does it for one customer, within the write that took rows back. `importId`: the import that is being undone. */
export function openTakeBack({ database: { sqlite }, ledger }: Pick<Context, "database" | "ledger">) {
  const findCustomer = sqlite.prepare<[id: number], Known>(
    "SELECT external_id AS externalId, known_email AS knownEmail, known_alias AS knownAlias, deleted_at AS deletedAt FROM customer WHERE id = ?",
  );
  const externalIdsOf = sqlite
    .prepare<[id: number], string>("SELECT external_id FROM external_id WHERE customer_id = ? ORDER BY external_id")
    .pluck();
  const isNamed = sqlite.prepare<{ id: number; externalId: string }>(
    `SELECT 1 FROM profile_update WHERE customer_id = :id AND key = :externalId AND known_email IS NULL AND known_alias IS NULL
     UNION ALL SELECT 1 FROM entry WHERE external_id = :externalId AND type = ${REFUND}
     UNION ALL SELECT 1 FROM (SELECT external_id FROM entry WHERE customer_id = :id LIMIT ${MOST_LOOKED_THROUGH}) WHERE external_id = :externalId
     UNION ALL SELECT 1 FROM (SELECT 1 FROM entry WHERE customer_id = :id LIMIT 1 OFFSET ${MOST_LOOKED_THROUGH}) LIMIT 1`,
  );
  const dropExternalId = sqlite.prepare("DELETE FROM external_id WHERE external_id = ?");
  const setNames = sqlite.prepare<Omit<Known, "deletedAt"> & { id: number }>(
    "UPDATE customer SET external_id = :externalId, known_email = :knownEmail, known_alias = :knownAlias WHERE id = :id",
  );
  const isEmailTold = sqlite.prepare<[string, string, string]>(
    "SELECT 1 FROM entry WHERE email = ? UNION ALL SELECT 1 FROM profile_update WHERE email = ? OR known_email = ? LIMIT 1",
  );
  const isAliasTold = sqlite.prepare<[string, string, string]>(
    "SELECT 1 FROM entry_alias WHERE alias = ? UNION ALL SELECT 1 FROM profile_update_alias WHERE alias = ? UNION ALL SELECT 1 FROM profile_update WHERE known_alias = ? LIMIT 1",
  );
  // Whoever has neither externalId nor name any more is known by what the first of their rows brings.
  const firstNames = sqlite.prepare<{ id: number }, { email: string | null; aliases: string | null }>(
    `SELECT email, aliases FROM (SELECT id, email, aliases FROM entry WHERE customer_id = :id AND external_id IS NULL LIMIT ${MOST_LOOKED_THROUGH})
     WHERE email IS NOT NULL OR aliases IS NOT NULL ORDER BY id LIMIT 1`,
  );
  const isTaken = sqlite.prepare<{ email: string | null; alias: string | null }>(
    "SELECT 1 FROM customer WHERE known_email = :email OR known_alias = :alias LIMIT 1",
  );
  const isCreated = sqlite.prepare<[id: number]>("SELECT 1 FROM profile_update WHERE customer_id = ? AND is_creation");
  const setCreatedAt = sqlite.prepare<[at: number, id: number]>("UPDATE customer SET created_at = ? WHERE id = ?");
  const firstReceived = sqlite
    .prepare<[id: number], number | null>(
      `SELECT min(received_at) FROM (SELECT received_at FROM entry WHERE customer_id = ? LIMIT ${MOST_LOOKED_THROUGH})`,
    )
    .pluck();

  /** Whom the import had made, and entries that it did not bring name, is there since the first of these. */
  function redate(id: number, importId: number): void {
    if (isCreated.get(id) !== undefined || ledger.ways.importOf("customer", id) !== importId) return;
    const receivedAt = firstReceived.get(id);
    if (typeof receivedAt === "number") setCreatedAt.run(receivedAt, id);
  }

  return (id: number, importId: number): void => {
    const row = findCustomer.get(id);
    if (row === undefined || row.deletedAt !== null) return;
    const isRestored = ledger.ways.isElsewhere("restored", id, importId);
    const left = externalIdsOf.all(id).filter((externalId) => {
      if (isRestored || isNamed.get({ id, externalId }) !== undefined) return true;
      dropExternalId.run(externalId);
      return false;
    });
    let { externalId, knownEmail, knownAlias } = row;
    if (externalId !== null && !left.includes(externalId)) externalId = left.at(-1) ?? null;
    if (knownEmail !== null && isEmailTold.get(knownEmail, knownEmail, knownEmail) === undefined && !isRestored) knownEmail = null;
    if (knownAlias !== null && isAliasTold.get(knownAlias, knownAlias, knownAlias) === undefined && !isRestored) knownAlias = null;
    if (externalId === null && knownEmail === null && knownAlias === null) {
      const { email = null, aliases = null } = firstNames.get({ id }) ?? {};
      const alias = email === null ? (toAliases(aliases)[0] ?? null) : null;
      if (isTaken.get({ email, alias }) === undefined) [knownEmail, knownAlias] = [email, alias];
    }
    if (externalId !== row.externalId || knownEmail !== row.knownEmail || knownAlias !== row.knownAlias) {
      setNames.run({ id, externalId, knownEmail, knownAlias });
      ledger.markStale(id);
    }
    redate(id, importId);
  };
}

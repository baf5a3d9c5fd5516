// How does a call become what it would have been without an import? Its profile update makes the customer, or does not make them any more.
import type { profileUpdate } from "../../db/schema.ts";
import type { Context } from "../context.ts";

/** What a call is now. `madeAt`: since when its customer is there, in milliseconds. */
export type ChangedCall = Pick<typeof profileUpdate.$inferSelect, "id" | "isCreation" | "at" | "source" | "campaign"> & {
  readonly madeAt: number;
};

/** Opens the function that changes a call, within a write. What it claims is claimed anew by all that bring it. */
export function openChangeOfCalls({ database: { sqlite }, ledger }: Pick<Context, "database" | "ledger">): (call: ChangedCall) => void {
  const update = sqlite
    .prepare<Omit<ChangedCall, "madeAt">, number>(
      "UPDATE profile_update SET is_creation = :isCreation, at = :at, source = :source, campaign = :campaign WHERE id = :id AND call IS NOT NULL RETURNING customer_id",
    )
    .pluck();
  const setCreatedAt = sqlite.prepare<[at: number, id: number]>("UPDATE customer SET created_at = ? WHERE id = ?");

  return ({ madeAt, ...call }) => {
    const customerId = update.get(call);
    if (customerId === undefined) return;
    setCreatedAt.run(madeAt, customerId);
    ledger.identity.withdraw.claimsOfProfileUpdate(call.id);
    ledger.markStale(customerId);
  };
}

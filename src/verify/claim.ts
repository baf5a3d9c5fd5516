// Whose is an email, a clickId or a visitorId? Asked of all who claimed it, value by value (definitions §5), and compared with what is stored.
import type { Database } from "../../db/database.ts";
import type { claim, customer, entry } from "../../db/schema.ts";
import { toCustomerId, toEntryId } from "../value/id.ts";
import { compareLogOrder } from "../value/log-order.ts";
import type { Findings } from "./finding.ts";
import { PACE, type Pace } from "./pace.ts";

/** Who names a value: an entry or a profile update, or (`storedId`) the claim as it is stored. */
type ClaimRow = Pick<typeof claim.$inferSelect, "value" | "at" | "type" | "key" | "entryId"> &
  Pick<typeof entry.$inferSelect, "declaredCustomerId" | "clickId"> & { byEmail: string | null; storedId: number | null };

/** Whose things are, by the log. */
export interface Owners {
  ofEmail(email: string): number | undefined;
  ofClick(clickId: string): number | undefined;
  ofVisitor(visitorId: string): number | undefined;
}

type Kind = "email" | "click" | "visitor";

/** Before everything in log order: the clickIds of the erased, which lead to them for good (definitions §10). */
const HELD = -2;
const HELD_CLICKS = `UNION ALL SELECT click_id, ${HELD}, 0, '', NULL, customer_id, NULL, NULL, NULL FROM pinned_click`;

/** Ordered by value; each part has an index in that order, so nothing is sorted in memory. */
const claimsOf = (kind: Kind, column: string, entries: string) => `
  SELECT ${column} AS value, at, type, key, id AS entryId, declared_customer_id AS declaredCustomerId, CASE WHEN erased_customer_id IS NULL THEN email END AS byEmail, click_id AS clickId, NULL AS storedId
  FROM entry WHERE ${column} IS NOT NULL AND type <> 4 AND ${entries}
  UNION ALL
  SELECT ${column}, at, 5, key, NULL, customer_id, known_email, click_id, NULL FROM profile_update WHERE ${column} IS NOT NULL
  ${kind === "click" ? HELD_CLICKS : ""}
  UNION ALL
  SELECT value, at, type, key, entry_id, NULL, NULL, NULL, customer_id FROM claim WHERE kind = '${kind}'
  ORDER BY 1`;

/** Works out all owners; what is stored otherwise is a finding, and is not relied on afterwards. */
export async function verifyClaims({ sqlite }: Database, findings: Findings, pace: Pace): Promise<Owners> {
  const findClaim = sqlite
    .prepare<[kind: Kind, value: string], (typeof claim.$inferSelect)["customerId"]>(
      `SELECT customer_id FROM claim WHERE kind = ? AND value = ?`,
    )
    .pluck();
  const findKnown = sqlite
    .prepare<[email: string], (typeof customer.$inferSelect)["id"]>(`SELECT id FROM customer WHERE known_email = ?`)
    .pluck();
  const isErased = sqlite.prepare<[customerId: number], number>(`SELECT deleted_at IS NOT NULL FROM customer WHERE id = ?`).pluck();
  /** What the log says where the store says otherwise. */
  const corrected: Record<Kind, Map<string, number | undefined>> = { email: new Map(), click: new Map(), visitor: new Map() };

  const holderOf = (kind: Kind, value: string) => (corrected[kind].has(value) ? corrected[kind].get(value) : findClaim.get(kind, value));
  const ofEmail = (email: string) => holderOf("email", email) ?? findKnown.get(email);
  const isProfileUpdate = (claim: ClaimRow) => claim.type === 5;
  /** The customer that a claimant names, be it an entry or a profile update. */
  function namedBy(claim: ClaimRow): number | undefined {
    const byEmail = claim.byEmail === null ? undefined : ofEmail(claim.byEmail);
    return isProfileUpdate(claim) ? (byEmail ?? claim.declaredCustomerId ?? undefined) : (claim.declaredCustomerId ?? byEmail);
  }

  let done = 0;
  async function verifyKind(kind: Kind, sql: string, winner: (claims: readonly ClaimRow[]) => number | undefined): Promise<void> {
    const judge = (claims: readonly ClaimRow[]) => {
      const stored = claims.find((claim) => claim.storedId !== null);
      const told = claims.filter((claim) => claim.storedId === null);
      const computed = winner(told);
      const by = (stored ?? told[0])?.entryId;
      const name = (id: number | null | undefined) => (id == null ? undefined : toCustomerId(id));
      const what = () =>
        `claim of ${kind === "email" ? "an email" : `a ${kind}Id`} by ${by == null ? "a profile update" : toEntryId(by)}: customer_id`;
      if (!findings.compare(what, name(stored?.storedId), name(computed))) corrected[kind].set(claims[0]?.value ?? "", computed);
    };
    let group: ClaimRow[] = [];
    for (const claim of sqlite.prepare<[], ClaimRow>(sql).iterate()) {
      if (group.length > 0 && group[0]?.value !== claim.value) {
        judge(group);
        group = [];
      }
      group.push(claim);
      if (++done % PACE === 0) await pace(done);
    }
    if (group.length > 0) judge(group);
  }

  /** The customer of the first in log order that has one. */
  function first(claims: readonly ClaimRow[], customerOf: (claim: ClaimRow) => number | undefined): number | undefined {
    for (const claim of claims.length > 1 ? claims.toSorted(compareLogOrder) : claims) {
      const customer = customerOf(claim);
      if (customer !== undefined) return customer;
    }
    return undefined;
  }

  await verifyKind("email", claimsOf("email", "email", "declared_customer_id IS NOT NULL AND erased_customer_id IS NULL"), (claims) =>
    first(claims, (claim) => claim.declaredCustomerId ?? undefined),
  );
  await verifyKind("click", claimsOf("click", "click_id", "true"), (claims) => {
    const held = claims.find((claim) => claim.at === HELD);
    if (held) return held.declaredCustomerId ?? undefined;
    // A click that names its customer itself is that customer's.
    const own = claims.find((claim) => claim.type === 0);
    return (own && namedBy(own)) ?? first(claims, namedBy);
  });
  await verifyKind("visitor", claimsOf("visitor", "visitor_id", "erased_customer_id IS NULL"), (claims) =>
    first(claims, (claim) => {
      const customer = namedBy(claim) ?? (claim.clickId === null ? undefined : holderOf("click", claim.clickId));
      return customer !== undefined && isErased.get(customer) === 1 ? undefined : customer;
    }),
  );

  return { ofEmail, ofClick: (clickId) => holderOf("click", clickId), ofVisitor: (visitorId) => holderOf("visitor", visitorId) };
}

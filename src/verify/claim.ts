// Which customer owns an email, a clickId or a visitorId? Resolved from all
// claims, value by value (definitions §5), and compared with the table `claim`.
import type { Database } from "../../db/database.ts";
import { CLICK, type claim, type customer, type entry, PROFILE_UPDATE } from "../../db/schema.ts";
import { toCustomerId, toEntryId } from "../value/id.ts";
import { compareLogOrder } from "../value/log-order.ts";
import type { Findings } from "./finding.ts";
import { PACE, type Pace } from "./pace.ts";

/**
 * A claim of a value by an entry or a profile update, or the stored claim, which is the only one with a `storedId`.
 * `declaredCustomerId` is the customer that an entry names, or the customer of a profile update. `byEmail` is the email that can lead to
 * the owner: for an entry it comes after `declaredCustomerId`, for a profile update before it.
 */
type ClaimRow = Pick<typeof claim.$inferSelect, "value" | "at" | "type" | "key" | "entryId"> &
  Pick<typeof entry.$inferSelect, "declaredCustomerId" | "clickId"> & { byEmail: string | null; storedId: number | null };

/** The owners by the log, as row numbers of `customer`. Undefined: nobody owns the value. */
export interface Owners {
  ofEmail(email: string): number | undefined;
  ofClick(clickId: string): number | undefined;
  ofVisitor(visitorId: string): number | undefined;
}

type Kind = "email" | "click" | "visitor";

/**
 * The instant of a pinned click, before everything in log order: the clickId of an erased customer leads to them forever (definitions §10).
 */
const PINNED_AT = -2;
const PINNED_CLICKS = `UNION ALL SELECT click_id, ${PINNED_AT}, 0, '', NULL, customer_id, NULL, NULL, NULL FROM pinned_click`;

/** The SQL of all claims of a kind, ordered by value. Each part has an index in that order, so nothing is sorted in memory. */
const claimsOf = (kind: Kind, column: string, entries: string) => `
  SELECT ${column} AS value, at, type, key, id AS entryId, declared_customer_id AS declaredCustomerId, CASE WHEN erased_customer_id IS NULL THEN email END AS byEmail, click_id AS clickId, NULL AS storedId
  FROM entry WHERE ${column} IS NOT NULL AND type <> 4 AND ${entries}
  UNION ALL
  SELECT ${column}, at, 5, key, NULL, customer_id, known_email, click_id, NULL FROM profile_update WHERE ${column} IS NOT NULL
  ${kind === "click" ? PINNED_CLICKS : ""}
  UNION ALL
  SELECT value, at, type, key, entry_id, NULL, NULL, NULL, customer_id FROM claim WHERE kind = '${kind}'
  ORDER BY 1`;

/** Resolves all owners. A stored claim that differs is a finding, and the returned owners follow the log instead. */
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
  /** The owners by the log of the values whose stored claim is wrong. */
  const corrected: Record<Kind, Map<string, number | undefined>> = { email: new Map(), click: new Map(), visitor: new Map() };

  const ownerOf = (kind: Kind, value: string) => (corrected[kind].has(value) ? corrected[kind].get(value) : findClaim.get(kind, value));
  const ofEmail = (email: string) => ownerOf("email", email) ?? findKnown.get(email);
  const isProfileUpdate = (claim: ClaimRow) => claim.type === PROFILE_UPDATE;
  /** The customer that a claimant names, whether it is an entry or a profile update. */
  function declaredBy(claim: ClaimRow): number | undefined {
    const byEmail = claim.byEmail === null ? undefined : ofEmail(claim.byEmail);
    return isProfileUpdate(claim) ? (byEmail ?? claim.declaredCustomerId ?? undefined) : (claim.declaredCustomerId ?? byEmail);
  }

  let done = 0;
  async function verifyKind(kind: Kind, sql: string, winner: (claims: readonly ClaimRow[]) => number | undefined): Promise<void> {
    const compareClaim = (claims: readonly ClaimRow[]) => {
      const stored = claims.find((claim) => claim.storedId !== null);
      const claimants = claims.filter((claim) => claim.storedId === null);
      const computed = winner(claimants);
      const by = (stored ?? claimants[0])?.entryId;
      const idOf = (id: number | null | undefined) => (id == null ? undefined : toCustomerId(id));
      const what = () =>
        `claim of ${kind === "email" ? "an email" : `a ${kind}Id`} by ${by == null ? "a profile update" : toEntryId(by)}: customer_id`;
      if (!findings.compare(what, idOf(stored?.storedId), idOf(computed))) corrected[kind].set(claims[0]?.value ?? "", computed);
    };
    let group: ClaimRow[] = [];
    for (const claim of sqlite.prepare<[], ClaimRow>(sql).iterate()) {
      if (group.length > 0 && group[0]?.value !== claim.value) {
        compareClaim(group);
        group = [];
      }
      group.push(claim);
      if (++done % PACE === 0) await pace(done);
    }
    if (group.length > 0) compareClaim(group);
  }

  /** The customer of the first claim in log order that has one. */
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
    const pinned = claims.find((claim) => claim.at === PINNED_AT);
    if (pinned) return pinned.declaredCustomerId ?? undefined;
    // A click that names its customer belongs to that customer, whoever else claimed it earlier.
    const click = claims.find((claim) => claim.type === CLICK);
    return (click && declaredBy(click)) ?? first(claims, declaredBy);
  });
  // Entries of pages (bit 64) claim no visitor.
  await verifyKind("visitor", claimsOf("visitor", "visitor_id", "erased_customer_id IS NULL AND defaulted & 64 = 0"), (claims) =>
    first(claims, (claim) => {
      const customer = declaredBy(claim) ?? (claim.clickId === null ? undefined : ownerOf("click", claim.clickId));
      return customer !== undefined && isErased.get(customer) === 1 ? undefined : customer;
    }),
  );

  return { ofEmail, ofClick: (clickId) => ownerOf("click", clickId), ofVisitor: (visitorId) => ownerOf("visitor", visitorId) };
}

// Which customer owns an email, an alias, a clickId or a visitorId? Resolved from
// all claims, value by value (definitions §5), and compared with the table `claim`.
import type { Database } from "../../db/database.ts";
import { type CLAIM_KINDS, CLICK, type claim, type entry } from "../../db/schema.ts";
import { toCustomerId, toEntryId } from "../value/id.ts";
import { compareLogOrder } from "../value/log-order.ts";
import type { Findings } from "./finding.ts";
import { NAMED_ENTRY, NAMED_UPDATE, type Named, openNames } from "./name.ts";
import { PACE, type Pace } from "./pace.ts";

/**
 * A claim of a value by an entry or a profile update, or the stored claim, which is the only one with a `storedId`. `customerId` is the customer
 * of a profile update that brings no name.
 */
type ClaimRow = Named &
  Pick<typeof claim.$inferSelect, "value"> &
  Pick<typeof entry.$inferSelect, "clickId" | "customerId"> & { storedId: number | null };

/** The owners by the log, as row numbers of `customer`. Undefined: nobody owns the value. */
export interface Owners {
  /** The customer that an entry or profile update names by itself. */
  ofNamed(named: Named): number | undefined;
  ofClick(clickId: string): number | undefined;
  ofVisitor(visitorId: string): number | undefined;
}

type Kind = (typeof CLAIM_KINDS)[number];

/**
 * The instant of a pinned click, before everything in log order: the clickId of an erased customer leads to them forever (definitions §10).
 */
const PINNED_AT = -2;
const NO_NAMES = "NULL AS email, NULL AS aliases, NULL AS knownEmail, NULL AS knownAlias";
const PINNED_CLICKS = `UNION ALL SELECT click_id, NULL, NULL, ${PINNED_AT}, 0, '', customer_id, ${NO_NAMES}, NULL, NULL, NULL FROM pinned_click`;

const FROM_COLUMN = (column: string, condition: string) => `
  SELECT ${column} AS value, ${NAMED_ENTRY}, click_id AS clickId, NULL AS customerId, NULL AS storedId FROM entry WHERE ${column} IS NOT NULL AND type <> 4 AND ${condition}
  UNION ALL
  SELECT ${column}, ${NAMED_UPDATE}, click_id, customer_id, NULL FROM profile_update WHERE ${column} IS NOT NULL`;
/** The claims of each kind. Each part has an index in the order of the values, so nothing is sorted in memory. */
const CLAIMS: Readonly<Record<Kind, string>> = {
  email: `${FROM_COLUMN("email", "(declared_customer_id IS NOT NULL OR aliases IS NOT NULL) AND erased_customer_id IS NULL")}
    UNION ALL
    SELECT known_email, ${NAMED_UPDATE}, click_id, customer_id, NULL FROM profile_update WHERE known_email IS NOT NULL`,
  alias: `
    SELECT alias AS value, ${NAMED_ENTRY}, click_id AS clickId, NULL AS customerId, NULL AS storedId
    FROM entry_alias CROSS JOIN entry ON entry.id = entry_id WHERE type <> 4 AND erased_customer_id IS NULL
    UNION ALL
    SELECT alias, ${NAMED_UPDATE}, click_id, customer_id, NULL FROM profile_update_alias CROSS JOIN profile_update ON profile_update.id = profile_update_id
    UNION ALL
    SELECT known_alias, ${NAMED_UPDATE}, click_id, customer_id, NULL FROM profile_update WHERE known_alias IS NOT NULL`,
  click: `${FROM_COLUMN("click_id", "true")} ${PINNED_CLICKS}`,
  // Entries of pages (bit 64) claim no visitor.
  visitor: FROM_COLUMN("visitor_id", "erased_customer_id IS NULL AND defaulted & 64 = 0"),
};

/** The SQL of all claims of a kind, with the stored ones, ordered by value. */
const claimsOf = (kind: Kind) => `${CLAIMS[kind]}
  UNION ALL
  SELECT value, entry_id, profile_update_id, at, type, key, NULL, ${NO_NAMES}, NULL, NULL, customer_id FROM claim WHERE kind = '${kind}'
  ORDER BY 1`;

/** Resolves all owners. A stored claim that differs is a finding, and the returned owners follow the log instead. */
export async function verifyClaims(database: Database, findings: Findings, pace: Pace): Promise<Owners> {
  const { sqlite } = database;
  const findClaim = sqlite
    .prepare<[kind: Kind, value: string], (typeof claim.$inferSelect)["customerId"]>(
      `SELECT customer_id FROM claim WHERE kind = ? AND value = ?`,
    )
    .pluck();
  const isErased = sqlite.prepare<[customerId: number], number>(`SELECT deleted_at IS NOT NULL FROM customer WHERE id = ?`).pluck();
  /** The owners by the log of the values whose stored claim is wrong. */
  const corrected: Record<Kind, Map<string, number | undefined>> = {
    email: new Map(),
    alias: new Map(),
    click: new Map(),
    visitor: new Map(),
  };
  const names = openNames(database);

  const ownerOf = (kind: Kind, value: string) => (corrected[kind].has(value) ? corrected[kind].get(value) : findClaim.get(kind, value));
  /** The customer that a claimant names, whether it is an entry or a profile update. */
  const declaredBy = (claim: ClaimRow): number | undefined => names.customerOf(claim) ?? claim.customerId ?? undefined;

  let done = 0;
  async function verifyKind(kind: Kind, winner: (claims: readonly ClaimRow[]) => number | undefined): Promise<void> {
    const compareClaim = (claims: readonly ClaimRow[]) => {
      const stored = claims.find((claim) => claim.storedId !== null);
      const claimants = claims.filter((claim) => claim.storedId === null);
      const computed = winner(claimants);
      const by = (stored ?? claimants[0])?.entryId;
      const idOf = (id: number | null | undefined) => (id == null ? undefined : toCustomerId(id));
      const what = () =>
        `claim of ${kind === "email" || kind === "alias" ? `an ${kind}` : `a ${kind}Id`} by ${by == null ? "a profile update" : toEntryId(by)}: customer_id`;
      if (!findings.compare(what, idOf(stored?.storedId), idOf(computed))) corrected[kind].set(claims[0]?.value ?? "", computed);
    };
    let group: ClaimRow[] = [];
    for (const claim of sqlite.prepare<[], ClaimRow>(claimsOf(kind)).iterate()) {
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

  for (const kind of ["alias", "email"] as const)
    await verifyKind(kind, (claims) => {
      const [any] = claims;
      // Most names come with an externalId, and need not be looked up.
      return first(claims, (claim) => claim.declaredCustomerId ?? undefined) ?? (any && names.ownerOfClaimed(kind, any.value));
    });
  await verifyKind("click", (claims) => {
    const pinned = claims.find((claim) => claim.at === PINNED_AT);
    if (pinned) return pinned.declaredCustomerId ?? undefined;
    // A click that names its customer belongs to that customer, whoever else claimed it earlier.
    const click = claims.find((claim) => claim.type === CLICK);
    return (click && declaredBy(click)) ?? first(claims, declaredBy);
  });
  await verifyKind("visitor", (claims) =>
    first(claims, (claim) => {
      const customer = declaredBy(claim) ?? (claim.clickId === null ? undefined : ownerOf("click", claim.clickId));
      return customer !== undefined && isErased.get(customer) === 1 ? undefined : customer;
    }),
  );

  return {
    ofNamed: names.customerOf,
    ofClick: (clickId) => ownerOf("click", clickId),
    ofVisitor: (visitorId) => ownerOf("visitor", visitorId),
  };
}

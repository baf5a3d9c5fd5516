// Which lines does `export workspace` write, so that `import` creates a workspace with the same reports? Customers, their profile updates,
// exchange rates, entries, and statuses that were set later.
import { type customer, DEFAULTED, type profileUpdate, REFUND, type rate } from "../../../db/schema.ts";
import type { Context } from "../../context.ts";
import type { TableRow } from "../../value/csv.ts";
import { toIso } from "../../value/instant.ts";
import { entryRowPages, hasOwnKey, toSent, withoutNulls } from "./entries.ts";
import { statusPages } from "./statuses.ts";

const PAGE = 1000;

/** What no line contains. The figures of erased customers stay in the reports of this workspace only. */
export const LEFT_OUT =
  "API keys, settings, the secret (so entries that were sent without a key are not recognized when they are sent again), Idempotency-Keys, times of receipt, the feed of changes, what is remembered of webhooks, and which import brought what (so these imports cannot be undone there)";

/** `former` is a JSON array of the former externalIds that still lead to the customer. */
type CustomerRow = Pick<typeof customer.$inferSelect, "id" | "externalId" | "knownEmail" | "knownAlias" | "createdAt"> & { former: string };
/** `customer` is the customer's current externalId. */
type UpdateRow = Omit<typeof profileUpdate.$inferSelect, "customerId"> & { customer: string | null };

function toCustomerLine({ externalId, knownEmail, knownAlias, createdAt, former }: CustomerRow): TableRow {
  const known = knownEmail === null ? { alias: knownAlias } : { email: knownEmail };
  const named = externalId === null ? known : { externalIds: [...(JSON.parse(former) as string[]), externalId] };
  return { type: "customer", ...named, createdAt: toIso(createdAt) };
}

function toUpdateLine(row: UpdateRow): TableRow {
  const { id: _, customer, knownEmail, knownAlias, isCreation, isSaid, at, calledAt, key, profile, aliases, ...told } = row;
  // A name that its customer was known by is its key too.
  const isDeclared = key !== "" && knownEmail === null && knownAlias === null;
  return withoutNulls({
    type: "profile_update",
    customer: isDeclared ? customer : null,
    customerEmail: knownEmail,
    customerAlias: knownAlias,
    ...(isSaid === 1 && { said: true }),
    ...(isCreation === 1 && { created: true }),
    at: toIso(at),
    calledAt: toIso(calledAt),
    externalId: isDeclared ? key : null,
    aliases: aliases === null ? null : JSON.parse(aliases),
    ...told,
    profile: JSON.parse(profile),
  });
}

/** The number of entries of erased customers, which are left out. */
export function countErasedEntries({ database }: Context): number {
  return Number(
    database.sqlite
      .prepare(
        `SELECT count(*) FROM entry LEFT JOIN customer ON customer.id = entry.customer_id WHERE entry.erased_customer_id IS NOT NULL OR customer.deleted_at IS NOT NULL`,
      )
      .pluck()
      .get(),
  );
}

/** All lines, page by page, in the order that `import` needs. What is recorded after the start may be left out. */
export function* workspacePages(context: Context): Generator<TableRow[]> {
  const { sqlite } = context.database;
  const lastEntry = Number(sqlite.prepare("SELECT coalesce(max(id), 0) FROM entry").pluck().get());
  yield [{ type: "workspace", currency: context.config.currency }];

  const customers = sqlite.prepare<[after: number], CustomerRow>(
    `SELECT id, external_id AS externalId, known_email AS knownEmail, known_alias AS knownAlias, created_at AS createdAt,
       (SELECT json_group_array(external_id) FROM external_id AS e WHERE e.customer_id = c.id AND e.external_id IS NOT c.external_id) AS former
     FROM customer AS c WHERE id > ? AND deleted_at IS NULL AND (external_id IS NOT NULL OR known_email IS NOT NULL OR known_alias IS NOT NULL) ORDER BY id LIMIT ${PAGE}`,
  );
  yield* pages((after) => customers.all(after), toCustomerLine);

  const updates = sqlite.prepare<[after: number], UpdateRow>(
    `SELECT t.id, c.external_id AS customer, t.known_email AS knownEmail, t.known_alias AS knownAlias, is_said AS isSaid, is_creation AS isCreation, at, called_at AS calledAt, key, t.email, t.aliases,
       t.click_id AS clickId, visitor_id AS visitorId, t.source, t.campaign, profile
     FROM profile_update AS t JOIN customer AS c ON c.id = t.customer_id
     WHERE t.id > ? AND c.deleted_at IS NULL AND (c.external_id IS NOT NULL OR t.known_email IS NOT NULL OR t.known_alias IS NOT NULL OR t.is_said AND t.key = '') ORDER BY t.id LIMIT ${PAGE}`,
  );
  yield* pages((after) => updates.all(after), toUpdateLine);

  const rates = sqlite.prepare<[], typeof rate.$inferSelect>("SELECT currency, day, rate FROM rate ORDER BY currency, day").all();
  yield rates.map(({ currency, day, rate }) => ({
    type: "rate",
    currency,
    date: toIso(day * 86_400_000).slice(0, 10),
    rate,
  }));

  const declared = sqlite
    .prepare<{ declared: number; externalId: string | null }, string | null>(
      `SELECT c.external_id FROM customer AS c WHERE c.id = :declared AND NOT EXISTS (SELECT 1 FROM external_id AS e WHERE e.external_id = :externalId AND e.customer_id = c.id)`,
    )
    .pluck();
  const isErased = sqlite.prepare<[id: number], 0 | 1>("SELECT deleted_at IS NOT NULL FROM customer WHERE id = ?").pluck();
  for (const rows of entryRowPages(context, lastEntry))
    yield rows
      .filter((row) => row.erasedCustomerId === null && (row.customerId === null || isErased.get(row.customerId) === 0))
      .map((row) => {
        const { declaredCustomerId, externalId } = row;
        // Another customer may have the externalId by now. Then the line names the customer whom it meant.
        const customer = declaredCustomerId === null ? undefined : declared.get({ declared: declaredCustomerId, externalId });
        return withoutNulls({
          ...toSent(row),
          accepted: row.type === REFUND || null,
          key: hasOwnKey(row) ? null : row.key,
          customer: customer ?? null,
          fromPage: (row.defaulted & DEFAULTED.fromPage) !== 0 || null,
        });
      });

  yield* statusPages(context);
}

function* pages<Row extends { id: number }>(read: (after: number) => Row[], toLine: (row: Row) => TableRow): Generator<TableRow[]> {
  for (let after = 0; ; ) {
    const rows = read(after);
    const last = rows.at(-1);
    if (!last) return;
    yield rows.map(toLine);
    after = last.id;
  }
}

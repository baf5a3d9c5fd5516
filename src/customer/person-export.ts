// GET /customers/:id/export: everything that is stored about a person, for an access request.
import { Type } from "@sinclair/typebox";
import type { claim, entry, externalId, profileUpdate } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import { type EntryRow, JourneyEntry, toJourneyEntry } from "../entry/answer.ts";
import { type Endpoint, endpoint, ok } from "../http/endpoint.ts";
import { Instant, Nullable, success } from "../http/wire.ts";
import { toAliases } from "../ledger/name.ts";
import { notFound } from "../value/error.ts";
import { toCustomerId } from "../value/id.ts";
import { toIso } from "../value/instant.ts";
import { compareCodePoints } from "../value/log-order.ts";
import { findCustomer, requireCustomer } from "./find-customer.ts";
import personEntriesSql from "./person-entries.sql" with { type: "text" };
import { Customer, openToCustomer } from "./to-customer.ts";

/** How many entries are read at a time. Other requests are answered between two pages. */
const PAGE = 500;

const text = (description: string) => Nullable(Type.String({ description }));
const list = (description: string) => Type.Array(Type.String(), { description });

const StoredEntry = Type.Object({
  ...JourneyEntry.properties,
  receivedAt: Type.Unsafe<string>({ ...Instant, description: "When it was received." }),
  externalId: text("As sent with it."),
  email: text("As sent with it."),
  aliases: list("As sent with it."),
  name: text("As sent with it."),
  avatar: text("As sent with it."),
  country: text("As sent with it."),
  visitorId: text("As sent with it."),
});
const ProfileUpdate = Type.Object({
  calledAt: Type.Unsafe<string>({ ...Instant, description: "When POST or PATCH /customers was called." }),
  at: Type.Unsafe<string>({ ...Instant, description: "From when it takes effect; for a creation, its createdAt." }),
  created: Type.Boolean({ description: "Whether this call created the customer." }),
  externalId: text("Theirs at the time."),
  email: text("As told, or the one that they were known by."),
  aliases: list("As told, after the one that they were known by, if any."),
  clickId: text("As told."),
  visitorId: text("As told."),
  source: text("As told."),
  campaign: text("As told."),
  profile: Type.Record(Type.String(), Type.Unknown(), {
    description: "Name, avatar, country, email and metadata as sent; null clears a field.",
  }),
});
const PersonExport = Type.Object({
  exportedAt: Instant,
  customer: Customer,
  externalIds: list("Every externalId that leads to them, current and former."),
  emails: list("Every email that is theirs."),
  aliases: list("Every alias that is theirs."),
  visitorIds: list("Every visitorId that is theirs."),
  clickIds: list("Every clickId that is theirs."),
  told: Type.Array(ProfileUpdate, { description: "The calls of POST and PATCH /customers about this person, in order." }),
  entries: Type.Array(StoredEntry, { description: "The person's entries, and other entries that name them, in the order of arrival." }),
});

type StoredEntryRow = EntryRow &
  Pick<typeof entry.$inferSelect, "receivedAt" | "externalId" | "email" | "aliases" | "name" | "avatar" | "country" | "visitorId">;
type Claim = typeof claim.$inferSelect;
type ProfileUpdateRow = Omit<typeof profileUpdate.$inferSelect, "id" | "customerId" | "isSaid">;

function toStoredEntry(row: StoredEntryRow) {
  const { receivedAt, externalId, email, name, avatar, country, visitorId } = row;
  const aliases = toAliases(row.aliases);
  return { ...toJourneyEntry(row), receivedAt: toIso(receivedAt), externalId, email, aliases, name, avatar, country, visitorId };
}

function toProfileUpdate({
  calledAt,
  at,
  isCreation,
  key,
  knownEmail,
  knownAlias,
  email,
  aliases,
  clickId,
  visitorId,
  source,
  campaign,
  profile,
}: ProfileUpdateRow) {
  const isNameless = key === "" || knownEmail !== null || knownAlias !== null;
  const told = [...(knownAlias === null ? [] : [knownAlias]), ...toAliases(aliases)];
  const names = { externalId: isNameless ? null : key, email: email ?? knownEmail, aliases: told, clickId, visitorId };
  return { calledAt: toIso(calledAt), at: toIso(at), created: isCreation === 1, ...names, source, campaign, profile: JSON.parse(profile) };
}

export function personExportEndpoints(context: Context): Endpoint[] {
  const { sqlite } = context.database;
  const toCustomer = openToCustomer(context);
  const findEntries = sqlite.prepare<{ customerId: number; after: number; limit: number }, StoredEntryRow>(personEntriesSql);
  const findExternalIds = sqlite
    .prepare<[customerId: number], (typeof externalId.$inferSelect)["externalId"]>(
      "SELECT external_id FROM external_id WHERE customer_id = ? ORDER BY external_id",
    )
    .pluck();
  const findClaims = sqlite
    .prepare<[customerId: number, kind: Claim["kind"]], Claim["value"]>(
      "SELECT value FROM claim WHERE customer_id = ? AND kind = ? ORDER BY value",
    )
    .pluck();
  const findProfileUpdates = sqlite.prepare<[customerId: number], ProfileUpdateRow>(
    `SELECT called_at AS calledAt, at, is_creation AS isCreation, key, known_email AS knownEmail, known_alias AS knownAlias, email, aliases, click_id AS clickId, visitor_id AS visitorId, source, campaign, profile
     FROM profile_update WHERE customer_id = ? ORDER BY id`,
  );

  /** Page by page, so that no export holds up other requests or an erasure. */
  async function readEntries(customerId: number) {
    const entries: ReturnType<typeof toStoredEntry>[] = [];
    for (let after = 0; ; ) {
      const rows = findEntries.all({ customerId, after, limit: PAGE });
      entries.push(...rows.map(toStoredEntry));
      const last = rows.at(-1);
      if (rows.length < PAGE || !last) return entries;
      after = last.id;
      await new Promise((resume) => setTimeout(resume, 0));
    }
  }

  return [
    endpoint({
      method: "GET",
      path: "/customers/:id/export",
      admission: "links:read",
      revenue: true,
      tag: "Customers",
      summary: "Export everything stored about a person",
      description:
        "For access requests. Contains the record, every identifier that leads to it, every profile update, and every entry as stored.",
      answers: { 200: success(PersonExport) },
      errors: ["NOT_FOUND", "ANALYTICS_ERROR"],
      async handle({ params }) {
        const { id } = requireCustomer(context, params.id ?? "");
        const entries = await readEntries(id);
        const row = findCustomer(context, id);
        if (!row || row.id !== id) throw notFound("customer"); // erased meanwhile
        const claimed = (kind: Claim["kind"]) => findClaims.all(id, kind);
        const named = (kind: "email" | "alias", known: string | null) =>
          known === null ? claimed(kind) : [...new Set([...claimed(kind), known])].sort(compareCodePoints);
        const data = {
          exportedAt: toIso(context.now()),
          customer: toCustomer(row),
          externalIds: findExternalIds.all(id),
          emails: named("email", row.knownEmail),
          aliases: named("alias", row.knownAlias),
          visitorIds: claimed("visitor"),
          clickIds: claimed("click"),
          told: findProfileUpdates.all(id).map(toProfileUpdate),
          entries,
        };
        return ok(data, {}, { "Content-Disposition": `attachment; filename="${toCustomerId(id)}.json"` });
      },
    }),
  ];
}

// How is everything about a person sent? In pages, each read on its own, so that no transaction is long and little is held in memory.
import type { claim, externalId } from "../../db/schema.ts";
import type { Context } from "../context.ts";
import { nextTurn } from "../host/turn.ts";
import { ApiError } from "../value/error.ts";
import { type ProfileUpdateRow, type StoredEntryRow, toProfileUpdate, toStoredEntry } from "./person-answer.ts";
import personEntriesSql from "./person-entries.sql" with { type: "text" };
import { openPersonEntryIds } from "./person-entry-ids.ts";

/** How many names, calls or entries are read at a time. An entry takes up to some 25 KB. Other requests are answered between two pages. */
const PAGE = 100;

type Claim = typeof claim.$inferSelect;
interface NamePage {
  customerId: number;
  after: string;
  limit: number;
}

/** The members of a list, page by page: `read` gives those after one of them, or the first ones. */
function* pages<Item>(read: (after: Item | undefined) => Item[]): Generator<Item[]> {
  for (let after: Item | undefined; ; ) {
    const items = read(after);
    yield items;
    after = items.at(-1);
    if (items.length < PAGE) return;
  }
}

/** Gives the function that streams a person as JSON, `{"success":true,"data":…}`. The stream fails if they are erased meanwhile. */
export function openPersonStream({ database: { sqlite } }: Pick<Context, "database">) {
  const isHeld = sqlite.prepare<[id: number], number>("SELECT 1 FROM customer WHERE id = ? AND deleted_at IS NULL").pluck();
  const entryIds = openPersonEntryIds(sqlite);
  const findEntries = sqlite.prepare<{ ids: string }, StoredEntryRow>(personEntriesSql);
  const findExternalIds = sqlite
    .prepare<NamePage, (typeof externalId.$inferSelect)["externalId"]>(
      "SELECT external_id FROM external_id WHERE customer_id = :customerId AND external_id > :after ORDER BY external_id LIMIT :limit",
    )
    .pluck();
  const openNames = (kind: Claim["kind"], known = "NULL") =>
    sqlite
      .prepare<NamePage, Claim["value"]>(
        `SELECT value FROM claim WHERE customer_id = :customerId AND kind = '${kind}' AND value > :after
         UNION SELECT ${known} FROM customer WHERE id = :customerId AND ${known} > :after ORDER BY value LIMIT :limit`,
      )
      .pluck();
  const [findEmails, findAliases] = [openNames("email", "known_email"), openNames("alias", "known_alias")];
  const nameLists = [
    ["externalIds", findExternalIds],
    ["emails", findEmails],
    ["aliases", findAliases],
    ["visitorIds", openNames("visitor")],
    ["clickIds", openNames("click")],
  ] as const;
  const entriesName = [
    ["externalId", findExternalIds],
    ["email", findEmails],
    ["alias", findAliases],
  ] as const;
  const findProfileUpdates = sqlite.prepare<{ customerId: number; after: number; limit: number }, ProfileUpdateRow>(
    `SELECT id, called_at AS calledAt, at, is_creation AS isCreation, key, known_email AS knownEmail, known_alias AS knownAlias, email, aliases, click_id AS clickId, visitor_id AS visitorId, source, campaign, profile
     FROM profile_update WHERE customer_id = :customerId AND id > :after ORDER BY id LIMIT :limit`,
  );

  const valuesOf = (find: typeof findExternalIds, customerId: number) =>
    pages<string>((after = "") => find.all({ customerId, after, limit: PAGE }));

  /** Their entries, in pages. An empty page only gives others their turn. */
  function* entryPages(customerId: number): Generator<StoredEntryRow[]> {
    const names = entriesName.values().flatMap(([kind, find]) => valuesOf(find, customerId).map((values) => [kind, values] as const));
    let ids: number[] = [];
    for (const id of entryIds.find(customerId, names)) {
      if (id === undefined) yield [];
      else ids.push(id);
      if (ids.length < PAGE) continue;
      yield findEntries.all({ ids: JSON.stringify(ids) });
      ids = [];
    }
    yield findEntries.all({ ids: JSON.stringify(ids) });
  }

  /** The lists of a person, in order, each in pages. */
  function* lists(customerId: number): Generator<[name: string, pages: Iterable<unknown[]>]> {
    for (const [name, find] of nameLists) yield [name, valuesOf(find, customerId)];
    const updates = pages<ProfileUpdateRow>((after) => findProfileUpdates.all({ customerId, after: after?.id ?? 0, limit: PAGE }));
    yield ["told", updates.map((rows) => rows.map(toProfileUpdate))];
    yield ["entries", entryPages(customerId).map((rows) => rows.map(toStoredEntry))];
  }

  /** The parts of the JSON text. An empty one only gives others their turn. */
  function* parts(customerId: number, head: object): Generator<string> {
    yield `{"success":true,"data":${JSON.stringify(head).slice(0, -1)}`;
    for (const [name, found] of lists(customerId)) {
      let before = `,"${name}":[`;
      for (const items of found) {
        yield items.length === 0 ? "" : before + items.map((item) => JSON.stringify(item)).join(",");
        if (items.length > 0) before = ",";
      }
      yield before === "," ? "]" : `${before}]`;
    }
    yield "}}";
  }

  return (customerId: number, head: object): ReadableStream<Uint8Array> => {
    const encoder = new TextEncoder();
    const texts = parts(customerId, head);
    return new ReadableStream({
      async pull(controller) {
        for (let part = ""; part === ""; ) {
          await nextTurn();
          const { value, done } = texts.next();
          if (isHeld.get(customerId) === undefined) throw new ApiError("NOT_FOUND", "The customer was erased while they were exported.");
          if (done) return controller.close();
          part = value;
          if (part !== "") controller.enqueue(encoder.encode(part));
        }
      },
    });
  };
}

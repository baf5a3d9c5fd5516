// GET /changes and GET /changes/rows: what has changed, in the order of commits. The first is for anybody with the scope, the second for a
// second database. Changes are written by triggers (db/migrations/0017_changes.sql) and read in db/change.ts; told.ts and stored-row.ts read the rows.
import { type Static, Type } from "@sinclair/typebox";
import { type Change, openChanges } from "../../db/change.ts";
import { CHANGE_TYPES } from "../../db/feed-schema.ts";
import { readLineage } from "../../db/lineage.ts";
import { openUnfinishedWork } from "../../db/standby.ts";
import type { Context } from "../context.ts";
import { type Endpoint, endpoint, ok } from "../http/endpoint.ts";
import { Instant, Nullable, OneOf, success, Whole } from "../http/wire.ts";
import { ApiError } from "../value/error.ts";
import { toIso } from "../value/instant.ts";
import type { Followers } from "./followers.ts";
import type { News } from "./news.ts";
import { openStoredRows } from "./stored-row.ts";
import { openTelling, Told } from "./told.ts";

/** The longest time that a request waits for news, in seconds. */
const MOST_WAIT_S = 30;
const MOST = 1000;
const DEFAULT_LIMIT = 100;

const After = Whole(0, Number.MAX_SAFE_INTEGER, {
  description: "Give the changes after this `seq`: the `next` of the answer before. Without it, begin with the oldest that is kept.",
});
const Paging = {
  after: Type.Optional(After),
  limit: Type.Optional(Whole(1, MOST, { default: DEFAULT_LIMIT, description: "How many changes are looked at." })),
  wait: Type.Optional(
    Whole(0, MOST_WAIT_S, { default: 0, description: "How many seconds the answer waits for a change, if there is none yet." }),
  ),
};
const Next = Type.Integer({ minimum: 0, description: "The `after` of the next request." });

interface Paged {
  after?: number | undefined;
  limit?: number | undefined;
  wait?: number | undefined;
}

const RowsPage = Type.Object({
  history: Type.String({ description: "Which history of the workspace this is." }),
  at: { ...Instant, description: "When this was read, by the clock of the server's machine." },
  newest: Type.Integer({ minimum: 0, description: "The newest change there is." }),
  changes: Type.Array(
    Type.Object({
      seq: Type.Integer({ minimum: 1 }),
      type: OneOf(CHANGE_TYPES),
      id: Type.Union([Type.Integer(), Type.String()], { description: "The number of the row, or its key." }),
      at: Instant,
    }),
  ),
  rows: Type.Array(
    Type.Object({
      table: Type.String({
        description: "The table, or `claim`: who holds what an entry, or with a negative number a profile update, brings.",
      }),
      id: Type.Union([Type.Integer(), Type.String()], { description: "The number of the row, or its key as a JSON array." }),
      row: Nullable(Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Null()]))),
    }),
    { description: "Each row as it is now, in the order of its first change; null: it is gone." },
  ),
  work: Nullable(
    Type.String({
      description: "What is begun and not finished, as JSON, in case the standby is promoted; null before the newest change.",
    }),
  ),
  next: Next,
});
export type RowsPage = Static<typeof RowsPage>;

export interface Feed {
  readonly news: News;
  readonly followers: Followers;
}

export function feedEndpoints(context: Context, { news, followers }: Feed): Endpoint[] {
  const { sqlite } = context.database;
  const changes = openChanges(sqlite);
  const { tell } = openTelling(context);
  const storedRows = openStoredRows(sqlite);
  const unfinishedWork = openUnfinishedWork(sqlite);

  /** Throws GONE if changes after this one were dropped, or if the feed has never come so far. */
  function requireKept(after: number): void {
    const { oldest, newest } = changes.extent();
    if (after >= oldest - 1 && after <= newest) return;
    const why = after > newest ? "The feed has not come so far: it is of another history." : "Changes after this one are dropped.";
    throw new ApiError("GONE", `${why} Read everything anew, then go on from here.`, {
      details: [{ path: "after", message: `must be from ${Math.max(oldest - 1, 0)} to ${newest}` }],
      headers: { "X-Oldest-Seq": String(oldest) },
    });
  }

  /** The next changes. Waits for some if there are none. */
  async function read<T>(
    { after, limit = DEFAULT_LIMIT, wait = 0 }: Paged,
    look: (page: readonly Change[], from: number) => T,
  ): Promise<T & { next: number }> {
    const from = after ?? Math.max(changes.extent().oldest - 1, 0);
    requireKept(from);
    if (wait > 0) await news.after(from, wait * 1000);
    // In one transaction, so that each row is at least as new as its change, whatever other processes write.
    return sqlite.transaction(() => {
      const page = changes.after(from, limit);
      return { ...look(page, from), next: page.at(-1)?.seq ?? from };
    })();
  }

  return [
    endpoint({
      method: "GET",
      path: "/changes",
      admission: "changes:read",
      revenue: true,
      waitsMs: MOST_WAIT_S * 1000,
      tag: "Changes",
      summary: "Read what has changed",
      description:
        "Every entry, customer, rate and key that is new or has changed, in the order in which it was stored, each as it is now. What changed several times is told once in an answer. " +
        "Keep `next`, and send it as `after`: so nothing is missed, and an answer that was lost is read again. Fields that say who somebody is need the scope `links:read` as well; else they are null. " +
        "Once a person is erased, nothing of them is in it. Changes are kept for CHANGES_KEEP; if those after `after` are dropped, the answer is 410, and `X-Oldest-Seq` is the oldest that is left.",
      query: Type.Object(Paging),
      answers: { 200: success(Type.Object({ changes: Type.Array(Told), next: Next })) },
      errors: ["GONE"],
      handle: async ({ query, key }) => {
        const isPersonal = key?.scopes.has("links:read") === true;
        return ok(await read(query, (page) => ({ changes: once(page).flatMap((change) => tell(change, isPersonal) ?? []) })));
      },
    }),
    endpoint({
      method: "GET",
      path: "/changes/rows",
      admission: "backup:read",
      onPrimaryAlone: true,
      waitsMs: MOST_WAIT_S * 1000,
      tag: "Changes",
      summary: "Read what a standby needs",
      description:
        "For a second server that begins with GET /backup and follows this one: `regulars follow`. Gives the changes, and of each row that they are of, once, what was sent or decided, by its columns, with personal data and hashes of keys; no figures. " +
        "`after` is the newest change that the standby has; asking for more confirms that it is stored. A page never ends between an entry and the customers that it made. `history` changes when a backup is restored or a standby promoted: then begin anew.",
      query: Type.Object({
        ...Paging,
        follower: Type.Optional(
          Type.String({
            pattern: "^[a-z0-9][a-z0-9._-]{0,63}$",
            title: "name of lower-case letters, digits, dots, underscores and hyphens",
            description:
              "Who follows. The server keeps all changes after this follower's `after`, as long as they ask at least every CHANGES_KEEP.",
          }),
        ),
      }),
      answers: { 200: success(RowsPage) },
      errors: ["GONE"],
      handle: async ({ query: { follower, ...paged }, key }) => {
        if (key?.session !== undefined) throw new ApiError("FORBIDDEN", "A session of the dashboard cannot follow.");
        if (follower !== undefined && paged.after !== undefined) {
          requireKept(paged.after);
          followers.note(follower, paged.after);
        }
        return ok(
          await read(paged, (page, from) => {
            const newest = changes.newest();
            const isWhole = (page.at(-1)?.seq ?? from) === newest;
            return {
              history: readLineage(sqlite).at(-1)?.history ?? "",
              at: toIso(Date.now()),
              newest,
              changes: page.map((change) => ({ ...change, at: toIso(change.at) })),
              rows: storedRows(page),
              // Else it would be newer than the rows that it is about.
              work: isWhole ? unfinishedWork() : null,
            };
          }),
        );
      },
    }),
  ];
}

/** The changes without those that say the same as another one of the page, since every row is given as it is now. */
function once(page: readonly Change[]): Change[] {
  const seen = new Set<string>();
  return page.filter(({ type, id }) => {
    const isSeen = seen.has(`${type} ${id}`) || (type === "entry.updated" && seen.has(`entry.created ${id}`));
    seen.add(`${type} ${id}`);
    return !isSeen;
  });
}

// What is a customer's activity by the log? All of it, or what is new since an entry arrived that comes after all others of theirs. (definitions §9)
import type { Database } from "../../db/database.ts";
import { CLICK, type entry } from "../../db/schema.ts";
import { compareCodePoints } from "../value/log-order.ts";
import { type Activity, emptyActivity } from "./activity.ts";
import creationsSql from "./activity-creations.sql" with { type: "text" };
import entriesSql from "./activity-entries.sql" with { type: "text" };
import type { CreditKeys } from "./key.ts";
import { openTouches, SAME_VISIT_MS } from "./touch.ts";

/** The most rows that are read at once. */
const MOST_ROWS = 2000;

type Entry = typeof entry.$inferSelect;
/** A row of activity-entries.sql or activity-creations.sql as an array, because objects take longer to create. */
export type ActivityRow = [
  id: Entry["id"],
  at: Entry["at"],
  type: number,
  source: Entry["source"],
  campaign: Entry["campaign"],
  link: Entry["link"],
  clickId: Entry["clickId"],
  key: Entry["key"],
  netMinor: number | null,
];
const AT = 1;
const TYPE = 2;
const KEY = 7;

type Question = { customerId: number; fromAt: number; hasRefunds: number };

export interface ActivityReader {
  /** Adds rows in log order to an activity, those before the row `fromId` only to know what is told again. */
  add(activity: Activity, rows: Iterable<ActivityRow>, fromId: number): void;
  /** The whole activity of a customer. `hasRefunds`: may any of their sales have refunds? */
  whole(customerId: number, hasRefunds: boolean): Activity;
  /** The same in steps, outside of a write: yields when other requests should get a turn. What is written meanwhile may be in it or not. */
  wholeInSteps(customerId: number): Generator<void, Activity>;
  /** Adds to an activity the entries from the row `fromId` on, the earliest of which is at `fromAt`. They come after everything else of the customer. */
  append(activity: Activity, customerId: number, hasRefunds: boolean, fromId: number, fromAt: number): void;
}

export function openActivityReader({ sqlite, write }: Pick<Database, "sqlite" | "write">, keys: CreditKeys): ActivityReader {
  const findEntries = sqlite.prepare<Question, ActivityRow>(entriesSql).raw();
  const findPage = sqlite.prepare<Question & { limit: number }, ActivityRow>(`${entriesSql} ORDER BY e.at LIMIT :limit`).raw();
  const findCreations = sqlite.prepare<Pick<Question, "customerId" | "fromAt">, ActivityRow>(creationsSql).raw();

  /** Makes the function that adds rows in log order to an activity, those before the row `fromId` only to know what is told again. */
  function openAdding({ touchedAt, isClick, keys: own, sales }: Activity, fromId: number): (rows: Iterable<ActivityRow>) => void {
    const isTouch = openTouches();
    return (rows) => {
      const without = keys.without();
      for (const [id, at, type, source, campaign, link, clickId, , netMinor] of rows) {
        const saysOrigin = type === CLICK || source !== null || campaign !== null || link !== null;
        const isOne = saysOrigin && isTouch({ type, at, source, campaign, clickId });
        if (id < fromId) continue;
        if (isOne) {
          touchedAt.push(at);
          isClick.push(type === CLICK);
          own[0].push(source === null ? without[0] : keys.ensure(source));
          own[1].push(campaign === null ? without[1] : keys.ensure(campaign));
          own[2].push(link === null ? without[2] : keys.ensure(link));
        }
        // While the many refunds of a sale are being revalued, they may be more than it for a moment.
        if (netMinor !== null) sales.push({ at, netMinor: Math.max(0, netMinor), touchesUpTo: touchedAt.length });
      }
    };
  }
  const add: ActivityReader["add"] = (activity, rows, fromId) => openAdding(activity, fromId)(rows);

  /** The entries of a customer in pages, in order of time and type. Those of a page are before `beforeAt`, and those of the next page are not. */
  function* pages(customerId: number): Generator<{ rows: ActivityRow[]; beforeAt: number }> {
    let fromAt = 0;
    for (let limit = MOST_ROWS; ; ) {
      const page = findPage.all({ customerId, fromAt, hasRefunds: 1, limit });
      const lastAt = page.at(-1)?.[AT] ?? 0;
      if (page.length < limit) return yield { rows: page, beforeAt: Number.POSITIVE_INFINITY };
      if (page[0]?.[AT] === lastAt)
        limit *= 2; // there may be more rows of this instant
      else {
        yield { rows: page.filter((row) => row[AT] < lastAt), beforeAt: lastAt };
        fromAt = lastAt;
      }
    }
  }

  return {
    add,
    whole(customerId, hasRefunds) {
      const activity = emptyActivity();
      const rows = findEntries.all({ customerId, fromAt: 0, hasRefunds: hasRefunds ? 1 : 0 });
      add(activity, merged(rows, findCreations.all({ customerId, fromAt: 0 })), 0);
      return activity;
    },
    *wholeInSteps(customerId) {
      const activity = emptyActivity();
      const addNext = openAdding(activity, 0);
      const creations = findCreations.all({ customerId, fromAt: 0 });
      let fromAt = Number.NEGATIVE_INFINITY;
      for (const { rows, beforeAt } of pages(customerId)) {
        const own = creations.filter((row) => row[AT] >= fromAt && row[AT] < beforeAt);
        write(() => {
          keys.begin();
          addNext(merged(rows, own));
        });
        fromAt = beforeAt;
        yield;
      }
      return activity;
    },
    append(activity, customerId, hasRefunds, fromId, fromAt) {
      const since = Math.max(0, fromAt - SAME_VISIT_MS);
      const rows = findEntries.all({ customerId, fromAt: since, hasRefunds: hasRefunds ? 1 : 0 });
      add(activity, merged(rows, findCreations.all({ customerId, fromAt: since })), fromId);
    },
  };
}

const isBefore = (a: ActivityRow, b: ActivityRow) =>
  a[AT] !== b[AT] ? a[AT] < b[AT] : a[TYPE] !== b[TYPE] ? a[TYPE] < b[TYPE] : compareCodePoints(a[KEY], b[KEY]) < 0;

/** Entries, which are in order of time and type, and creations together in log order. It is cheaper to sort here what is hardly unsorted. */
function merged(entries: ActivityRow[], creations: ActivityRow[]): ActivityRow[] {
  const rows = creations.length === 0 ? entries : entries.concat(creations);
  for (let index = 1; index < rows.length; index++) {
    const row = rows[index] as ActivityRow;
    if (!isBefore(row, rows[index - 1] as ActivityRow)) continue;
    return rows.sort((a, b) => (isBefore(a, b) ? -1 : 1));
  }
  return rows;
}

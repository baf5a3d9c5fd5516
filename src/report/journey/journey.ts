// What did one customer do, in log order, and what are the sums? (definitions §1, §4, §6)

import type { entry } from "../../../db/schema.ts";
import { type EntryRow, toJourneyEntry } from "../../entry/answer.ts";
import { DAY_MS } from "../../value/calendar.ts";
import { toCustomerId } from "../../value/id.ts";
import { toIso } from "../../value/instant.ts";
import { ratio, requireDecimals, toMajor } from "../../value/money.ts";
import { type Analytics, guarded, type Reading } from "../engine.ts";
import { MOST_LISTED, OTHER, toUnconverted, type UnconvertedRow } from "../figure.ts";
import { AFTER_ALL, BEFORE_ALL } from "../range.ts";
import type { JourneyAnswer, JourneyQuestion, JourneySummary } from "./answer.ts";
import { toCursor } from "./cursor.ts";
import entriesSql from "./journey-entries.sql" with { type: "text" };
import namesSql from "./journey-sources-and-campaigns.sql" with { type: "text" };
import summarySql from "./journey-summary.sql" with { type: "text" };
import touchesSql from "./journey-touches.sql" with { type: "text" };
import unconvertedSql from "./journey-unconverted.sql" with { type: "text" };

/** A page ends before the entry that would bring its texts above this many characters; its first entry is always there. */
const MOST_CHARACTERS = 2_000_000;

type Entry = typeof entry.$inferSelect;
/** The entries of a customer in [startAt, endAt), in milliseconds since 1970 UTC. */
interface CustomerRange {
  customerId: number;
  startAt: number;
  endAt: number;
}
/** The first `limit` entries in [fromAt, endAt) that come after a place in log order. */
type Page = Omit<CustomerRange, "startAt"> & { fromAt: number; afterAt: number; afterType: number; afterKey: string; limit: number };

/** The row of journey-summary.sql. Amounts are in minor units, instants in milliseconds since 1970 UTC. */
interface SummaryRow {
  clicks: bigint;
  leads: bigint;
  sales: bigint;
  customs: bigint;
  refundCount: bigint;
  grossMinor: bigint;
  refundsMinor: bigint;
  firstLeadAt: bigint | null;
  firstSaleAt: bigint | null;
  firstTouchAt: bigint | null;
  lastSeenAt: bigint | null;
  unconvertedEntries: bigint;
}
type NameRow = [source: Entry["source"], campaign: Entry["campaign"]];

const toInstant = (at: bigint | null): string | null => (at === null ? null : toIso(Number(at)));

/** What the summary has besides the sums of its row. */
interface Further {
  readonly names: readonly NameRow[];
  readonly unconverted: readonly UnconvertedRow[];
  /** null without a counted sale. */
  readonly touchesBeforeFirstSale: number | null;
}

type FoundEntry = EntryRow & Pick<Entry, "key">;

function charactersOf(row: FoundEntry): number {
  let characters = 0;
  for (const value of Object.values(row)) if (typeof value === "string") characters += value.length;
  return characters;
}

/** The entries of a page, and whether there are more. */
function fill(rows: Iterable<FoundEntry>, limit: number): { page: FoundEntry[]; hasMore: boolean } {
  const page: FoundEntry[] = [];
  let characters = 0;
  for (const row of rows) {
    characters += charactersOf(row);
    if (page.length === limit || (page.length > 0 && characters > MOST_CHARACTERS)) return { page, hasMore: true };
    page.push(row);
  }
  return { page, hasMore: false };
}

/** The first names of a list, with `OTHER` for those that are too many. */
function listed(names: ReadonlySet<string>): string[] {
  const all = [...names];
  return all.length > MOST_LISTED ? [...all.slice(0, MOST_LISTED - 1), OTHER] : all;
}

function toSummary(row: SummaryRow, { names, unconverted, touchesBeforeFirstSale }: Further, decimals: number): JourneySummary {
  const { firstTouchAt, firstSaleAt } = row;
  const sources = new Set<string>(); // in order of first appearance
  const campaigns = new Set<string>();
  for (const [source, campaign] of names) {
    if (source !== null) sources.add(source);
    if (campaign !== null) campaigns.add(campaign);
  }
  return {
    clicks: Number(row.clicks),
    leads: Number(row.leads),
    sales: Number(row.sales),
    customs: Number(row.customs),
    refundCount: Number(row.refundCount),
    grossRevenue: toMajor(row.grossMinor, decimals),
    refunds: toMajor(row.refundsMinor, decimals),
    revenue: toMajor(row.grossMinor - row.refundsMinor, decimals),
    firstTouchAt: toInstant(firstTouchAt),
    firstLeadAt: toInstant(row.firstLeadAt),
    firstSaleAt: toInstant(firstSaleAt),
    lastSeenAt: toInstant(row.lastSeenAt),
    daysToFirstSale: firstSaleAt === null || firstTouchAt === null ? null : ratio(firstSaleAt - firstTouchAt, DAY_MS),
    touchesBeforeFirstSale,
    sources: listed(sources),
    campaigns: listed(campaigns),
    unconverted: toUnconverted(unconverted),
  };
}

/** `Analytics.journey` of the embedded engine. Prepares its statements at once. */
export function openJourney({ config, database, ledger }: Reading): Analytics["journey"] {
  const { sqlite } = database;
  const decimals = requireDecimals(config.currency);
  const findEntries = sqlite.prepare<Page, FoundEntry>(entriesSql);
  const findSummary = sqlite.prepare<CustomerRange, SummaryRow>(summarySql).safeIntegers();
  const findNames = sqlite.prepare<CustomerRange, NameRow>(namesSql).raw();
  const countTouches = sqlite.prepare<CustomerRange & { firstSaleAt: number }, number>(touchesSql).pluck();
  const findUnconverted = sqlite.prepare<CustomerRange, UnconvertedRow>(unconvertedSql).safeIntegers();

  const read = sqlite.transaction((question: JourneyQuestion): JourneyAnswer => {
    const { customerId, after, limit } = question;
    const range = { customerId, startAt: question.startAt ?? BEFORE_ALL, endAt: question.endAt ?? AFTER_ALL };
    const row = findSummary.get(range);
    if (!row) throw new RangeError("The query of the summary gave no row");
    const unconverted = row.unconvertedEntries > 0n ? findUnconverted.all(range) : [];
    const firstSaleAt = row.firstSaleAt === null ? null : Number(row.firstSaleAt);
    const touchesBeforeFirstSale = firstSaleAt === null ? null : (countTouches.get({ ...range, firstSaleAt }) ?? 0);
    const further = { names: findNames.all(range), unconverted, touchesBeforeFirstSale };
    const answer = { customerId: toCustomerId(customerId), summary: toSummary(row, further, decimals) };
    if (question.summaryOnly) return answer;
    const place = { afterAt: after?.at ?? BEFORE_ALL, afterType: after?.type ?? -1, afterKey: after?.key ?? "" };
    const rows = findEntries.iterate({
      customerId,
      endAt: range.endAt,
      fromAt: Math.max(range.startAt, place.afterAt),
      ...place,
      limit: limit + 1,
    });
    const { page, hasMore } = fill(rows, limit);
    const last = page.at(-1);
    return { ...answer, entries: page.map(toJourneyEntry), nextCursor: hasMore && last ? toCursor(last) : null };
  });

  return guarded((question) => {
    ledger.ensureCustomerFresh(question.customerId);
    return read(question);
  });
}

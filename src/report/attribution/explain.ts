// Which touches did each sale have, and what were their weights and shares?
// Computed one sale at a time, with exact weights. (definitions §9)

import type { entry } from "../../../db/schema.ts";
import type { Model } from "../../credit/model.ts";
import { runsByPlace } from "../../credit/run.ts";
import { type Decay, decayOf, weightsByAge } from "../../credit/weight.ts";
import { DAY_MS } from "../../value/calendar.ts";
import { parseEntryId, toEntryId } from "../../value/id.ts";
import { toIso } from "../../value/instant.ts";
import { requireDecimals, share, toMajor } from "../../value/money.ts";
import type { Reading } from "../engine.ts";
import type { AttributionQuestion } from "./answer.ts";
import explainSalesSql from "./attribution-explain-sales.sql" with { type: "text" };
import type { AttributionExplanation, ExplainedSale, ExplainedTouch } from "./explain-schema.ts";

/** A page ends after this many sales, or before the sale whose touches would bring it above this many characters. */
const MOST_SALES = 1000;
const MOST_CHARACTERS = 2_000_000;
/** What a touch takes in an answer besides its texts. */
const TOUCH_CHARACTERS = 250;
/** Digits of a weight that is no exact fraction. */
const DIGITS = 20;
/** How long explaining runs before other requests get a turn. */
const SLICE_MS = 8;

type Entry = typeof entry.$inferSelect;
/** A row of attribution-explain-sales.sql. */
type SaleRow = Pick<Entry, "id" | "at" | "orderId"> & { valueMinor: number; appliedRefundMinor: number };
export type ExplainedOrigin = Readonly<Pick<Entry, "at" | "clickId" | "link" | "campaign" | "source">> & Pick<ExplainedTouch, "type">;

/** The weights of touches under a model, as whole numbers. `decays` has the decays that were computed before, by instant. */
function weightsOf(model: Model, touchedAt: readonly number[], decays: ReadonlyMap<number, Decay>): bigint[] {
  if (model === "time_decay") return weightsByAge(touchedAt.map((at) => decays.get(at) ?? decayOf(at)));
  return runsByPlace(model, touchedAt.length).flatMap(({ count, weight }) => new Array<bigint>(count).fill(BigInt(weight)));
}

/**
 * Whether the weights are exact fractions. Under `time_decay`, they are if all touches are whole weeks apart, because a week is a half-life.
 */
function isExact(model: Model, touchedAt: readonly number[]): boolean {
  return model !== "time_decay" || touchedAt.every((at) => (at - (touchedAt[0] ?? 0)) % (7 * DAY_MS) === 0);
}

const greatestCommonDivisor = (a: bigint, b: bigint): bigint => (b === 0n ? a : greatestCommonDivisor(b, a % b));

/** A weight as a part of the sum of all: a fraction in lowest terms if `exactly`, else a decimal with 20 digits, rounded down. */
export function toWeight(weight: bigint, sum: bigint, exactly: boolean): string {
  if (exactly) {
    const common = greatestCommonDivisor(weight, sum);
    return sum === common ? String(weight / common) : weight === 0n ? "0" : `${weight / common}/${sum / common}`;
  }
  return `0.${((weight * 10n ** BigInt(DIGITS)) / sum).toString().padStart(DIGITS, "0")}`;
}

const charactersOf = ({ clickId, link, campaign, source }: ExplainedOrigin): number =>
  TOUCH_CHARACTERS + (clickId?.length ?? 0) + (link?.length ?? 0) + (campaign?.length ?? 0) + (source?.length ?? 0);

/** How many touches, from the first on, fit into an answer on its own, and how many characters they take. */
function fitting(touches: readonly ExplainedOrigin[]): { listed: number; characters: number } {
  let characters = 0;
  for (const [listed, touch] of touches.entries()) {
    const further = charactersOf(touch);
    if (characters + further > MOST_CHARACTERS) return { listed, characters };
    characters += further;
  }
  return { listed: touches.length, characters };
}

/** The sums of the touches that a sale does not list. */
function restOf(ofMoney: readonly bigint[], ofSale: readonly bigint[], listed: number): NonNullable<ExplainedSale["more"]> {
  const sum = (shares: readonly bigint[]) => shares.slice(listed).reduce((all, each) => all + each, 0n);
  return { touches: ofMoney.length - listed, shareMinor: toMajor(sum(ofMoney), 0), saleShare: Number(sum(ofSale)) };
}

const pause = () => new Promise<void>((resume) => setTimeout(resume, 0));

/**
 * Gives the function that explains a page of a customer's sales. It takes all of the customer's touches in log order, and how many of them
 * are not after each counted sale, by the row of its entry. Prepares its statement at once.
 */
export function openExplanation({ config, database }: Pick<Reading, "config" | "database">) {
  const decimals = requireDecimals(config.currency);
  const findSales = database.sqlite.prepare<{ customerId: number; after: number; limit: number }, SaleRow>(explainSalesSql);

  function explainSale(
    row: SaleRow,
    lookback: number,
    { touches, listed }: { touches: readonly ExplainedOrigin[]; listed: number },
    model: Model,
    decays: ReadonlyMap<number, Decay>,
  ): ExplainedSale {
    const netMinor = row.valueMinor - row.appliedRefundMinor;
    const touchedAt = touches.map(({ at }) => at);
    const weights = weightsOf(model, touchedAt, decays);
    const sum = weights.reduce((all, weight) => all + weight, 0n);
    const exactly = isExact(model, touchedAt);
    const [ofMoney, ofSale] = touches.length === 0 ? [[], []] : [share(BigInt(netMinor), weights), share(10_000n, weights)];
    return {
      id: toEntryId(row.id),
      orderId: row.orderId,
      timestamp: toIso(row.at),
      lookback: toIso(lookback),
      value: toMajor(row.valueMinor, decimals),
      refunds: toMajor(row.appliedRefundMinor, decimals),
      net: toMajor(netMinor, decimals),
      netMinor: toMajor(netMinor, 0),
      touches: touches.slice(0, listed).map(({ type, at, clickId, link, campaign, source }, index) => ({
        type,
        clickId,
        timestamp: toIso(at),
        link,
        campaign,
        source,
        weight: toWeight(weights[index] ?? 0n, sum, exactly),
        shareMinor: toMajor(ofMoney[index] ?? 0n, 0),
        saleShare: Number(ofSale[index] ?? 0n),
      })),
      ...(touches.length > listed && { more: restOf(ofMoney, ofSale, listed) }),
    };
  }

  return async (
    question: AttributionQuestion,
    all: readonly ExplainedOrigin[],
    touchesUpTo: ReadonlyMap<Entry["id"], number>,
  ): Promise<AttributionExplanation> => {
    const after = question.cursor === undefined ? 0 : (parseEntryId(question.cursor) ?? 0);
    const rows = findSales.all({ customerId: question.customerId, after, limit: MOST_SALES + 1 });
    const sales: ExplainedSale[] = [];
    const decays = new Map<number, Decay>();
    let size = 0;
    let until = performance.now() + SLICE_MS;
    const letOthersRun = async () => {
      if (performance.now() < until) return;
      await pause();
      until = performance.now() + SLICE_MS;
    };
    for (const row of rows) {
      const lookback = row.at - question.windowDays * DAY_MS;
      const touches = all.slice(0, touchesUpTo.get(row.id)).filter(({ at }) => at >= lookback);
      const { listed, characters } = fitting(touches);
      size += characters;
      if (sales.length === MOST_SALES || (sales.length > 0 && size > MOST_CHARACTERS))
        return { sales, nextCursor: sales.at(-1)?.id ?? null };
      if (question.model === "time_decay")
        for (const { at } of touches)
          if (!decays.has(at)) {
            decays.set(at, decayOf(at));
            await letOthersRun();
          }
      sales.push(explainSale(row, lookback, { touches, listed }, question.model, decays));
      await letOthersRun();
    }
    return { sales, nextCursor: null };
  };
}

// How much credit does each source, campaign and link get from everybody? By plain loops over each customer's touches and sales, with exact integers. (definitions §9)
import { CLICK, SALE } from "../../db/schema.ts";
import { DAY_MS } from "../value/calendar.ts";
import { share } from "../value/money.ts";
import type { Creation, OwnEntry } from "./fact.ts";
import { type Origin, touchesOf } from "./touch.ts";

export const MODELS = ["last", "first", "linear", "position", "time_decay"] as const;
type Model = (typeof MODELS)[number];
export const GROUPINGS = ["source", "campaign", "link"] as const;
type Grouping = (typeof GROUPINGS)[number];

const HALF_LIFE_MS = 7 * DAY_MS;
const ONE_SALE = 10_000n;
/** Weights of time_decay have this many bits after the point. */
const BITS = 200n;

/** A range of sales and touches in milliseconds, [from, to). */
export interface CreditRange {
  readonly from: number;
  readonly to: number;
}

export interface Credited {
  customers: bigint;
  /** In ten-thousandths. */
  sales: bigint;
  minor: bigint;
}
export interface CreditedKey {
  touches: bigint;
  clicks: bigint;
  readonly earned: Readonly<Record<Model, Credited>>;
}

export interface CreditOfAll {
  /** Adds a customer. `items` are their entries and creations in log order. */
  add(items: readonly (OwnEntry | Creation)[]): void;
  /** What each key has earned in a range, by its place in the list of ranges. Only keys with a touch or credit are there. */
  keysOf(range: number, grouping: Grouping): ReadonlyMap<string, CreditedKey>;
}

const emptyKey = (): CreditedKey => {
  const nothing = () => ({ customers: 0n, sales: 0n, minor: 0n });
  return {
    touches: 0n,
    clicks: 0n,
    earned: { last: nothing(), first: nothing(), linear: nothing(), position: nothing(), time_decay: nothing() },
  };
};

/** 2^(−part ÷ 7 days) × 2^200 for 0 ≤ part < 7 days: half the root, half of that root, and so on, by the binary digits of the fraction. */
function halved(part: number): bigint {
  let weight = 1n << BITS;
  let root = 1n << (BITS - 1n); // 2^(−1)
  let rest = BigInt(part);
  for (let digit = 0; digit < 100 && rest > 0n; digit++) {
    root = rootOf(root << BITS); // 2^(−1/2), 2^(−1/4), …
    rest *= 2n;
    if (rest < BigInt(HALF_LIFE_MS)) continue;
    rest -= BigInt(HALF_LIFE_MS);
    weight = (weight * root) >> BITS;
  }
  return weight;
}

/** The whole square root. */
function rootOf(square: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(square.toString(2).length / 2));
  for (;;) {
    const next = (root + square / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

function weightsOf(model: Model, ages: readonly number[]): bigint[] {
  const n = ages.length;
  const youngest = Math.min(...ages);
  return ages.map((age, place) => {
    if (model === "first") return place === 0 ? 1n : 0n;
    if (model === "last") return place === n - 1 ? 1n : 0n;
    if (model === "linear" || n <= 2) return model === "time_decay" ? decayed(age - youngest) : 1n;
    if (model === "position") return place === 0 || place === n - 1 ? 2n * BigInt(n - 2) : 1n;
    return decayed(age - youngest);
  });
}

function decayed(age: number): bigint {
  const whole = Math.floor(age / HALF_LIFE_MS);
  return halved(age - whole * HALF_LIFE_MS) >> BigInt(whole);
}

/** Sums that are empty at first. A sale looks back `windowDays` days of 24 hours. */
export function openCreditOfAll(ranges: readonly CreditRange[], windowDays: number): CreditOfAll {
  const sums = ranges.map(() => GROUPINGS.map(() => new Map<string, CreditedKey>()));
  const ensureKey = (keys: Map<string, CreditedKey> | undefined, key: string): CreditedKey => {
    const known = keys?.get(key) ?? emptyKey();
    keys?.set(key, known);
    return known;
  };
  const keyOf = (touch: Origin | undefined, grouping: Grouping) => touch?.[grouping] ?? (grouping === "source" ? "(direct)" : "(none)");

  function add(items: readonly (OwnEntry | Creation)[]): void {
    const placeOf = new Map<unknown, number>(items.map((item, place) => [item, place]));
    const touches = touchesOf(items);
    const sales = items.filter(
      (item): item is OwnEntry => item.type === SALE && "isCounted" in item && item.isCounted && item.amount !== null,
    );
    const refunded = (sale: OwnEntry) =>
      items.reduce((sum, item) => sum + ("saleKey" in item && item.saleKey === sale.key && item.isCounted ? (item.amount ?? 0n) : 0n), 0n);
    for (const [index, { from, to }] of ranges.entries()) {
      const counted = new Set<string>();
      for (const [place, grouping] of GROUPINGS.entries()) {
        const keys = sums[index]?.[place];
        for (const touch of touches.filter(({ at }) => at >= from && at < to)) {
          const key = ensureKey(keys, keyOf(touch, grouping));
          key.touches++;
          if (touch.type === CLICK) key.clicks++;
        }
      }
      for (const sale of sales.filter(({ at }) => at >= from && at < to)) {
        const net = (sale.amount ?? 0n) - refunded(sale);
        const own = touches.filter(
          (touch) => touch.at >= sale.at - windowDays * DAY_MS && (placeOf.get(touch) ?? 0) <= (placeOf.get(sale) ?? 0),
        );
        for (const model of MODELS) {
          const ages = own.map(({ at }) => sale.at - at);
          const weights = own.length === 0 ? [1n] : weightsOf(model, ages);
          const [money, parts] = [share(net, weights), share(ONE_SALE, weights)];
          for (const [place, weight] of weights.entries()) {
            if (weight === 0n) continue;
            for (const [of, grouping] of GROUPINGS.entries()) {
              const key = keyOf(own[place], grouping);
              const earned = ensureKey(sums[index]?.[of], key).earned[model];
              earned.minor += money[place] ?? 0n;
              earned.sales += parts[place] ?? 0n;
              const name = `${model} ${grouping} ${key}`;
              if (!counted.has(name)) earned.customers++;
              counted.add(name);
            }
          }
        }
      }
    }
  }

  return { add, keysOf: (range, grouping) => sums[range]?.[GROUPINGS.indexOf(grouping)] ?? new Map() };
}

// How is an amount of a Segment message read? It may be text, and its number may have the noise of a sum of floats.
import { parseDecimal, requireDecimals, roundDecimal } from "../../value/money.ts";
import { type Fields, toFields } from "./message.ts";

interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/** An amount as a decimal; undefined if it is none. A number that is not exact, or has a thousands separator, is none. */
function toDecimal(value: unknown): Decimal | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? parseDecimal(value) : undefined;
  return typeof value === "string" ? parseDecimal(value.trim()) : undefined;
}

function add(left: Decimal, right: Decimal): Decimal {
  const scale = Math.max(left.scale, right.scale);
  const scaled = ({ digits, scale: own }: Decimal) => digits * 10n ** BigInt(scale - own);
  return { digits: scaled(left) + scaled(right), scale };
}

const multiply = (left: Decimal, right: Decimal): Decimal => ({ digits: left.digits * right.digits, scale: left.scale + right.scale });

/** The sum of price × quantity of the products; undefined if there are none or one has no price. A quantity is 1 unless it is given. */
function sumOfProducts(products: unknown): Decimal | undefined {
  if (!Array.isArray(products) || products.length === 0) return undefined;
  let sum: Decimal = { digits: 0n, scale: 0 };
  for (const product of products) {
    const { price, quantity } = toFields(product);
    const [each, count] = [toDecimal(price), quantity == null ? { digits: 1n, scale: 0 } : toDecimal(quantity)];
    if (each === undefined || count === undefined) return undefined;
    sum = add(sum, multiply(each, count));
  }
  return sum;
}

/** The first of these properties that is there at all. */
const isThere = (value: unknown) => value !== undefined && value !== null && value !== "";

/**
 * The value of an order, in major units rounded once to the decimals of `currency`, half away from zero: `total`, else `revenue` with `tax` and
 * `shipping` as far as they are there. `bad` if an amount that is needed is missing or unreadable.
 */
export function orderValue({ total, revenue, tax, shipping }: Fields, currency: string): number | "bad" {
  if (isThere(total)) return toValue(toDecimal(total), currency);
  const parts = [revenue, ...[tax, shipping].filter(isThere)].map(toDecimal);
  const sum = parts.reduce((all, part) => (all === undefined || part === undefined ? undefined : add(all, part)), { digits: 0n, scale: 0 });
  return toValue(sum, currency);
}

/** What a refund gives back: `total`, else the sum of its products; undefined if there is neither, which is all that is left of the order. */
export function refundValue({ total, products }: Fields, currency: string): number | "bad" | undefined {
  if (isThere(total)) return toValue(toDecimal(total), currency);
  if (!Array.isArray(products) || products.length === 0) return undefined;
  return toValue(sumOfProducts(products), currency);
}

function toValue(decimal: Decimal | undefined, currency: string): number | "bad" {
  return decimal === undefined ? "bad" : Number(roundDecimal(decimal, requireDecimals(currency)));
}

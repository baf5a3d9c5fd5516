// How does a provider write money? As integers of minor units, by a table of decimals of its own.
import { decimalsOf } from "../value/currency.ts";
import { toDecimalText } from "../value/money.ts";
import { toText } from "./json.ts";

/** docs.stripe.com/currencies: ISO has 2 decimals for MGA, and none for ISK and UGX, which Stripe takes as hundredths. */
const STRIPE_WHOLE = new Set("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split(" "));
const STRIPE_THOUSANDTHS = new Set("BHD JOD KWD OMR TND".split(" "));

export const stripeDecimals = (currency: string): number => (STRIPE_WHOLE.has(currency) ? 0 : STRIPE_THOUSANDTHS.has(currency) ? 3 : 2);

/** Of providers that keep to ISO 4217. A currency that it does not know is refused later. */
const isoDecimals = (currency: string): number => decimalsOf(currency) ?? 2;

/** A currency in upper case; undefined if there is none. */
export const toCurrency = (value: unknown): string | undefined => toText(value)?.toUpperCase();

/** `value` in major units. */
export interface Money {
  readonly value: number;
  readonly currency: string;
}

/** Reads money, exact. `minor`: an integer as a number or text. Undefined if it is none, or there is no currency. */
export function readMoney(minor: unknown, currency: unknown, decimals: (currency: string) => number = isoDecimals): Money | undefined {
  const [text, code] = [toText(minor), toCurrency(currency)];
  if (text === undefined || code === undefined || !/^-?\d{1,15}$/.test(text)) return undefined;
  return { value: Number(toDecimalText(BigInt(text), decimals(code))), currency: code };
}

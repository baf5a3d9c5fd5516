// How many decimals does an amount of Dub's API have? Cents, but whole units of currencies without them.
import { decimalsOf, requireDecimals } from "../../value/money.ts";

/** Currencies whose amounts are whole units at Dub. It has two that have decimals in ISO 4217 (MGA) or had them (UGX). */
const WHOLE: ReadonlySet<string> = new Set("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF".split(" "));

/** The decimals of an amount at Dub. Dub says nothing of currencies with three; their smallest unit is meant. */
const dubDecimals = (currency: string): number => (WHOLE.has(currency) ? 0 : Math.max(2, requireDecimals(currency)));

/** An amount of Dub's as minor units of ISO 4217; undefined if there is no such currency, or if it has no coin that small. */
export function fromDub(amount: number, currency: string): bigint | undefined {
  const decimals = decimalsOf(currency);
  if (decimals === undefined) return undefined;
  const more = decimals - dubDecimals(currency);
  if (more >= 0) return BigInt(amount) * 10n ** BigInt(more);
  const unit = 10n ** BigInt(-more);
  return BigInt(amount) % unit === 0n ? BigInt(amount) / unit : undefined;
}

/** Minor units of ISO 4217 as an amount of Dub's. What is smaller than its unit is cut off. */
export function toDub(minor: bigint, currency: string): bigint {
  const more = requireDecimals(currency) - dubDecimals(currency);
  return more >= 0 ? minor / 10n ** BigInt(more) : minor * 10n ** BigInt(-more);
}

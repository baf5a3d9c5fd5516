// Which currencies are there, and how many decimals does each have? The list is ISO 4217, list one, as of 2026: active currencies and funds,
// without metals, accounting units and test codes. The decimals are ISO's; for some currencies, fewer are in use.

const CODES_BY_DECIMALS: readonly (readonly [decimals: number, codes: string])[] = [
  [0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"],
  [3, "BHD IQD JOD KWD LYD OMR TND"],
  [4, "CLF UYW"],
  [
    2,
    `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP
     CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD
     KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR
     PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU
     UZS VED VES WST XCD XCG YER ZAR ZMW ZWG`,
  ],
];

const DECIMALS: ReadonlyMap<string, number> = new Map(
  CODES_BY_DECIMALS.flatMap(([decimals, codes]) => codes.split(/\s+/).map((code): [string, number] => [code, decimals])),
);

/** The number of decimals of an active currency (`USD` 2, `JPY` 0, `KWD` 3), or undefined for an unknown code. Case matters. */
export function decimalsOf(currency: string): number | undefined {
  return DECIMALS.get(currency);
}

/** Every code that `decimalsOf` knows, sorted. */
export const CURRENCIES: readonly string[] = [...DECIMALS.keys()].sort();

// Which rate applies to a sale? The newest one dated on or before its day in the workspace's zone (definitions §3).
import type { Database } from "../../db/open.ts";

/** After every day that can be. */
const NO_DAY = Number.MAX_SAFE_INTEGER;

export interface Rates {
  /** The rate of `currency` on a local day, an exact decimal; undefined: none is known for it. */
  find(currency: string, day: number): string | undefined;
  /** Stores a rate from `day` on; gives the day of the next newer one, up to which it applies. */
  put(currency: string, day: number, rate: string): number;
}

export function openRates({ sqlite }: Database): Rates {
  const find = sqlite.prepare(`SELECT rate FROM rate WHERE currency = ? AND day <= ? ORDER BY day DESC LIMIT 1`).pluck();
  const put = sqlite.prepare(`INSERT OR REPLACE INTO rate (currency, day, rate) VALUES (?, ?, ?)`);
  const next = sqlite.prepare(`SELECT min(day) FROM rate WHERE currency = ? AND day > ?`).pluck();
  return {
    find: (currency, day) => find.get(currency, day) as string | undefined,
    put(currency, day, rate) {
      put.run(currency, day, rate);
      return (next.get(currency, day) as number | null) ?? NO_DAY;
    },
  };
}

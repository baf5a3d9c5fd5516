// Are the totals of attribution the sum of what the stored activities of all customers add to them?
import type { Database } from "../../db/database.ts";
import { eachPairCount } from "../credit/pair-counts.ts";
import { openCreditSums, type Part } from "../credit/sums.ts";
import { addSums } from "../credit/sums-bytes.ts";
import type { Calendar } from "../value/calendar.ts";
import type { Credit } from "./credit.ts";
import { customerRows, FIGURE_COLUMNS, totalRows } from "./credit-totals.ts";

type Row = [grouping: number, unit: number, period: number, key: number, counts: Uint8Array];

/**
 * A number made of many figures by their places, in any order. If two sets of figures are not the same, neither are their numbers, but for
 * one chance in some billions. So millions of totals are compared without holding them in memory.
 */
function openFingerprint() {
  let sum = 0n;
  return {
    /** `place` are the table, the key columns and the column of a figure. */
    add(place: readonly number[], column: number, figure: number | bigint) {
      if (figure === 0 || figure === 0n) return;
      let bits = 0x9e3779b9 ^ column;
      for (const each of place) {
        bits = Math.imul(bits ^ each ^ Math.floor(each / 2 ** 32), 0x85ebca6b);
        bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
        bits ^= bits >>> 16;
      }
      sum += BigInt(bits >>> 0) * BigInt(figure);
    },
    value: () => sum,
  };
}

/** Are the totals, with what is still to be added to them, what the activities add? Nobody must be adding them up anew. */
export function isCreditRight({ sqlite }: Database, calendar: Calendar, credit: Credit): boolean {
  const totals = sqlite
    .prepare<[], bigint[]>(`SELECT grouping, unit, period, key_id, ${FIGURE_COLUMNS.join(", ")} FROM credit_total`)
    .raw()
    .safeIntegers();
  const customers = sqlite.prepare<[], Row>("SELECT grouping, unit, period, key_id, counts FROM credit_customer").raw();
  const deltas = sqlite.prepare<[], Uint8Array>("SELECT sums FROM credit_delta").pluck();

  return sqlite.transaction((): boolean => {
    const stored = openFingerprint();
    const computed = openFingerprint();
    const addCounts = (to: typeof stored, place: readonly number[], counts: Float64Array) => {
      for (const [column, count] of counts.entries()) to.add(place, column, count);
    };
    const addPart = (to: typeof stored, part: Part) => {
      for (const { grouping, unit, period, key, figures } of totalRows(part, calendar.monthOfDay))
        for (const [column, figure] of figures.entries()) to.add([0, grouping, unit, period, key], column, figure);
      for (const { grouping, unit, period, key, counts } of customerRows(part, calendar.monthOfDay))
        for (const [previous, each] of counts) addCounts(to, [1, grouping, unit, period, previous, key], each);
    };
    for (const [grouping, unit, period, key, ...figures] of totals.iterate())
      for (const [column, figure] of figures.entries())
        stored.add([0, Number(grouping), Number(unit), Number(period), Number(key)], column, figure);
    for (const [grouping, unit, period, key, bytes] of customers.iterate())
      eachPairCount(bytes, (previous, counts) => {
        addCounts(stored, [1, grouping, unit, period, previous, key], counts);
        return true;
      });
    const noted = openCreditSums();
    for (const bytes of deltas.iterate()) addSums(noted, bytes);
    for (const part of noted.parts) addPart(stored, part);
    credit.eachBatch(({ parts }) => {
      for (const part of parts) addPart(computed, part);
    });
    return stored.value() === computed.value();
  })();
}

// How much credit does each source, campaign or link get in a range of whole days? From the totals that the ledger keeps, whatever the number of customers. (definitions §9)
import { GROUPINGS } from "../../credit/activity.ts";
import { MODELS, type Model } from "../../credit/model.ts";
import { eachPairCount } from "../../credit/pair-counts.ts";
import { CLICKS, CREDITED, EVERYBODY, fromSpot, MINOR, NEVER, openCreditSums, SALES, TOUCHES } from "../../credit/sums.ts";
import { addSums, MOST_NOTED } from "../../credit/sums-bytes.ts";
import { type Days, daysOf, type Months, monthsOf } from "../days.ts";
import type { TotalsReading } from "../engine.ts";
import { BEFORE_ALL } from "../range.ts";
import { addTo, emptySums, type KeySums, toTally } from "./from-sums.ts";
import type { Tally } from "./tally.ts";
import type { TotalsQuestion } from "./totals-answer.ts";
import creditSql from "./totals-credit.sql" with { type: "text" };
import customersSql from "./totals-customers.sql" with { type: "text" };

type Asked = Days & Months & { grouping: number };
type CreditRow = { keyId: bigint; text: string; touches: bigint; clicks: bigint } & Record<`${Model}_sales` | `${Model}_minor`, bigint>;
type CustomersRow = [keyId: number, counts: Uint8Array];

/**
 * Gives the function that answers a question from the totals; undefined if they cannot: for another window, a range that begins or ends
 * within a day, or while the totals are being added up anew.
 */
export function openKeptTotals({
  config,
  database: { sqlite },
  calendar,
}: TotalsReading): (question: TotalsQuestion, models: readonly Model[]) => Tally | undefined {
  const findCredit = sqlite.prepare<Asked, CreditRow>(creditSql).safeIntegers();
  const findCustomers = sqlite.prepare<Asked, CustomersRow>(customersSql).raw();
  const findNoted = sqlite.prepare<[], Uint8Array>(`SELECT sums FROM credit_delta ORDER BY id LIMIT ${MOST_NOTED}`).pluck();
  const addingUp = sqlite.prepare("SELECT 1 FROM credit_adding_up");
  const findText = sqlite.prepare<[id: number], string>("SELECT text FROM credit_key WHERE id = ?").pluck();

  const read = sqlite.transaction((asked: Asked, start: number, models: readonly Model[]): Tally | undefined => {
    if (addingUp.get() !== undefined) return undefined;
    const sums = new Map<number, KeySums>();
    const texts = new Map<number, string>();
    const everybody = emptySums();
    const ensureKey = (id: number): KeySums => {
      let own = sums.get(id);
      if (own === undefined) {
        own = emptySums();
        sums.set(id, own);
      }
      return own;
    };
    for (const row of findCredit.all(asked)) {
      const id = Number(row.keyId);
      texts.set(id, row.text);
      sums.set(id, {
        touches: Number(row.touches),
        clicks: Number(row.clicks),
        sales: MODELS.map((model) => row[`${model}_sales`]),
        minor: MODELS.map((model) => row[`${model}_minor`]),
        customers: new Float64Array(CREDITED.length),
      });
    }
    for (const [id, counts] of findCustomers.iterate(asked)) addCustomers(ensureKey(id), counts, start);
    for (const [, counts] of findCustomers.iterate({ ...asked, grouping: EVERYBODY })) addCustomers(everybody, counts, start);

    // What is not in the totals yet.
    const noted = openCreditSums();
    for (const bytes of findNoted.iterate()) addSums(noted, bytes);
    const isAsked = (grouping: number, day: number) =>
      (grouping === asked.grouping || grouping === EVERYBODY) && day >= asked.firstDay && day <= asked.lastDay;
    for (const { totals, pairs } of noted.parts) {
      for (const [spot, figures] of totals) {
        const { grouping, key, day } = fromSpot(spot);
        if (isAsked(grouping, day)) addFigures(ensureKey(key), figures);
      }
      for (const [spot, byPrevious] of pairs) {
        const { grouping, key, day } = fromSpot(spot);
        if (!isAsked(grouping, day)) continue;
        const own = grouping === EVERYBODY ? everybody : ensureKey(key);
        for (const [previous, counts] of byPrevious) if (previous < start) addTo(own.customers, counts);
      }
    }

    return toTally(sums, everybody, models, (id) => texts.get(id) ?? findText.get(id) ?? "");
  });

  return (question, models) => {
    if (question.windowDays !== config.attributionWindowDays) return undefined;
    const days = daysOf(question, calendar);
    if (days.headFrom < days.headTo || days.tailFrom < days.tailTo) return undefined;
    const isFromBeginning = question.startAt === undefined || question.startAt <= BEFORE_ALL;
    const start = isFromBeginning ? NEVER + 1 : days.firstDay;
    return read({ ...days, ...monthsOf(days, calendar), grouping: GROUPINGS.indexOf(question.groupBy) }, start, models);
  };
}

/** Adds the customers of a period who were not credited from the day `start` on before it. So each counts once in a range. */
function addCustomers({ customers }: KeySums, counts: Uint8Array, start: number): void {
  eachPairCount(counts, (previous, each) => {
    if (previous >= start) return false;
    addTo(customers, each);
    return true;
  });
}

function addFigures(own: KeySums, figures: Float64Array): void {
  own.touches += figures[TOUCHES] as number;
  own.clicks += figures[CLICKS] as number;
  for (let place = 0; place < MODELS.length; place++) {
    own.sales[place] = (own.sales[place] as bigint) + BigInt(figures[SALES + place] as number);
    own.minor[place] = (own.minor[place] as bigint) + BigInt(figures[MINOR + place] as number);
  }
}

// Which sources, campaigns or links earned the revenue of all customers? Added up by ClickHouse, for the workspace's window and whole days. (definitions §9)
import type { Context } from "../../context.ts";
import { MODELS, type Model } from "../../credit/model.ts";
import { CREDITED, type Credited, NEVER } from "../../credit/sums.ts";
import { nextTurn, openTurn } from "../../host/turn.ts";
import { addTo, emptySums, type KeySums, modelsOf, openTotalsAnswer, toTally } from "../attribution/from-sums.ts";
import type { TotalsAnswer, TotalsQuestion } from "../attribution/totals-answer.ts";
import { daysOf } from "../days.ts";
import type { UnconvertedRow } from "../figure.ts";
import { BEFORE_ALL } from "../range.ts";
import creditSql from "./clickhouse-credit.sql" with { type: "text" };
import unconvertedSql from "./clickhouse-credit-unconverted.sql" with { type: "text" };
import creditedSql from "./clickhouse-credited.sql" with { type: "text" };
import payingSql from "./clickhouse-paying.sql" with { type: "text" };
import type { Shipping } from "./shipping.ts";

/** Figures of models that were not asked for are missing. */
type CreditRow = { keyId: bigint; touches: bigint; clicks: bigint } & Partial<Record<string, bigint>>;
type CustomersRow = { keyId: bigint } & Record<Credited, bigint>;

/** The sums of all keys, by their row in `credit_key`. */
async function toSums(credit: readonly CreditRow[], customers: readonly CustomersRow[]): Promise<Map<number, KeySums>> {
  const isOver = openTurn();
  const sums = new Map<number, KeySums>();
  for (const row of credit) {
    sums.set(Number(row.keyId), {
      touches: Number(row.touches),
      clicks: Number(row.clicks),
      sales: MODELS.map((model) => row[`${model}_sales`] ?? 0n),
      minor: MODELS.map((model) => row[`${model}_minor`] ?? 0n),
      customers: new Float64Array(CREDITED.length),
    });
    if (isOver()) await nextTurn();
  }
  for (const row of customers) {
    const own = sums.get(Number(row.keyId)) ?? emptySums();
    sums.set(Number(row.keyId), own);
    addTo(
      own.customers,
      Float64Array.from(CREDITED, (name) => Number(row[name])),
    );
    if (isOver()) await nextTurn();
  }
  return sums;
}

/** The question for what the models of a grouping give: their columns and figures are filled in. The totals are those of `last`. */
function creditQuestion(grouping: string, models: readonly Model[]): string {
  const names = [...new Set<Model>(["last", ...models])].flatMap((model) => [`${model}_sales`, `${model}_minor`]);
  return creditSql
    .replace("/*figures*/", names.map((name) => `sum(toInt128(c_${name})) AS ${name}`).join(",\n       "))
    .replace("/*columns*/", names.map((name) => `,\n           /*grouping*/_credit.${name} AS c_${name}`).join(""))
    .replaceAll("/*grouping*/", grouping);
}

/** `Analytics.attributionTotals` by ClickHouse. The question must be of the workspace's window, and its range must not begin or end within a day. */
export function openClickHouseTotals(context: Context, shipping: Shipping): (question: TotalsQuestion) => Promise<TotalsAnswer> {
  const { calendar, database } = context;
  const toAnswer = openTotalsAnswer(context);
  const findText = database.sqlite.prepare<[id: number], string>("SELECT text FROM credit_key WHERE id = ?").pluck();
  return async (question) => {
    const models = modelsOf(question);
    const { tally, unconverted } = await shipping.read(async (clickhouse, base) => {
      const { firstDay, lastDay } = daysOf(question, calendar);
      const range = { firstDay, lastDay, base };
      const hasStart = question.startAt !== undefined && question.startAt > BEFORE_ALL;
      const since = { ...range, start: hasStart ? firstDay : NEVER + 1 };
      const [creditRows, creditedRows, paying, without] = await Promise.all([
        clickhouse.select<CreditRow>(creditQuestion(question.groupBy, models), range),
        clickhouse.select<CustomersRow>(creditedSql.replaceAll("/*grouping*/", question.groupBy), since),
        clickhouse.select<{ every: bigint }>(payingSql, since),
        clickhouse.select<UnconvertedRow>(unconvertedSql, range),
      ]);
      const sums = await toSums(creditRows, creditedRows);
      const everybody = emptySums();
      everybody.customers[CREDITED.indexOf("every")] = Number(paying[0]?.every ?? 0n);
      return { tally: toTally(sums, everybody, models, (id) => findText.get(id) ?? ""), unconverted: without };
    });
    return toAnswer(question, tally, unconverted);
  };
}

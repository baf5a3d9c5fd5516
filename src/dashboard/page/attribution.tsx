// Which sources, campaigns or links earned the money of a range? Five ways of sharing the credit side by side, each adding up to the same.
import { useRef } from "preact/hooks";
import { setQuery, useAddress } from "./address.ts";
import type { AnswerOf, DataOf } from "./answers.ts";
import { toUrl } from "./api.ts";
import { Head, Name, type Order, Segments } from "./controls.tsx";
import { ExportMenu } from "./export-menu.tsx";
import { count, money, moneyColumn } from "./format.ts";
import { When } from "./state.tsx";
import { useAnswer } from "./use-answer.ts";
import { WORDS } from "./words.ts";
import { useRange } from "./workspace.ts";

type Data = DataOf<"/customers/attribution">;
type Row = Data["rows"][number];
type Grouping = keyof typeof WORDS.attribution.by;
type Figure = keyof typeof WORDS.attribution.figures;
type Model = keyof typeof WORDS.models;

const MODELS = Object.keys(WORDS.models) as Model[];
const MOST_ROWS = 200;
const WINDOWS = [7, 14, 30, 60, 90, 180, 365];

/** A row's credit under a model. */
function creditOf(row: Row, model: Model, data: Data): { readonly customers: number; readonly sales: number; readonly revenue: number } {
  if (model === data.model) return row;
  return row.compare?.[model] ?? { customers: 0, sales: 0, revenue: 0 };
}

interface TableProps {
  readonly data: Data;
  readonly figure: Figure;
  readonly order: Order;
}

function AttributionTable({ data, figure, order }: TableProps) {
  const values = MODELS.flatMap((model) => data.rows.map((row) => creditOf(row, model, data)[figure]));
  const largest = Math.max(0, ...values);
  const sum = moneyColumn([...values, data.totals.revenue], data.currency);
  const write = (value: number) => (figure === "revenue" ? sum(value) : count(value, figure === "sales" ? 1 : 0));
  const exact = (value: number) => (figure === "revenue" ? money(value, data.currency) : figure === "sales" ? count(value, 4) : undefined);
  const sorting = MODELS.find((model) => model === order.by);
  const sign = order.isAscending ? 1 : -1;
  const value = (row: Row) => (sorting ? creditOf(row, sorting, data)[figure] : row.key);
  const rows = data.rows.toSorted((a, b) => {
    const [left, right] = [value(a), value(b)];
    return left === right ? 0 : sign * (left < right ? -1 : 1);
  });
  const sort = ({ by, isAscending }: Order) => setQuery({ sort: by, dir: isAscending ? "asc" : undefined }, { replace: true });
  return (
    <>
      <section class="scroll" aria-label={WORDS.attribution.title}>
        <table class="list">
          <caption class="hidden">{WORDS.attribution.title}</caption>
          <thead>
            <tr>
              <Head name={WORDS.attribution.by[data.groupBy]} section="s9" field="key" order={order} sort={sort} kind="held" />
              <Head name={WORDS.attribution.touches} section="s9" isNumber />
              {MODELS.map((model) => (
                <>
                  <td key={`${model} bar`} class="bar" />
                  <Head key={model} name={WORDS.models[model]} section="s9" field={model} order={order} sort={sort} isNumber />
                </>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MOST_ROWS).map((row) => (
              <tr key={row.key}>
                <th scope="row" class="held name" data-value={row.key}>
                  <Name text={row.key} />
                </th>
                <td class="n soft" data-value={row.touches}>
                  {count(row.touches)}
                </td>
                {MODELS.map((model) => {
                  const own = creditOf(row, model, data)[figure];
                  return (
                    <>
                      <td key={`${model} bar`} class="bar">
                        <div
                          class={`rod ${model === sorting ? "deep" : ""}`}
                          style={{ width: `${largest > 0 ? (Math.max(0, own) / largest) * 100 : 0}%` }}
                        />
                      </td>
                      <td key={model} class="n" data-value={own} title={exact(own)}>
                        {write(own)}
                      </td>
                    </>
                  );
                })}
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row" class="held">
                {WORDS.all}
              </th>
              <td class="n" data-value={data.totals.touches}>
                {count(data.totals.touches)}
              </td>
              {MODELS.map((model) => (
                <>
                  <td key={`${model} bar`} class="bar" />
                  <td key={model} class="n" data-value={data.totals[figure]} title={exact(data.totals[figure])}>
                    {write(data.totals[figure])}
                  </td>
                </>
              ))}
            </tr>
          </tfoot>
        </table>
      </section>
      {rows.length > MOST_ROWS ? <p class="soft after">{WORDS.cohorts.more(MOST_ROWS, rows.length)}</p> : null}
      <p class="soft after">{WORDS.attribution.foot[figure]}</p>
    </>
  );
}

export function Attribution() {
  const { query } = useAddress();
  const { range } = useRange();
  const within = useRef<HTMLDivElement>(null);
  const group = query.get("group");
  const grouping: Grouping = group !== null && group in WORDS.attribution.by ? (group as Grouping) : "source";
  const shown = query.get("figure");
  const figure: Figure = shown !== null && shown in WORDS.attribution.figures ? (shown as Figure) : "revenue";
  const window = query.get("window") ?? undefined;
  const order: Order = { by: query.get("sort") ?? "last", isAscending: query.get("dir") === "asc" };
  const others = MODELS.filter((model) => model !== "last").join(",");
  const parameters = { group_by: grouping, model: "last", compare: others, window_days: window, start: range.start, end: range.end };
  const answer = useAnswer<AnswerOf<"/customers/attribution">>(toUrl("/customers/attribution", parameters));
  const data = answer.body?.data;
  const days = data?.windowDays;
  const windows = days === undefined || WINDOWS.includes(days) ? WINDOWS : [...WINDOWS, days].toSorted((a, b) => a - b);
  return (
    <div ref={within}>
      <h1>{WORDS.attribution.title}</h1>
      <p class="intro">
        {data ? WORDS.attribution.lead(WORDS.attribution.plural[grouping], money(data.totals.revenue, data.currency)) : WORDS.loading}
      </p>
      <div class="tools">
        <Segments
          label={WORDS.cohorts.grouping}
          names={WORDS.attribution.by}
          chosen={grouping}
          choose={(name) => setQuery({ group: name === "source" ? undefined : name })}
        />
        <Segments
          label={WORDS.ltv.figure}
          names={WORDS.attribution.figures}
          chosen={figure}
          choose={(name) => setQuery({ figure: name === "revenue" ? undefined : name })}
        />
        <span class="end">
          <span class="field">
            <label for="window">{WORDS.attribution.window}</label>
            <select id="window" value={String(days ?? "")} onChange={(event) => setQuery({ window: event.currentTarget.value })}>
              {windows.map((each) => (
                <option key={each} value={String(each)}>
                  {WORDS.attribution.days(each)}
                </option>
              ))}
            </select>
          </span>
          <ExportMenu
            name={`attribution-by-${grouping}`}
            within={within}
            csv={toUrl("/customers/attribution", { ...parameters, format: "csv" })}
          />
        </span>
      </div>
      <When answer={answer} rows={9}>
        {({ data: found }) =>
          found.rows.length === 0 ? (
            <p class="empty">{WORDS.overview.earners.none}</p>
          ) : (
            <AttributionTable data={found} figure={figure} order={order} />
          )
        }
      </When>
    </div>
  );
}

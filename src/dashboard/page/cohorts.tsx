// What became of the customers of each week, month, source or campaign? A table with every figure of the report.
import { useRef } from "preact/hooks";
import { setQuery, toHref, useAddress } from "./address.ts";
import type { AnswerOf, DataOf } from "./answers.ts";
import { toUrl } from "./api.ts";
import { Head, Menu, Name, type Order, Segments } from "./controls.tsx";
import { ExportMenu } from "./export-menu.tsx";
import { count, money, moneyColumn, percent, period } from "./format.ts";
import { addDays, customRange } from "./range.ts";
import { When } from "./state.tsx";
import { useAnswer } from "./use-answer.ts";
import { WORDS } from "./words.ts";
import { rangeToKeep, useRange, useWorkspace } from "./workspace.ts";

type Data = DataOf<"/customers/cohorts">;
type Row = Data["cohorts"][number];
type Figures = Data["totals"];
type Grouping = keyof typeof WORDS.cohorts.by;
export type Field = keyof typeof WORDS.cohorts.columns;
type Format = (value: number | null) => string;

const FIELDS = Object.keys(WORDS.cohorts.columns) as Field[];
const SHOWN: readonly Field[] = [
  "customers",
  "leads",
  "payingCustomers",
  "conversionRate",
  "sales",
  "revenue",
  "refunds",
  "averageOrderValue",
  "ltv",
  "repeatRate",
];
const RATES: readonly Field[] = ["conversionRate", "repeatRate"];
const COUNTS: readonly Field[] = ["customers", "leads", "payingCustomers", "sales", "repeatCustomers"];
const MONEY_SECTION: readonly Field[] = ["grossRevenue", "refunds", "revenue"];
/** The figure that is drawn as bars. */
const DRAWN: Field = "revenue";
const MOST_ROWS = 200;

const isSpan = (grouping: Grouping): grouping is "week" | "month" => grouping === "week" || grouping === "month";

/** How each figure is written: one format for a whole column. */
function toFormats({ cohorts, totals, currency }: Data): Readonly<Record<Field, Format>> {
  const of = (field: Field): Format => {
    if (COUNTS.includes(field)) return (value) => count(value);
    if (RATES.includes(field)) return (value) => percent(value);
    if (!MONEY_SECTION.includes(field)) return (value) => money(value, currency);
    return moneyColumn([...cohorts.map((row) => row[field]), totals[field]], currency);
  };
  return Object.fromEntries(FIELDS.map((field) => [field, of(field)])) as Record<Field, Format>;
}

function sorted({ cohorts }: Data, { by, isAscending }: Order): Row[] {
  const sign = isAscending ? 1 : -1;
  const value = (row: Row): number | string => (by === "cohort" ? row.cohort : ((row as Figures)[by as Field] ?? Number.NEGATIVE_INFINITY));
  return cohorts.toSorted((a, b) => {
    const [left, right] = [value(a), value(b)];
    return left === right ? 0 : sign * (left < right ? -1 : 1);
  });
}

/** Which of a cohort's people a figure counts, as filters of their list. */
const PEOPLE: Readonly<Partial<Record<Field, Readonly<Record<string, string>>>>> = {
  customers: {},
  leads: { lead: "true" },
  payingCustomers: { paying: "true" },
  repeatCustomers: { minSales: "2" },
};

/** The list of the people of a row: they have the same first touch, so the list shows exactly them. */
function toPeople(
  grouping: Grouping,
  row: Row,
  range: string,
  dayOf: (at: string) => string,
  which: Readonly<Record<string, string>> = {},
): string {
  if (!isSpan(grouping)) return toHref("/app/customers", { [grouping]: row.cohort, range: rangeToKeep(range), ...which });
  const [start, end] = [dayOf(String(row.start)), addDays(dayOf(String(row.end)), -1)];
  return toHref("/app/customers", { range: customRange(start, end), ...which });
}

interface TableProps {
  readonly data: Data;
  readonly grouping: Grouping;
  readonly fields: readonly Field[];
  readonly order: Order;
}

function CohortTable({ data, grouping, fields, order }: TableProps) {
  const { currency, dates, today } = useWorkspace();
  const { text } = useRange();
  const formats = toFormats(data);
  const largest = Math.max(0, ...data.cohorts.map((row) => row.revenue));
  const rows = sorted(data, order).slice(0, MOST_ROWS);
  const sort = ({ by, isAscending }: Order) => setQuery({ sort: by, dir: isAscending ? "asc" : "desc" }, { replace: true });
  const exact = (field: Field, value: number | null) => (MONEY_SECTION.includes(field) ? money(value, currency) : undefined);
  const peopleOf = (field: Field, row: Row | undefined) => {
    const which = PEOPLE[field];
    if (!which || (row && row[field] === 0)) return undefined;
    return row ? toPeople(grouping, row, text, dates.plain, which) : toHref("/app/customers", { range: rangeToKeep(text), ...which });
  };
  const linked = (href: string | undefined, shown: string) => (href === undefined ? shown : <a href={href}>{shown}</a>);
  const cells = (figures: Figures, row?: Row) =>
    fields.map((field) => (
      <td key={field} class="n" data-value={figures[field] ?? ""} title={exact(field, figures[field])}>
        {linked(peopleOf(field, row), formats[field](figures[field]))}
      </td>
    ));
  return (
    <>
      <section class="scroll" aria-label={WORDS.cohorts.title}>
        <table class="list">
          <caption class="hidden">{WORDS.cohorts.lead[grouping]}</caption>
          <thead>
            <tr>
              <Head name={WORDS.cohorts.by[grouping]} field="cohort" order={order} sort={sort} section="s6" kind="held" />
              {fields.map((field) => (
                <>
                  {field === DRAWN ? <td key="bar" class="bar" /> : null}
                  <Head
                    key={field}
                    name={WORDS.cohorts.columns[field]}
                    field={field}
                    order={order}
                    sort={sort}
                    section={MONEY_SECTION.includes(field) ? "s4" : "s7"}
                    isNumber
                  />
                </>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => {
              const isUnfinished = row.end !== null && dates.plain(row.end) > today;
              const name = isSpan(grouping) ? period(row.cohort) : row.cohort;
              const bar = (
                <td key="bar" class="bar">
                  <div
                    class={`rod ${isUnfinished ? "unfinished" : ""}`}
                    style={{ width: `${largest > 0 ? (Math.max(0, row.revenue) / largest) * 100 : 0}%` }}
                  />
                </td>
              );
              const all = cells(row, row);
              const place = fields.indexOf(DRAWN);
              return (
                <tr key={row.cohort}>
                  <th scope="row" class="held name" data-value={row.cohort}>
                    {row.customers > 0 ? <Name text={name} href={toPeople(grouping, row, text, dates.plain)} /> : <Name text={name} />}
                    {isUnfinished ? <span class="tag">{WORDS.soFar}</span> : null}
                  </th>
                  {place < 0 ? all : [...all.slice(0, place), bar, ...all.slice(place)]}
                </tr>
              );
            })}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row" class="held">
                {WORDS.all}
              </th>
              {cells(data.totals).map((cell, index) => (fields[index] === DRAWN ? [<td key="bar" class="bar" />, cell] : cell))}
            </tr>
          </tfoot>
        </table>
      </section>
      {data.cohorts.length > rows.length ? <p class="soft after">{WORDS.cohorts.more(rows.length, data.cohorts.length)}</p> : null}
    </>
  );
}

export function Cohorts() {
  const { query } = useAddress();
  const { range } = useRange();
  const within = useRef<HTMLDivElement>(null);
  const asked = query.get("group") as Grouping | null;
  const grouping: Grouping = asked !== null && asked in WORDS.cohorts.by ? asked : "month";
  const chosen = query.get("columns")?.split(",");
  const fields = chosen ? FIELDS.filter((field) => chosen.includes(field)) : SHOWN;
  const order: Order = { by: query.get("sort") ?? (isSpan(grouping) ? "cohort" : "revenue"), isAscending: query.get("dir") === "asc" };
  const parameters = { group_by: grouping, start: range.start, end: range.end };
  const answer = useAnswer<AnswerOf<"/customers/cohorts">>(toUrl("/customers/cohorts", parameters));
  const toggle = (field: Field) => {
    const next = FIELDS.filter((each) => (each === field ? !fields.includes(field) : fields.includes(each)));
    setQuery({ columns: next.join(",") }, { replace: true });
  };
  return (
    <div ref={within}>
      <h1>{WORDS.cohorts.title}</h1>
      <p class="intro">{WORDS.cohorts.lead[grouping]}</p>
      <div class="tools">
        <Segments
          label={WORDS.cohorts.grouping}
          names={WORDS.cohorts.by}
          chosen={grouping}
          choose={(name) => setQuery({ group: name === "month" ? undefined : name, sort: undefined, dir: undefined })}
        />
        <span class="end">
          <Menu label={WORDS.menu.columns}>
            {FIELDS.map((field) => (
              <label class="item" key={field}>
                <input type="checkbox" checked={fields.includes(field)} onChange={() => toggle(field)} />
                {WORDS.cohorts.columns[field]}
              </label>
            ))}
          </Menu>
          <ExportMenu name={`cohorts-by-${grouping}`} within={within} csv={toUrl("/customers/cohorts", { ...parameters, format: "csv" })} />
        </span>
      </div>
      <When answer={answer} rows={12}>
        {({ data }) =>
          data.cohorts.length === 0 ? (
            <p class="empty">{WORDS.cohorts.none}</p>
          ) : (
            <CohortTable data={data} grouping={data.groupBy as Grouping} fields={fields} order={order} />
          )
        }
      </When>
    </div>
  );
}

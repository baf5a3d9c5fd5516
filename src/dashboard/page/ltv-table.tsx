// The heat map: the same figures as the curves above it, month by month, each leading to the people behind it.
import { setQuery, toHref } from "./address.ts";
import { count, month } from "./format.ts";
import { heatScale } from "./heat.ts";
import { type Cell, type Cohort, type Data, type Figure, paybackOf, type Shown } from "./ltv-figure.ts";
import { addMonths, customRange, lastOfMonth } from "./range.ts";
import { WORDS } from "./words.ts";

const MOST_PICKS = 5;

interface TableProps {
  readonly data: Data;
  readonly shown: Shown;
  readonly name: string;
  readonly figure: Figure;
  readonly average: readonly (number | null)[];
  readonly picks: readonly string[];
  readonly finishedOnly: boolean;
  readonly cost: number | undefined;
  readonly axisWidth: number;
  readonly columnWidth: number;
  readonly lit: number | undefined;
}

/** The list of a cell's people, where the API has one: who bought in that period, or by then. */
function toPeople({ period, end }: Data, shown: Shown, cohort: Cohort, cell: Cell): string | undefined {
  const condition =
    shown === "retention"
      ? { activePeriod: String(cell.period) }
      : shown === "paying"
        ? { firstSaleWithin: String(cell.period) }
        : undefined;
  return condition && toHref("/app/customers", { month: cohort.cohort, ...condition, period, end, range: "all" });
}

function Value({
  props,
  cohort,
  cell,
  heat,
  isPayback,
}: {
  props: TableProps;
  cohort: Cohort;
  cell: Cell;
  heat: (value: number) => number;
  isPayback: boolean;
}) {
  const { data, shown, figure } = props;
  const value = figure.value(cell, cohort);
  if (value === null) return null;
  const isPartial = cell.status === "partial";
  const kind = `cell ${isPartial ? "unfinished" : `h${heat(value)}`} ${isPayback ? "paid" : ""}`;
  const title = [figure.whole(value), isPartial ? WORDS.soFar : "", isPayback ? WORDS.ltv.paidBack : ""]
    .filter((each) => each !== "")
    .join(", ");
  const href = toPeople(data, shown, cohort, cell);
  const text = (
    <>
      {figure.cell(value)}
      {isPartial ? <span class="hidden"> {WORDS.soFar}</span> : null}
      {isPayback ? <span class="hidden"> {WORDS.ltv.paidBack}</span> : null}
    </>
  );
  return href === undefined ? (
    <span class={kind} title={title}>
      {text}
    </span>
  ) : (
    <a class={kind} title={title} href={href}>
      {text}
    </a>
  );
}

function RowHead({ cohort, picks }: { readonly cohort: Cohort; readonly picks: readonly string[] }) {
  const place = picks.indexOf(cohort.cohort);
  const toggle = () => {
    const next = place >= 0 ? picks.filter((pick) => pick !== cohort.cohort) : [...picks, cohort.cohort].slice(-MOST_PICKS);
    setQuery({ pick: next.join(",") || "none" }, { replace: true });
  };
  const people = toHref("/app/customers", { range: customRange(`${cohort.cohort}-01`, lastOfMonth(`${cohort.cohort}-01`)) });
  return (
    <th scope="row" class="held" data-value={cohort.cohort}>
      <span class="row">
        <button type="button" class={`plain pick ${place >= 0 ? `c${place}` : ""}`} aria-pressed={place >= 0} onClick={toggle}>
          {month(cohort.cohort)}
        </button>
        {cohort.customers > 0 ? (
          <a class="soft" href={people} title={WORDS.cohorts.people(month(cohort.cohort))}>
            {count(cohort.customers)}
          </a>
        ) : (
          <span class="soft">0</span>
        )}
      </span>
    </th>
  );
}

export function LtvTable(props: TableProps) {
  const { data, shown, name, figure, average, picks, finishedOnly, cost, axisWidth, columnWidth, lit } = props;
  const heat = heatScale(data.cohorts.flatMap((cohort) => cohort.periods.map((cell) => figure.value(cell, cohort))));
  const hasAverage = average.some((value) => value !== null);
  return (
    <table class="heat" style={{ width: `${axisWidth + average.length * columnWidth}px` }}>
      <caption class="hidden">{WORDS.ltv.caption(name)}</caption>
      <colgroup>
        <col style={{ width: `${axisWidth}px` }} />
        {average.map((_, period) => (
          <col key={addMonths("2000-01-01", period)} style={{ width: `${columnWidth}px` }} />
        ))}
      </colgroup>
      <thead>
        <tr>
          <th scope="col" class="held">
            {WORDS.ltv.cohort}
          </th>
          {average.map((_, period) => (
            <th key={addMonths("2000-01-01", period)} scope="col" class={lit === period ? "lit" : ""}>
              <span class="hidden">{WORDS.range.month} </span>
              {period}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {data.cohorts.map((cohort) => {
          const payback = cost === undefined || shown !== "ltv" ? undefined : paybackOf(cohort, cost);
          return (
            <tr key={cohort.cohort}>
              <RowHead cohort={cohort} picks={picks} />
              {cohort.periods.map((cell) => {
                const value = figure.value(cell, cohort);
                const isShown = value !== null && !(finishedOnly && cell.status === "partial");
                return (
                  <td key={cell.period} class={lit === cell.period ? "lit" : ""} data-value={isShown ? value : ""}>
                    {isShown ? <Value props={props} cohort={cohort} cell={cell} heat={heat} isPayback={payback === cell.period} /> : null}
                  </td>
                );
              })}
            </tr>
          );
        })}
      </tbody>
      {hasAverage ? (
        <tfoot>
          <tr>
            <th scope="row" class="held">
              {WORDS.ltv.average}
            </th>
            {average.map((value, period) => (
              <td key={addMonths("2000-01-01", period)} data-value={value ?? ""}>
                {value === null ? "" : figure.cell(value)}
              </td>
            ))}
          </tr>
        </tfoot>
      ) : null}
    </table>
  );
}

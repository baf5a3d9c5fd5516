// What does a customer become worth, month by month? Curves over a heat map of the same numbers in the same columns.
import { useRef, useState } from "preact/hooks";
import { setQuery, useAddress } from "./address.ts";
import type { AnswerOf } from "./answers.ts";
import { toUrl } from "./api.ts";
import { Definition, Segments } from "./controls.tsx";
import { ExportMenu } from "./export-menu.tsx";
import { decimalsOf, money } from "./format.ts";
import { LtvChart } from "./ltv-chart.tsx";
import { type Data, median, paybackOf, type Shown, toAverage, toFigure, usualPicks } from "./ltv-figure.ts";
import { LtvTable } from "./ltv-table.tsx";
import { monthSpan } from "./range.ts";
import { When } from "./state.tsx";
import { useAnswer } from "./use-answer.ts";
import { useWidth } from "./use-width.ts";
import { WORDS } from "./words.ts";
import { useRange, useWorkspace } from "./workspace.ts";

const MOST_MONTHS = 60;
const AXIS_WIDTH = 132;
/** Where there is little room. */
const NARROW_AXIS_WIDTH = 122;
const NARROW = 600;
const LEAST_COLUMN = 58;

/** The width that there is for the columns of the months. */
function useColumnWidth(months: number) {
  const { frame, width } = useWidth();
  const axisWidth = width < NARROW ? NARROW_AXIS_WIDTH : AXIS_WIDTH;
  return { frame, axisWidth, columnWidth: Math.max(LEAST_COLUMN, Math.min(140, Math.floor((width - axisWidth) / months))) };
}

function Payback({ data, cost }: { readonly data: Data; readonly cost: number }) {
  const cohorts = data.cohorts.filter(({ customers }) => customers > 0);
  const paid = cohorts.map((cohort) => paybackOf(cohort, cost)).filter((each) => each !== undefined);
  return <> {WORDS.ltv.paysBack(money(cost, data.currency), paid.length, cohorts.length, median(paid))}</>;
}

/** What a new customer costs: it draws a line, and marks where each cohort has brought it in. */
function Cost({ text, currency }: { readonly text: string; readonly currency: string }) {
  return (
    <span class="field">
      <label for="cost">
        {WORDS.ltv.cost}, {currency}
      </label>
      <input
        id="cost"
        type="number"
        min="0"
        step={10 ** -decimalsOf(currency)}
        inputMode="decimal"
        placeholder="–"
        value={text}
        onInput={(event) => setQuery({ cost: event.currentTarget.value }, { replace: true })}
      />
    </span>
  );
}

interface BodyProps {
  readonly data: Data;
  readonly shown: Shown;
  readonly finishedOnly: boolean;
  readonly cost: number | undefined;
}

function Body({ data, shown, finishedOnly, cost }: BodyProps) {
  const { query } = useAddress();
  const { frame, axisWidth, columnWidth } = useColumnWidth(data.months);
  const [lit, light] = useState<number | undefined>();
  const figure = toFigure(shown, data);
  const average = toAverage(shown, data);
  const picks =
    query
      .get("pick")
      ?.split(",")
      .filter((pick) => data.cohorts.some(({ cohort }) => cohort === pick)) ?? usualPicks(data.cohorts);
  const name = WORDS.ltv.show[shown];
  const common = {
    name,
    average,
    figure,
    picks,
    finishedOnly,
    cost: shown === "ltv" ? cost : undefined,
    axisWidth,
    columnWidth,
    lit,
  };
  return (
    <>
      <section class="scroll" ref={frame} aria-label={name}>
        <LtvChart {...common} cohorts={data.cohorts} light={light} />
        <LtvTable {...common} data={data} shown={shown} />
      </section>
      <p class="soft after">
        {WORDS.ltv.months} · {WORDS.ltv.legend}
      </p>
    </>
  );
}

export function Ltv() {
  const { query } = useAddress();
  const { currency, today, months } = useWorkspace();
  const { range } = useRange();
  const within = useRef<HTMLDivElement>(null);
  const asked = query.get("show");
  const shown: Shown = asked !== null && asked in WORDS.ltv.show ? (asked as Shown) : "ltv";
  const period = query.get("period") === "elapsed" ? "elapsed" : "calendar";
  const finishedOnly = query.get("finished") === "true";
  const costText = query.get("cost") ?? "";
  const cost = Number(costText) > 0 ? Number(costText) : undefined;
  const first = months.cohorts[0]?.cohort;
  const span = monthSpan(range, today);
  const own = first === undefined ? 1 : (monthSpan({ start: `${first}-01`, end: `${span.end}-01` }, today).months ?? 1);
  const wanted = Math.max(1, Math.min(span.months ?? own, own));
  const parameters = { months: Math.min(wanted, MOST_MONTHS), end: span.end < today.slice(0, 7) ? span.end : undefined, period };
  const answer = useAnswer<AnswerOf<"/customers/ltv-cohorts">>(toUrl("/customers/ltv-cohorts", parameters));

  return (
    <div ref={within}>
      <div class="head">
        <div>
          <h1>
            {WORDS.ltv.title}
            <Definition name={WORDS.ltv.title} section="s8" />
          </h1>
          <p class="intro">
            {WORDS.ltv.lead[shown]} {WORDS.ltv.meaning[period]}
            {cost !== undefined && shown === "ltv" && answer.body ? <Payback data={answer.body.data} cost={cost} /> : null}
          </p>
        </div>
        <span class="end">
          {shown === "ltv" ? <Cost text={costText} currency={currency} /> : null}
          <ExportMenu
            name={`ltv-${shown}-${period}`}
            within={within}
            csv={toUrl("/customers/ltv-cohorts", { ...parameters, format: "csv" })}
            hasChart
          />
        </span>
      </div>
      <div class="tools">
        <Segments
          label={WORDS.ltv.figure}
          names={WORDS.ltv.show}
          chosen={shown}
          choose={(name) => setQuery({ show: name === "ltv" ? undefined : name })}
        />
        <Segments
          label={WORDS.ltv.periods}
          names={WORDS.ltv.period}
          chosen={period}
          choose={(name) => setQuery({ period: name === "calendar" ? undefined : name })}
        />
        <label class="check">
          <input
            type="checkbox"
            checked={finishedOnly}
            onChange={() => setQuery({ finished: finishedOnly ? undefined : "true" }, { replace: true })}
          />
          {WORDS.ltv.finished}
        </label>
      </div>
      {wanted > MOST_MONTHS ? <p class="soft">{WORDS.ltv.cut(MOST_MONTHS)}</p> : null}
      <When answer={answer}>
        {({ data }) =>
          data.cohorts.every(({ customers }) => customers === 0) ? (
            <p class="empty">{WORDS.ltv.none}</p>
          ) : (
            <Body data={data} shown={shown} finishedOnly={finishedOnly} cost={cost} />
          )
        }
      </When>
    </div>
  );
}

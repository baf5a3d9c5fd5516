// The curves: one for each month of first touch, straight above the columns of their table.
import { line } from "d3-shape";
import { useState } from "preact/hooks";
import { month as monthName } from "./format.ts";
import type { Cohort, Figure } from "./ltv-figure.ts";
import { openScale } from "./scale.ts";
import { WORDS } from "./words.ts";

const HEIGHT = 260;
const TOP = 12;
const BOTTOM = 8;
/** What the name of a curve takes. */
const LABEL_WIDTH = 62;
const LABEL_HEIGHT = 15;

interface Point {
  readonly period: number;
  readonly value: number;
  readonly isPartial: boolean;
}

interface ChartProps {
  readonly name: string;
  readonly cohorts: readonly Cohort[];
  readonly average: readonly (number | null)[];
  readonly figure: Figure;
  /** The chosen cohorts, in the order of their colours. */
  readonly picks: readonly string[];
  readonly finishedOnly: boolean;
  readonly cost: number | undefined;
  readonly axisWidth: number;
  readonly columnWidth: number;
  readonly lit: number | undefined;
  readonly light: (period: number | undefined) => void;
}

function toPoints(cohort: Cohort, figure: Figure, finishedOnly: boolean): Point[] {
  return cohort.periods.flatMap((cell) => {
    const value = figure.value(cell, cohort);
    return value === null || (finishedOnly && cell.status === "partial")
      ? []
      : [{ period: cell.period, value, isPartial: cell.status === "partial" }];
  });
}

/** Names at the ends of curves, moved apart where they would cover each other. */
function placeLabels<Label extends { readonly x: number; readonly y: number }>(labels: readonly Label[]): Label[] {
  const placed: Label[] = [];
  for (const label of labels.toSorted((a, b) => a.y - b.y)) {
    let { y } = label;
    for (const other of placed) if (Math.abs(other.x - label.x) < LABEL_WIDTH + 8 && y < other.y + LABEL_HEIGHT) y = other.y + LABEL_HEIGHT;
    placed.push({ ...label, y });
  }
  return placed;
}

export function LtvChart(props: ChartProps) {
  const { name, cohorts, average, figure, picks, finishedOnly, cost, axisWidth, columnWidth, lit, light } = props;
  const [isFocused, setFocused] = useState(false);
  const months = average.length;
  const width = months * columnWidth;
  const curves = cohorts
    .filter(({ customers }) => customers > 0)
    .map((cohort) => ({ cohort: cohort.cohort, points: toPoints(cohort, figure, finishedOnly) }));
  const averages = average.flatMap((value, period) => (value === null ? [] : [{ period, value, isPartial: false }]));
  const values = [...curves.flatMap(({ points }) => points.map(({ value }) => value)), ...(cost === undefined ? [] : [cost])];
  const y = openScale([Math.min(0, ...values), Math.max(0, ...values) || 1], [HEIGHT - BOTTOM, TOP], 4);
  const x = (period: number) => (period + 0.5) * columnWidth;
  const draw = line<Point>(
    ({ period }) => x(period),
    ({ value }) => y(value),
  );
  const colourOf = (cohort: string) => (picks.includes(cohort) ? `c${picks.indexOf(cohort)}` : "");
  const labels = placeLabels(
    [
      ...curves
        .filter(({ cohort }) => picks.includes(cohort))
        .map(({ cohort, points }) => ({ text: monthName(cohort), kind: colourOf(cohort), last: points.at(-1) })),
      { text: WORDS.ltv.average, kind: "strong", last: averages.at(-1) },
    ].flatMap(({ text, kind, last }) =>
      last
        ? [
            {
              text,
              kind,
              x: Math.min(x(last.period) + 8, width - LABEL_WIDTH),
              y: y(last.value) + (x(last.period) + 8 > width - LABEL_WIDTH ? -8 : 4),
            },
          ]
        : [],
    ),
  );
  const move = (step: number) => light(Math.min(months - 1, Math.max(0, (lit ?? (step > 0 ? -1 : months)) + step)));
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    move(step);
  };
  const ordered = curves.toSorted((a, b) => Number(picks.includes(a.cohort)) - Number(picks.includes(b.cohort)));

  return (
    <div
      class="chart curves"
      role="slider"
      aria-label={WORDS.ltv.chart(name)}
      aria-valuemin={0}
      aria-valuemax={months - 1}
      aria-valuenow={lit ?? 0}
      aria-valuetext={lit === undefined ? undefined : sayMonth(props, lit)}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onFocus={() => setFocused(true)}
      onBlur={() => {
        setFocused(false);
        light(undefined);
      }}
    >
      <svg class="axis" width={axisWidth} height={HEIGHT} aria-hidden="true">
        {y.ticks(4).map((tick) => (
          <text key={tick} x={axisWidth - 12} y={y(tick) + 4} text-anchor="end">
            {figure.axis(tick)}
          </text>
        ))}
      </svg>
      <svg
        class="drawing"
        width={width}
        height={HEIGHT}
        aria-hidden="true"
        onPointerMove={(event) => light(Math.min(months - 1, Math.max(0, Math.floor(event.offsetX / columnWidth))))}
        onPointerLeave={() => (isFocused ? undefined : light(undefined))}
      >
        {y.ticks(4).map((tick) => (
          <line key={tick} class="grid" x1={0} x2={width} y1={y(tick)} y2={y(tick)} />
        ))}
        {lit === undefined ? null : <line class="cursor" x1={x(lit)} x2={x(lit)} y1={TOP} y2={HEIGHT - BOTTOM} />}
        {ordered.map(({ cohort, points }) => {
          const solid = points.filter(({ isPartial }) => !isPartial);
          const dashed = points.slice(Math.max(0, solid.length - 1));
          const kind = `curve ${colourOf(cohort)} ${picks.includes(cohort) ? "chosen" : ""}`;
          return (
            <g key={cohort}>
              <path class={kind} d={draw(solid) ?? ""} />
              {dashed.length > solid.length - Math.max(0, solid.length - 1) ? (
                <path class={`${kind} partial`} d={draw(dashed) ?? ""} />
              ) : null}
              {points.length === 1 ? (
                <circle class={`${kind} partial`} cx={x(points[0]?.period ?? 0)} cy={y(points[0]?.value ?? 0)} r={2.5} />
              ) : null}
            </g>
          );
        })}
        <path class="curve average" d={draw(averages) ?? ""} />
        {cost === undefined ? null : (
          <>
            <line class="cost" x1={0} x2={width} y1={y(cost)} y2={y(cost)} />
            <text class="cost halo" x={width - 4} y={y(cost) - 6} text-anchor="end">
              {WORDS.ltv.costLine(figure.whole(cost))}
            </text>
          </>
        )}
        {labels.map((label) => (
          <text key={label.text} class={`halo ${label.kind}`} x={label.x} y={label.y}>
            {label.text}
          </text>
        ))}
      </svg>
      {lit === undefined ? null : <Tip {...props} lit={lit} left={axisWidth + x(lit)} isRight={lit > months / 2} />}
    </div>
  );
}

/** Every curve's value at a month, the chosen ones first. */
function valuesAt({ cohorts, average, figure, picks, finishedOnly }: ChartProps, period: number) {
  const rows = cohorts.flatMap((cohort) => {
    const point = toPoints(cohort, figure, finishedOnly).find((each) => each.period === period);
    return point ? [{ name: cohort.cohort, ...point }] : [];
  });
  const chosen = picks.flatMap((pick) => rows.find(({ name }) => name === pick) ?? []);
  const others = rows.filter(({ name }) => !picks.includes(name)).map(({ value }) => value);
  return { chosen, others, average: average[period] ?? null };
}

function sayMonth(props: ChartProps, period: number): string {
  const { chosen, average } = valuesAt(props, period);
  const said = chosen.map(({ name, value }) => `${monthName(name)} ${props.figure.whole(value)}`);
  const all = average === null ? said : [`${WORDS.ltv.average} ${props.figure.whole(average)}`, ...said];
  return `${WORDS.ltv.atMonth(period)}: ${all.join(", ")}`;
}

function Tip(props: ChartProps & { readonly lit: number; readonly left: number; readonly isRight: boolean }) {
  const { figure, lit, left, isRight } = props;
  const { chosen, others, average } = valuesAt(props, lit);
  const [least, most] = [Math.min(...others), Math.max(...others)];
  return (
    <div class="tip" style={{ left: `${left + (isRight ? -12 : 12)}px`, top: "8px", transform: isRight ? "translateX(-100%)" : "none" }}>
      <b>{WORDS.ltv.atMonth(lit)}</b>
      <dl>
        {average === null ? null : <Said name={WORDS.ltv.average} value={figure.whole(average)} />}
        {chosen.map(({ name, value, isPartial }) => (
          <Said key={name} name={`${monthName(name)}${isPartial ? ` ${WORDS.soFar}` : ""}`} value={figure.whole(value)} />
        ))}
        {others.length === 0 ? null : (
          <Said name={WORDS.ltv.others} value={least === most ? figure.whole(least) : `${figure.whole(least)} – ${figure.whole(most)}`} />
        )}
      </dl>
    </div>
  );
}

function Said({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

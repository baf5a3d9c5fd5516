// How much was sold in each period, by first sales and by repeat sales? Stacked bars; a period that is not over is striped.
import { useState } from "preact/hooks";
import type { DataOf } from "./answers.ts";
import { money, period as periodName, shortMoney, shortPeriod } from "./format.ts";
import { openScale, openSlots } from "./scale.ts";
import { useWidth } from "./use-width.ts";
import { WORDS } from "./words.ts";

export type Revenue = DataOf<"/customers/revenue">;
export type Period = Revenue["periods"][number];

const HEIGHT = 236;
const TOP = 10;
const BOTTOM = 26;
const LEFT = 52;
/** A few bars are no blocks. */
const WIDEST_BAR = 72;

interface ChartProps {
  readonly data: Revenue;
  readonly isUnfinished: (period: Period) => boolean;
}

const LETTER = 6.6;

/** Which names have room below the bars: every one, or every so many, counted from the last, which may be longer than the others. */
function isNamed(index: number, names: readonly string[], width: number, longest: number): boolean {
  const [bar, fromEnd] = [width / names.length, names.length - 1 - index];
  const last = (names.at(-1)?.length ?? 0) * LETTER;
  const step = Math.ceil((longest * LETTER + 12) / bar);
  return fromEnd % step === 0 && (fromEnd === 0 || fromEnd * bar > last / 2 + (longest * LETTER) / 2 + 8 + Math.max(0, last / 2 - bar / 2));
}

export function RevenueChart({ data, isUnfinished }: ChartProps) {
  const { frame, width } = useWidth();
  const [lit, light] = useState<number | undefined>();
  const { periods, currency } = data;
  const x = openSlots(periods.length, [LEFT, width], periods.length > 40 ? 0.15 : 0.4);
  const y = openScale([0, Math.max(1, ...periods.map(({ grossRevenue }) => grossRevenue))], [HEIGHT - BOTTOM, TOP], 6);
  const names = periods.map((each) => `${shortPeriod(each.period)}${isUnfinished(each) ? ` ${WORDS.soFar}` : ""}`);
  const longest = Math.max(0, ...periods.map(({ period }) => shortPeriod(period).length));
  const shown = lit === undefined ? undefined : periods[lit];
  const height = (value: number) => Math.max(0, y(0) - y(value));
  return (
    <figure class="chart" ref={frame}>
      <figcaption class="hidden">{WORDS.overview.chart}</figcaption>
      {width === 0 ? (
        <div style={{ height: `${HEIGHT}px` }} />
      ) : (
        <svg class="drawing" width={width} height={HEIGHT} aria-hidden="true" onPointerLeave={() => light(undefined)}>
          <defs>
            {["first", "repeat"].map((part) => (
              <pattern key={part} id={`stripes-${part}`} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <rect class={part} width="3.5" height="6" />
              </pattern>
            ))}
          </defs>
          {y.ticks(3).map((tick) => (
            <g key={tick}>
              <line class="grid" x1={LEFT} x2={width} y1={y(tick)} y2={y(tick)} />
              <text x={LEFT - 10} y={y(tick) + 4} text-anchor="end">
                {shortMoney(tick, currency)}
              </text>
            </g>
          ))}
          {periods.map((each, index) => {
            const barWidth = Math.min(WIDEST_BAR, x.width);
            const slot = x.left(index);
            const left = slot + (x.width - barWidth) / 2;
            const stripes = isUnfinished(each);
            const first = height(each.firstSaleRevenue);
            const repeat = height(each.repeatRevenue);
            return (
              <g key={each.period} onPointerEnter={() => light(index)}>
                <rect
                  x={slot - (x.step - x.width) / 2}
                  y={0}
                  width={x.step}
                  height={HEIGHT}
                  fill={index === lit ? "var(--wash)" : "transparent"}
                />
                <rect
                  class="first"
                  x={left}
                  y={y(0) - first}
                  width={barWidth}
                  height={first}
                  style={stripes ? { fill: "url(#stripes-first)" } : {}}
                />
                <rect
                  class="repeat"
                  x={left}
                  y={y(0) - first - repeat}
                  width={barWidth}
                  height={repeat}
                  style={stripes ? { fill: "url(#stripes-repeat)" } : {}}
                />
                {isNamed(index, names, width - LEFT, longest) ? (
                  <text x={Math.min(left + barWidth / 2, width - (names[index] ?? "").length * 3.3)} y={HEIGHT - 6} text-anchor="middle">
                    {names[index]}
                  </text>
                ) : null}
              </g>
            );
          })}
        </svg>
      )}
      {shown && lit !== undefined ? (
        <div
          class="tip"
          style={{
            left: `${x.left(lit) + x.width / 2}px`,
            top: "0",
            transform: `translate(${lit > periods.length / 2 ? "calc(-100% - 16px)" : "16px"}, 8px)`,
          }}
        >
          <b>{periodName(shown.period)}</b> {isUnfinished(shown) ? WORDS.soFar : ""}
          <dl>
            {(["firstSaleRevenue", "repeatRevenue", "grossRevenue", "refunds", "revenue"] as const).map((field) => (
              <div key={field}>
                <dt>{WORDS.overview.fields[field]}</dt>
                <dd>{money(field === "refunds" ? -shown[field] : shown[field], currency)}</dd>
              </div>
            ))}
          </dl>
        </div>
      ) : null}
    </figure>
  );
}

/** The same numbers as a table. */
export function RevenueTable({ data, isUnfinished }: ChartProps) {
  const { periods, totals, currency } = data;
  const fields = [
    "newCustomers",
    "newPayingCustomers",
    "sales",
    "firstSaleRevenue",
    "repeatRevenue",
    "grossRevenue",
    "refunds",
    "revenue",
  ] as const;
  const isCount = (field: (typeof fields)[number]) => field === "newCustomers" || field === "newPayingCustomers" || field === "sales";
  const cells = (figures: Revenue["totals"]) =>
    fields.map((field) => (
      <td key={field} class="n" data-value={figures[field]}>
        {isCount(field) ? figures[field].toLocaleString("en-US") : money(figures[field], currency)}
      </td>
    ));
  return (
    <table class="list">
      <caption class="hidden">{WORDS.overview.chart}</caption>
      <thead>
        <tr>
          <th scope="col" class="held">
            {WORDS.overview.period}
          </th>
          {fields.map((field) => (
            <th key={field} scope="col" class="n">
              {WORDS.overview.fields[field]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {periods.map((each) => (
          <tr key={each.period}>
            <th scope="row" class="held" data-value={each.period}>
              {periodName(each.period)}
              {isUnfinished(each) ? <span class="tag">{WORDS.soFar}</span> : null}
            </th>
            {cells(each)}
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row" class="held">
            {WORDS.all}
          </th>
          {cells(totals)}
        </tr>
      </tfoot>
    </table>
  );
}

// How did a customer's value grow? Steps over time, one for each sale and refund.
import { area, curveStepAfter, line } from "d3-shape";
import { shortMoney } from "./format.ts";
import { openScale } from "./scale.ts";
import { useWidth } from "./use-width.ts";
import { WORDS } from "./words.ts";
import { useWorkspace } from "./workspace.ts";

const HEIGHT = 120;
const LEFT = 52;
const BOTTOM = 22;
const TOP = 8;
/** At most one label for so many pixels. */
const LABEL_WIDTH = 64;

export interface Worth {
  readonly at: number;
  readonly value: number;
}

/** The firsts of months between two instants, in the workspace's zone, thinned to what has room. */
function monthTicks(from: number, to: number, width: number, plain: (at: number) => string): { at: number; key: string }[] {
  const DAY = 86_400_000;
  const ticks: { at: number; key: string }[] = [];
  for (let at = from; at <= to; at += DAY) {
    const day = plain(at);
    if (day.endsWith("-01")) ticks.push({ at, key: day });
  }
  const step = Math.ceil(ticks.length / Math.max(1, Math.floor(width / LABEL_WIDTH)));
  return ticks.filter((_, index) => index % step === 0);
}

export function WorthChart({ steps, until }: { readonly steps: readonly Worth[]; readonly until: number }) {
  const { currency, dates } = useWorkspace();
  const { frame, width } = useWidth();
  const first = steps[0]?.at ?? until;
  const x = openScale([first, Math.max(until, first + 1)], [LEFT, width - 6]);
  const y = openScale(
    [Math.min(0, ...steps.map(({ value }) => value)), Math.max(0, ...steps.map(({ value }) => value)) || 1],
    [HEIGHT - BOTTOM, TOP],
    2,
  );
  const last = steps.at(-1);
  const points = last ? [...steps, { at: Math.max(until, last.at), value: last.value }] : [];
  const path = line<Worth>(
    ({ at }) => x(at),
    ({ value }) => y(value),
  ).curve(curveStepAfter);
  const under = area<Worth>(
    ({ at }) => x(at),
    y(0),
    ({ value }) => y(value),
  ).curve(curveStepAfter);
  return (
    <figure class="chart" ref={frame}>
      <figcaption class="hidden">{WORDS.customer.chart}</figcaption>
      {width === 0 ? null : (
        <svg class="drawing" width={width} height={HEIGHT} aria-hidden="true">
          {y.ticks(2).map((tick) => (
            <g key={tick}>
              <line class="grid" x1={LEFT} x2={width} y1={y(tick)} y2={y(tick)} />
              <text x={LEFT - 10} y={y(tick) + 4} text-anchor="end">
                {shortMoney(tick, currency)}
              </text>
            </g>
          ))}
          {monthTicks(first, until, width - LEFT, dates.plain).map(({ at, key }) => (
            <text key={key} x={x(at)} y={HEIGHT - 4} text-anchor={x(at) > width - 30 ? "end" : "middle"}>
              {dates.day(at).replace(/^\S+ (\S+) .*$/, "$1")}
            </text>
          ))}
          <path class="under" d={under(points) ?? ""} />
          <path class="step" d={path(points) ?? ""} />
          {steps.map(({ at, value }) => (
            <circle key={`${at} ${value}`} class="dot" cx={x(at)} cy={y(value)} r={3} />
          ))}
        </svg>
      )}
    </figure>
  );
}

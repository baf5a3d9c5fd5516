// What do the five figures at the top say? Each against the range before, with a small line of how it went.
import { area, line } from "d3-shape";
import { BASE } from "./address.ts";
import { change, percent } from "./format.ts";
import { WORDS } from "./words.ts";

const WIDTH = 200;
const HEIGHT = 30;
/** A text of more letters is written smaller. */
const LONG = 11;
/** A change below this is none. */
const LEAST_CHANGE = 0.0005;

export interface FigureProps {
  readonly name: string;
  readonly text: string;
  readonly value: number | null;
  readonly section: string;
  /** The same figure of the range before; undefined: there is none to compare with. */
  readonly before: number | null | undefined;
  /** What the range before is called; undefined for all time. */
  readonly beforeName: string | undefined;
  /** The difference is in points of a hundred, as of shares. */
  readonly isShare?: boolean;
  /** By period, the last one left out if it is not over. */
  readonly trend: readonly number[];
  /** What the line shows, if not the figure itself. */
  readonly trendName?: string;
  readonly href?: string | undefined;
  readonly note?: string | undefined;
  readonly noteHref?: string | undefined;
}

function Spark({ values, name }: { readonly values: readonly number[]; readonly name: string }) {
  if (values.length < 2) return <span class="spark" />;
  const most = Math.max(...values, 0);
  const least = Math.min(...values, 0);
  const x = (index: number) => (index / (values.length - 1)) * WIDTH;
  const y = (value: number) => (most === least ? HEIGHT : HEIGHT - ((value - least) / (most - least)) * (HEIGHT - 4));
  const draw = line<number>(
    (_, index) => x(index),
    (value) => y(value),
  );
  const under = area<number>(
    (_, index) => x(index),
    HEIGHT,
    (value) => y(value),
  );
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={WORDS.figure.trend(name)}>
      <path class="area" d={under(values) ?? ""} />
      <path class="line" d={draw(values) ?? ""} vector-effect="non-scaling-stroke" />
    </svg>
  );
}

function Change({ value, before, beforeName, isShare = false }: FigureProps) {
  if (beforeName === undefined || before === undefined) return null;
  if (value === null || before === null || (!isShare && before <= 0)) return <dd class="change">{WORDS.figure.unequal(beforeName)}</dd>;
  const difference = isShare ? value - before : (value - before) / before;
  const size = isShare ? WORDS.figure.points(percent(Math.abs(difference)).replace("%", "")) : change(difference);
  const isNone = Math.abs(difference) < LEAST_CHANGE;
  return (
    <dd class={`change ${isNone ? "" : difference > 0 ? "up" : "down"}`}>
      {isNone ? (
        WORDS.figure.same
      ) : (
        <b>
          <span aria-hidden="true">{difference > 0 ? "↑" : "↓"} </span>
          <span class="hidden">{difference > 0 ? WORDS.figure.up : WORDS.figure.down} </span>
          {size}
        </b>
      )}{" "}
      {WORDS.figure.versus(beforeName)}
    </dd>
  );
}

export function FigureBox(props: FigureProps) {
  const { name, text, value, section, trend, trendName, href, note, noteHref } = props;
  return (
    <div>
      <dt>
        <a href={`${BASE}/docs/definitions#${section}`} title={WORDS.definition(name)}>
          {name}
        </a>
      </dt>
      <dd class={`big ${text.length > LONG ? "long" : ""}`} data-figure={name} data-value={value ?? ""}>
        {href === undefined ? text : <a href={href}>{text}</a>}
      </dd>
      <Change {...props} />
      <dd>
        <Spark values={trend} name={trendName ?? name} />
        {note === undefined ? null : <span class="change">{noteHref === undefined ? note : <a href={noteHref}>{note}</a>}</span>}
      </dd>
    </div>
  );
}

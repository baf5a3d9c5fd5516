// How does a visitor choose a range? From presets, as a month, or by two days. It is kept from screen to screen.
import { useState } from "preact/hooks";
import { setQuery } from "./address.ts";
import { Item, Menu } from "./controls.tsx";
import { addDays, customRange, DEFAULT_RANGE, lastOfMonth, PRESETS, rangeDates, rangeName } from "./range.ts";
import { WORDS } from "./words.ts";
import { rangeToKeep, useRange, useWorkspace } from "./workspace.ts";

export function RangePicker() {
  const { today, months } = useWorkspace();
  const { text, range } = useRange();
  const first = months.cohorts[0]?.cohort ?? today.slice(0, 7);
  const [start, setStart] = useState(range.start ?? `${first}-01`);
  const [end, setEnd] = useState(range.end ?? today);
  const choose = (chosen: string) => setQuery({ range: rangeToKeep(chosen), cursor: undefined });
  const chooseMonth = (month: string) => choose(customRange(`${month}-01`, lastOfMonth(`${month}-01`)));
  const said = rangeDates(range, today);
  const isMonth =
    range.start !== undefined &&
    range.end !== undefined &&
    customRange(range.start, range.end) === text &&
    lastOfMonth(range.start) === range.end;

  return (
    <Menu
      kind="range"
      label={
        <span>
          <span class="hidden">{WORDS.range.label}: </span>
          <b>{rangeName(text)}</b>
          {said === "" ? null : <span class="soft dates-said"> · {said}</span>}
        </span>
      }
    >
      {PRESETS.map(([name, label]) => (
        <Item key={name} isChosen={name === text || (name === DEFAULT_RANGE && text === "")} choose={() => choose(name)}>
          {label}
        </Item>
      ))}
      <hr />
      <div class="dates">
        <label for="range-month">{WORDS.range.month}</label>
        <span class="field">
          <select
            id="range-month"
            value={isMonth ? range.start?.slice(0, 7) : ""}
            onChange={(event) => chooseMonth(event.currentTarget.value)}
          >
            <option value="" disabled>
              –
            </option>
            {months.cohorts.toReversed().map(({ cohort }) => (
              <option key={cohort} value={cohort}>
                {rangeDates({ start: `${cohort}-01`, end: lastOfMonth(`${cohort}-01`) }, today)}
              </option>
            ))}
          </select>
        </span>
        <label for="range-from">{WORDS.range.from}</label>
        <span class="field">
          <input
            id="range-from"
            type="date"
            value={start}
            max={addDays(today, 366)}
            onInput={(event) => setStart(event.currentTarget.value)}
          />
        </span>
        <label for="range-to">{WORDS.range.to}</label>
        <span class="field">
          <input id="range-to" type="date" value={end} max={addDays(today, 366)} onInput={(event) => setEnd(event.currentTarget.value)} />
        </span>
        <button
          type="button"
          class="button strong"
          data-closes
          disabled={start === "" || end === "" || start > end}
          onClick={() => choose(customRange(start, end))}
        >
          {WORDS.range.show}
        </button>
      </div>
    </Menu>
  );
}

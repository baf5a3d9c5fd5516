// Which customers are listed? The filters are the API's own parameters, in the URL under the same names.
import { useEffect, useRef, useState } from "preact/hooks";
import { setQuery, useAddress } from "./address.ts";
import type { AnswerOf } from "./answers.ts";
import { toUrl } from "./api.ts";
import { Menu } from "./controls.tsx";
import { month, period, plainDay } from "./format.ts";
import { addDays, type Range } from "./range.ts";
import { useAnswer } from "./use-answer.ts";
import { WORDS } from "./words.ts";
import { useWorkspace } from "./workspace.ts";

/** The filters with a control or a chip. */
const FILTERS = [
  ...[
    "search",
    "source",
    "campaign",
    "paying",
    "minSales",
    "lastSeenBefore",
    "lastSeenAfter",
    "lastSaleAfter",
    "lastSaleBefore",
    "firstSaleAfter",
    "firstSaleBefore",
    "minLtv",
    "maxLtv",
    "lead",
  ],
  ...["month", "week", "activeIn", "activePeriod", "firstSaleWithin"],
] as const;
/** They change what other filters mean, and go with them. */
const BESIDE = ["period", "end"] as const;
const QUIET_DAYS = [30, 60, 90, 180, 365];
/** Typing asks after this pause. */
const PAUSE_MS = 250;

/** The parameters of the list that stand in the URL, with the range as one of first touches. */
export function toFilters(query: URLSearchParams, range: Range): Record<string, string | undefined> {
  const given = [...FILTERS, ...BESIDE].map((name): [string, string | undefined] => [name, query.get(name) ?? undefined]);
  const before = range.end === undefined ? undefined : addDays(range.end, 1);
  return { ...Object.fromEntries(given), firstTouchAfter: range.start, firstTouchBefore: before };
}

export const hasFilters = (query: URLSearchParams): boolean => FILTERS.some((name) => query.has(name));

/** Sets filters, from the first page on. */
const filter = (values: Readonly<Record<string, string | undefined>>, replace = false) =>
  setQuery({ ...values, cursor: undefined }, { replace });

export const clearFilters = () => filter(Object.fromEntries([...FILTERS, ...BESIDE].map((name) => [name, undefined])));

/** A field that asks once the typing pauses. */
function Typed({ name, label, kind, hidden = false }: { name: string; label: string; kind: "search" | "number"; hidden?: boolean }) {
  const { query } = useAddress();
  const value = query.get(name) ?? "";
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setText(value), [value]);
  const type = (typed: string) => {
    setText(typed);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => filter({ [name]: typed.trim() === "" ? undefined : typed.trim() }, true), PAUSE_MS);
  };
  const onInput = (event: { readonly currentTarget: HTMLInputElement }) => type(event.currentTarget.value);
  return (
    <span class="field">
      <label class={hidden ? "hidden" : ""} for={`filter-${name}`}>
        {label}
      </label>
      {kind === "search" ? (
        <input id={`filter-${name}`} type="search" placeholder={label} value={text} size={18} onInput={onInput} />
      ) : (
        <input id={`filter-${name}`} type="number" step="any" placeholder="–" value={text} onInput={onInput} />
      )}
    </span>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly choose: (value: string) => void;
}

function Choice({ label, value, options, choose }: ChoiceProps) {
  return (
    <label class="field">
      <span class="hidden">{label}</span>
      <select value={value} onChange={(event) => choose(event.currentTarget.value)}>
        {options.map(([name, text]) => (
          <option key={name} value={name}>
            {text.length > 40 ? `${text.slice(0, 39)}…` : text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The sources or campaigns that there are, and the one that is asked for, known or not. */
function Keys({ grouping, label }: { readonly grouping: "source" | "campaign"; readonly label: string }) {
  const { query } = useAddress();
  const answer = useAnswer<AnswerOf<"/customers/cohorts">>(toUrl("/customers/cohorts", { group_by: grouping, limit: 200 }));
  const value = query.get(grouping) ?? "";
  const known = answer.body?.data.cohorts.map(({ cohort }) => cohort) ?? [];
  const keys = value === "" || known.includes(value) ? known : [value, ...known];
  const options = [["", WORDS.customers.anyOf[grouping]] as const, ...keys.map((key) => [key, key] as const)];
  return <Choice label={label} value={value} options={options} choose={(key) => filter({ [grouping]: key || undefined })} />;
}

function Paying() {
  const { query } = useAddress();
  const words = WORDS.customers.paying;
  const value = query.get("minSales") === "2" ? "repeat" : (query.get("paying") ?? "");
  const choose = (chosen: string) =>
    filter({ paying: chosen === "repeat" || chosen === "" ? undefined : chosen, minSales: chosen === "repeat" ? "2" : undefined });
  return (
    <Choice
      label={words.label}
      value={value}
      choose={choose}
      options={[
        ["", WORDS.customers.paying.any],
        ["true", words.yes],
        ["repeat", words.repeat],
        ["false", words.no],
      ]}
    />
  );
}

function Quiet() {
  const { query } = useAddress();
  const { today } = useWorkspace();
  const value = query.get("lastSeenBefore") ?? "";
  const days = QUIET_DAYS.map((each) => [addDays(today, -each), WORDS.customers.quiet.days(each)] as const);
  const own = value === "" || days.some(([day]) => day === value) ? [] : [[value, value.length === 10 ? plainDay(value) : value] as const];
  return (
    <Choice
      label={WORDS.customers.quiet.label}
      value={value}
      options={[["", WORDS.customers.quiet.any], ...own, ...days]}
      choose={(day) => filter({ lastSeenBefore: day || undefined })}
    />
  );
}

function BoughtIn() {
  const { query } = useAddress();
  const { months } = useWorkspace();
  const options = months.cohorts.toReversed().map(({ cohort }) => [cohort, month(cohort)] as const);
  return (
    <Choice
      label={WORDS.customers.behind.activeIn}
      value={query.get("activeIn") ?? ""}
      options={[["", WORDS.customers.boughtAny], ...options]}
      choose={(key) => filter({ activeIn: key || undefined })}
    />
  );
}

/** The days between which the last sale lies: the first of them is in, the last one out. */
function LastSale() {
  const { query } = useAddress();
  return (
    <div class="dates">
      {(["lastSaleAfter", "lastSaleBefore"] as const).map((name) => (
        <span key={name} class="field">
          <label for={`filter-${name}`}>{WORDS.customers.behind[name]}</label>
          <input
            id={`filter-${name}`}
            type="date"
            value={query.get(name) ?? ""}
            onChange={(event) => filter({ [name]: event.currentTarget.value || undefined })}
          />
        </span>
      ))}
    </div>
  );
}

/** A month or a day as it is said, and anything else as it is. */
const readable = (value: string): string => {
  if (value === "true") return WORDS.customers.with;
  return /^\d{4}-\d\d(-\d\d)?$/.test(value) ? period(value) : value;
};

/** Filters without a control of their own, as links from the reports set them. */
function Chips() {
  const { query } = useAddress();
  const words: Readonly<Record<string, string>> = WORDS.customers.behind;
  const chips = FILTERS.filter((name) => Object.hasOwn(words, name) && query.has(name));
  if (chips.length === 0) return null;
  return (
    <div class="chips">
      {chips.map((name) => {
        const value = query.get(name) ?? "";
        const text = `${words[name]} ${readable(value)}`;
        return (
          <button type="button" key={name} class="button chip" onClick={() => filter({ [name]: undefined })}>
            {text} <span aria-hidden="true">✕</span>
            <span class="hidden">{WORDS.customers.without(text)}</span>
          </button>
        );
      })}
    </div>
  );
}

export function CustomerFilters() {
  const words = WORDS.customers;
  return (
    <>
      <Typed name="search" label={words.search} kind="search" hidden />
      <Keys grouping="source" label={words.source} />
      <Keys grouping="campaign" label={words.campaign} />
      <Paying />
      <Quiet />
      <Menu label={words.more} kind="left">
        <div class="dates">
          <Typed name="minLtv" label={words.ltvFrom} kind="number" />
          <Typed name="maxLtv" label={words.ltvTo} kind="number" />
        </div>
        <div class="dates">
          <BoughtIn />
        </div>
        <LastSale />
      </Menu>
      <Chips />
    </>
  );
}

// What is around every screen? The ways to the others, the range, and how current the figures are.
import type { ComponentChildren } from "preact";
import { BASE, toHref, useAddress } from "./address.ts";
import { type Freshness, signOut } from "./api.ts";
import { DEFAULT_RANGE } from "./range.ts";
import { RangePicker } from "./range-picker.tsx";
import { forgetAnswers } from "./use-answer.ts";
import { WORDS } from "./words.ts";
import { rangeToKeep, useRange, useWorkspace } from "./workspace.ts";

const SCREENS = [
  ["overview", "/"],
  ["cohorts", "/app/cohorts"],
  ["ltv", "/app/ltv"],
  ["customers", "/app/customers"],
  ["attribution", "/app/attribution"],
  ["data", "/app/data"],
] as const;

/** One customer is shown for all time. */
const hasRange = (path: string): boolean => !path.startsWith("/app/customers/") && path !== "/app/data";

function Navigation() {
  const { path, query } = useAddress();
  const text = query.get("range") ?? DEFAULT_RANGE;
  return (
    <nav aria-label="Screens">
      <ul>
        {SCREENS.map(([name, screen]) => (
          <li key={name}>
            <a
              href={toHref(screen, { range: rangeToKeep(text) })}
              aria-current={path === screen ? "page" : screen !== "/" && path.startsWith(`${screen}/`) ? "true" : undefined}
            >
              {WORDS.nav[name]}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Footer({ computedAt }: { readonly computedAt: string | undefined }) {
  const { currency, months, dates } = useWorkspace();
  const leave = async () => {
    await signOut();
    forgetAnswers();
    location.reload();
  };
  return (
    <footer>
      <div class="column foot">
        <span>
          {currency} · {months.timezone}
        </span>
        {computedAt === undefined ? null : <time dateTime={computedAt}>{WORDS.footer.computed(dates.moment(computedAt))}</time>}
        <a class="foot-link" href={`${BASE}/docs/definitions`}>
          {WORDS.footer.definitions}
        </a>
        <a class="foot-link" href={`${BASE}/docs`}>
          {WORDS.footer.api}
        </a>
        <button type="button" class="plain foot-link" onClick={leave}>
          {WORDS.footer.signOut}
        </button>
      </div>
    </footer>
  );
}

/** The head of the page. It needs no answer, so it is there at once. */
export function Top({ children }: { readonly children?: ComponentChildren }) {
  return (
    <>
      <a class="skip" href="#content">
        {WORDS.skip}
      </a>
      <header class="top">
        <div class="column">
          <a class="brand" href={toHref("/")}>
            {WORDS.product}
          </a>
          <Navigation />
          {children}
        </div>
      </header>
    </>
  );
}

export function Shell({ freshness, children }: { readonly freshness: Freshness; readonly children: ComponentChildren }) {
  const { path } = useAddress();
  const { text } = useRange();
  const { dates } = useWorkspace();
  return (
    <>
      <Top>{hasRange(path) ? <RangePicker key={text} /> : null}</Top>
      <main class="column" id="content" tabIndex={-1}>
        {freshness.behind > 0 ? (
          <p class="note" role="status">
            {WORDS.behind(freshness.behind)}
          </p>
        ) : null}
        {freshness.behind === 0 && freshness.asOf !== undefined ? <p class="soft">{WORDS.standby(dates.moment(freshness.asOf))}</p> : null}
        {children}
      </main>
      <Footer computedAt={freshness.computedAt} />
    </>
  );
}

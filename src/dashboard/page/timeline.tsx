// What happened with a customer, day by day? The newest first, refunds beside their sales' orders, and what they were worth after it.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Segments } from "./controls.tsx";
import { money, NOTHING } from "./format.ts";
import type { Entry, Step } from "./running.ts";
import { WORDS } from "./words.ts";
import { useWorkspace } from "./workspace.ts";

const AT_ONCE = 1000;

type Kind = keyof typeof WORDS.customer.kinds;
const IS_OF: Readonly<Record<Kind, (entry: Entry) => boolean>> = {
  all: () => true,
  clicks: ({ type }) => type === "click",
  sales: ({ type }) => type === "sale" || type === "refund",
  other: ({ type }) => type === "lead" || type === "custom",
};

/** `taste_quiz_done` as `taste quiz done`. */
const readable = (event: string): string => event.replace(/[_-]+/g, " ");

/** A link for what strangers wrote, if it is one of the web; else its text. */
function Address({ text }: { readonly text: string }) {
  return /^https?:\/\//i.test(text) ? (
    <a href={text} rel="noreferrer noopener" target="_blank">
      <bdi>{text}</bdi>
    </a>
  ) : (
    <bdi>{text}</bdi>
  );
}

/** What is remarkable about an entry, in a few words. */
function summaryOf({ type, orderId, event, campaign, source, medium, metadata }: Entry): string {
  if (type === "refund") return orderId === null ? "" : WORDS.customer.of(orderId);
  if (type === "sale") {
    const product = metadata !== null && typeof metadata === "object" && "product" in metadata ? String(metadata.product) : undefined;
    return [orderId, product].filter((each) => each !== null && each !== undefined).join(" · ");
  }
  if (type === "click") return [campaign, source, medium].filter((each) => each !== null).join(" · ");
  if (event === null || (type === "lead" && /^sign[_-]?up$/i.test(event))) return "";
  return readable(event);
}

const ADDRESSES = ["url", "referrer", "link"] as const;

function Details({ entry }: { readonly entry: Entry }) {
  return (
    <dl class="facts">
      {ADDRESSES.map((name) =>
        entry[name] === null ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Address text={entry[name]} />
            </dd>
          </div>
        ),
      )}
      {Object.entries(entry.metadata ?? {}).map(([name, value]) => (
        <div key={name}>
          <dt>
            <bdi>{name}</bdi>
          </dt>
          <dd>
            <bdi>{typeof value === "string" ? value : JSON.stringify(value)}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}

const hasDetails = (entry: Entry): boolean =>
  ADDRESSES.some((name) => entry[name] !== null) || Object.keys(entry.metadata ?? {}).length > 0;

/** What is to be said about a status; nothing where all is well. */
function statusOf({ type, status }: Entry): string {
  if (status === null || status === "approved") return "";
  if (type === "sale" || type === "refund") return (WORDS.customer.status as Readonly<Record<string, string>>)[status] ?? status;
  return status;
}

function Line({ entry, step, hasSums }: { readonly entry: Entry; readonly step: Step | undefined; readonly hasSums: boolean }) {
  const { currency, dates } = useWorkspace();
  const { type, status, value } = entry;
  const isMoney = type === "sale" || type === "refund";
  const isOff = isMoney && (status === "pending" || status === "rejected" || status === "fraud");
  // A refund that is rejected takes nothing, and a zero would say no more.
  const amount =
    isMoney && value !== null && !(isOff && value === 0) && entry.currency !== null
      ? money(type === "refund" ? -value : value, entry.currency)
      : "";
  const running = hasSums && step ? (step.running === null ? NOTHING : money(step.running, currency)) : "";
  const said = statusOf(entry);
  const line = (
    <>
      <time dateTime={entry.timestamp}>{dates.time(entry.timestamp)}</time>
      <span class="dot" aria-hidden="true" />
      <span class="what">
        <b>{WORDS.customer.did[type as keyof typeof WORDS.customer.did]}</b> <bdi class="soft">{summaryOf(entry)}</bdi>
        {said === "" ? null : <span class="tag">{said}</span>}
      </span>
      <span class="sum">
        <b>{amount}</b>
        <span class="soft" title={running === "" ? undefined : WORDS.customer.running}>
          {running}
        </span>
      </span>
    </>
  );
  const kind = `entry ${type} ${isOff ? "off" : ""}`;
  return (
    <li>
      {hasDetails(entry) ? (
        <details>
          <summary class={kind}>{line}</summary>
          <Details entry={entry} />
        </details>
      ) : (
        <div class={kind}>{line}</div>
      )}
    </li>
  );
}

interface TimelineProps {
  /** In log order. */
  readonly entries: readonly Entry[];
  readonly steps: ReadonlyMap<string, Step>;
  /** Whether the running sums end at the customer's value. */
  readonly hasSums: boolean;
  /** Further controls. */
  readonly children?: ComponentChildren;
}

export function Timeline({ entries, steps, hasSums, children }: TimelineProps) {
  const { dates } = useWorkspace();
  const [kind, setKind] = useState<Kind>("all");
  const [most, setMost] = useState(AT_ONCE);
  const found = entries.filter(IS_OF[kind]).toReversed();
  const days = Map.groupBy(found.slice(0, most), ({ timestamp }) => dates.plain(timestamp));
  return (
    <section aria-labelledby="timeline">
      <div class="chart-head">
        <h2 id="timeline">{WORDS.customer.timeline}</h2>
        <span class="end">
          <Segments label={WORDS.customer.kindLabel} names={WORDS.customer.kinds} chosen={kind} choose={setKind} />
          {children}
        </span>
      </div>
      {found.length === 0 ? <p class="empty">{WORDS.customer.noEntries}</p> : null}
      {[...days].map(([day, own]) => (
        <div class="day" key={day}>
          <h3>{dates.day(own[0]?.timestamp ?? null)}</h3>
          <ul>
            {own.map((entry) => (
              <Line key={entry.id} entry={entry} step={steps.get(entry.id)} hasSums={hasSums} />
            ))}
          </ul>
        </div>
      ))}
      {found.length > most ? (
        <button type="button" class="button after" onClick={() => setMost(most + AT_ONCE)}>
          {WORDS.customer.older}
        </button>
      ) : null}
    </section>
  );
}

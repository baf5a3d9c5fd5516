// Who is this customer, what have they brought in, and what led them here?
import { useEffect, useState } from "preact/hooks";
import { goTo, toHref } from "./address.ts";
import type { AnswerOf, DataOf } from "./answers.ts";
import { get, Problem, send, toUrl } from "./api.ts";
import { CustomerCredit } from "./customer-credit.tsx";
import { calledOf } from "./customers.tsx";
import { download } from "./export.ts";
import { CsvButton } from "./export-menu.tsx";
import { ago, count, country, duration, initials, money } from "./format.ts";
import { KeyDialog } from "./key-dialog.tsx";
import { KnownAs } from "./known-as.tsx";
import { type Converted, type Entry, toSteps } from "./running.ts";
import { Bones, Trouble, When } from "./state.tsx";
import { Timeline } from "./timeline.tsx";
import { forgetAnswers, useAnswer } from "./use-answer.ts";
import { WORDS } from "./words.ts";
import { computedAt, useWorkspace } from "./workspace.ts";
import { WorthChart } from "./worth-chart.tsx";

type Person = DataOf<"/customers/{id}">;
type Journey = AnswerOf<"/customers/{id}/journey">;
type Explained = DataOf<"/customers/{id}/attribution">;

const PAGE = 1000;
const MOST_PAGES = 10;
const DAY_MS = 86_400_000;

/** All entries of a customer, a page after the other, and what their sales are worth in the workspace's currency. */
async function loadStory(id: string, currency: string, signal: AbortSignal): Promise<{ entries: Entry[]; converted: Converted[] }> {
  const entries: Entry[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { data } = await get<Journey>(toUrl("/customers/{id}/journey", { limit: PAGE, cursor }, { id }), { signal });
    entries.push(...((data.entries ?? []) as Entry[]));
    cursor = data.nextCursor ?? undefined;
    if (cursor === undefined) break;
  }
  const converted: Converted[] = [];
  if (!entries.some((entry) => entry.type === "sale" && entry.currency !== currency)) return { entries, converted };
  for (let page = 0, from: string | undefined; page < MOST_PAGES; page += 1) {
    const { data } = await get<{ data: Explained }>(toUrl("/customers/{id}/attribution", { explain: true, cursor: from }, { id }), {
      signal,
    });
    converted.push(...(data.explain?.sales ?? []));
    from = data.explain?.nextCursor ?? undefined;
    if (from === undefined) break;
  }
  return { entries, converted };
}

function Sums({ person, firstSale }: { readonly person: Person; readonly firstSale: number | null }) {
  const { dates, months } = useWorkspace();
  const words = WORDS.customer;
  return (
    <dl class="figures">
      <div>
        <dt>{words.ltv}</dt>
        <dd class="big" data-figure="ltv">
          {money(person.ltv, person.currency)}
        </dd>
      </div>
      <div>
        <dt>{words.sales}</dt>
        <dd class="big" data-figure="sales">
          {count(person.sales)}
        </dd>
        {person.refunds > 0 ? (
          <dd class="change">
            {words.refunds} {money(person.refunds, person.currency)}
          </dd>
        ) : null}
      </div>
      <div>
        <dt>{words.firstTouch}</dt>
        <dd class="mid">{dates.day(person.firstTouchAt)}</dd>
        <dd class="change">{[person.source, person.campaign].filter((each) => each !== "(none)").join(" · ")}</dd>
      </div>
      <div>
        <dt>{words.toFirstSale}</dt>
        <dd class="mid">{firstSale === null ? words.never : duration(firstSale * DAY_MS)}</dd>
      </div>
      <div>
        <dt>{words.lastSale}</dt>
        <dd class="mid">{person.lastSaleAt === null ? words.never : ago(person.lastSaleAt, computedAt(months))}</dd>
        {person.lastSaleAt === null ? null : <dd class="change">{dates.day(person.lastSaleAt)}</dd>}
      </div>
    </dl>
  );
}

function PersonHead({ person }: { readonly person: Person }) {
  const [isErasing, setErasing] = useState(false);
  const called = calledOf(person);
  const details = [person.email, person.externalId, person.country === null ? null : country(person.country)];
  const save = async () =>
    download(`${person.id}.json`, await (await send("GET", toUrl("/customers/{id}/export", {}, { id: person.id }))).blob());
  const erase = async (key: string) => {
    await send("DELETE", toUrl("/customers/{id}", {}, { id: person.id }), { key });
    forgetAnswers();
    goTo(toHref("/app/customers"), { replace: true });
  };
  return (
    <div class="person">
      <span class="avatar" aria-hidden="true">
        {initials(called)}
      </span>
      <div class="said">
        <h1>
          <bdi>{called}</bdi>
        </h1>
        <p class="soft">
          <bdi>{details.filter((each) => each !== null && each !== called).join(" · ")}</bdi>
        </p>
      </div>
      <span class="end">
        <button type="button" class="button" onClick={save}>
          {WORDS.customer.export}
        </button>
        <button type="button" class="button bad" onClick={() => setErasing(true)}>
          {WORDS.customer.erase}
        </button>
      </span>
      {isErasing ? (
        <KeyDialog
          title={WORDS.customer.eraseTitle(called)}
          scope="links:delete"
          button={WORDS.customer.eraseButton}
          isDangerous
          work={erase}
          close={() => setErasing(false)}
        >
          <p>{WORDS.customer.eraseWhy}</p>
        </KeyDialog>
      ) : null}
    </div>
  );
}

function Story({ person }: { readonly person: Person }) {
  const { currency, months } = useWorkspace();
  const [story, setStory] = useState<Awaited<ReturnType<typeof loadStory>> | undefined>();
  const [problem, setProblem] = useState<Problem | undefined>();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    loadStory(person.id, currency, stop.signal).then(
      (loaded) => {
        setStory(loaded);
        setProblem(undefined);
      },
      (error) => (error instanceof Problem ? setProblem(error) : undefined),
    );
    return () => stop.abort();
  }, [person.id, person.updatedAt, person.lastSeenAt, turn]);
  if (problem) return <Trouble problem={problem} again={() => setTurn(turn + 1)} />;
  if (!story) return <Bones />;
  const steps = toSteps(story.entries, currency, story.converted);
  const sums = story.entries.flatMap(({ id, timestamp }) => {
    const running = steps.get(id)?.running;
    return typeof running === "number" ? [{ at: Date.parse(timestamp), value: running }] : [];
  });
  // A sum that does not end at the API's figure would be a second opinion, so it is not shown.
  const hasSums = sums.length > 0 && sums.at(-1)?.value === person.ltv;
  return (
    <>
      {hasSums ? <WorthChart steps={sums} until={Math.max(computedAt(months), sums.at(-1)?.at ?? 0)} /> : null}
      <div class="sides">
        <Timeline entries={story.entries} steps={steps} hasSums={hasSums}>
          <CsvButton
            name={`journey-${person.id}`}
            url={toUrl("/customers/{id}/journey", { limit: PAGE, format: "csv" }, { id: person.id })}
          />
        </Timeline>
        <div class="side">
          <CustomerCredit id={person.id} hasSales={person.sales > 0} />
          <KnownAs person={person} />
        </div>
      </div>
    </>
  );
}

export function Customer({ id }: { readonly id: string }) {
  const answer = useAnswer<AnswerOf<"/customers/{id}">>(toUrl("/customers/{id}", {}, { id }));
  const summary = useAnswer<Journey>(toUrl("/customers/{id}/journey", { summary: true }, { id }));
  if (answer.problem?.status === 404)
    return (
      <div class="state">
        <h1>{WORDS.problem.gone}</h1>
        <p>{WORDS.customer.missing}</p>
        <a href={toHref("/app/customers")}>{WORDS.customer.back}</a>
      </div>
    );
  return (
    <When answer={answer}>
      {({ data }) => (
        <>
          <PersonHead person={data} />
          <Sums person={data} firstSale={summary.body?.data.summary.daysToFirstSale ?? null} />
          <Story person={data} />
        </>
      )}
    </When>
  );
}

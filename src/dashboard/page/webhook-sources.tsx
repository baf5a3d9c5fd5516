// How do the payment providers' webhooks fare? What each has delivered, what became of it, and where two values disagree.
import { BASE, toHref } from "./address.ts";
import type { AnswerOf } from "./answers.ts";
import { toUrl } from "./api.ts";
import { Head } from "./controls.tsx";
import { ago, count, money } from "./format.ts";
import { When } from "./state.tsx";
import { useAnswer } from "./use-answer.ts";
import { countOf, knownSources, type Source, troubleOf, type Webhooks } from "./webhooks.ts";
import { WORDS } from "./words.ts";
import { computedAt, useWorkspace } from "./workspace.ts";

/** How many of the last deliveries are shown. */
const SHOWN = 20;
const RESULTS = ["recorded", "duplicate", "ignored", "conflict", "refused"] as const;

/** The state of the webhooks. A key that may not read them gets a problem with the status 403. */
export const useWebhooks = () => useAnswer<AnswerOf<"/webhooks">>(toUrl("/webhooks"));

function SourceRow({ source }: { readonly source: Source }) {
  const { dates, months } = useWorkspace();
  const words = WORDS.data.webhooks;
  const now = computedAt(months);
  const { lastDeliveryAt, badSignatures, waitingRefunds, unnamedSales } = source;
  const trouble = troubleOf(source, now);
  const unnamed = unnamedSales.map(({ currency, sales, value }) => `${count(sales)} · ${money(value, currency)}`).join(", ");
  const numbers = [...RESULTS.map((result) => countOf(source, result)), badSignatures, waitingRefunds];
  return (
    <tr>
      <th scope="row" class="held" data-value={source.source}>
        {WORDS.providers[source.source]}
        {source.isOn ? null : <span class="tag">{words.off}</span>}
        {trouble ? <span class="tag">{words.trouble[trouble]}</span> : null}
      </th>
      <td data-value={lastDeliveryAt} title={lastDeliveryAt === null ? undefined : dates.moment(lastDeliveryAt)}>
        {lastDeliveryAt === null ? words.never : ago(lastDeliveryAt, Math.max(now, Date.parse(lastDeliveryAt)))}
      </td>
      {numbers.map((value, index) => (
        <td key={index} class="n" data-value={value}>
          {count(value)}
        </td>
      ))}
      <td class="n" data-value={unnamedSales.map(({ currency, sales, value }) => `${sales} ${value} ${currency}`).join()}>
        {unnamed || count(0)}
      </td>
    </tr>
  );
}

type Delivery = Webhooks["deliveries"][number];

function Deliveries({ name, rows }: { readonly name: string; readonly rows: readonly Delivery[] }) {
  const { dates } = useWorkspace();
  const words = WORDS.data.webhooks;
  if (rows.length === 0) return null;
  return (
    <div class="scroll">
      <table class="list">
        <caption>
          <h3>{name}</h3>
        </caption>
        <thead>
          <tr>
            <Head name={words.when} />
            <Head name={words.result} section="s1" />
            <Head name={words.why} />
            <Head name={words.event} />
            <Head name={words.source} />
          </tr>
        </thead>
        <tbody>
          {rows.map(({ at, source, type, result, reason, detail }, index) => (
            <tr key={index}>
              <td>{dates.moment(at)}</td>
              <td data-value={result}>{words.results[result as keyof typeof words.results] ?? result}</td>
              <td>
                <bdi>{detail ?? reason}</bdi>
              </td>
              <td>{type}</td>
              <td>{WORDS.providers[source]}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function NoSource() {
  const words = WORDS.data.webhooks;
  return (
    <>
      <p class="soft">{words.none}</p>
      <ol class="soft">
        <li>
          {words.register} <code>{`${location.origin}${BASE}/webhooks/stripe`}</code>
        </li>
        <li>
          {words.start} <code>{words.setting}</code>
        </li>
      </ol>
      <p class="soft">{words.readme}</p>
    </>
  );
}

function Known({ data }: { readonly data: Webhooks }) {
  const words = WORDS.data.webhooks;
  const { deliveries, dataRequests } = data;
  const sources = knownSources(data);
  if (sources.length === 0) return <NoSource />;
  return (
    <>
      {dataRequests.map(({ customerId, source }) => (
        <p class="note" key={customerId}>
          {words.asked(WORDS.providers[source])} <a href={toHref(`/app/customers/${customerId}`)}>{customerId}</a>
        </p>
      ))}
      <div class="scroll">
        <table class="list" id="webhook-sources">
          <caption class="hidden">{words.title}</caption>
          <thead>
            <tr>
              <Head name={words.source} kind="held" />
              <Head name={words.last} />
              {[...RESULTS.map((result) => words.results[result]), words.badSignatures, words.waiting].map((name) => (
                <Head key={name} name={name} isNumber />
              ))}
              <Head name={words.unnamed} section="s5" isNumber />
            </tr>
          </thead>
          <tbody>
            {sources.map((source) => (
              <SourceRow key={source.source} source={source} />
            ))}
          </tbody>
        </table>
      </div>
      <Deliveries name={words.conflicts} rows={deliveries.filter(({ result }) => result === "conflict")} />
      <Deliveries name={words.latest} rows={deliveries.slice(0, SHOWN)} />
    </>
  );
}

export function WebhookSources() {
  const answer = useWebhooks();
  const words = WORDS.data.webhooks;
  return (
    <section class="part" aria-labelledby="webhooks">
      <h2 id="webhooks">{words.title}</h2>
      {answer.problem?.status === 403 ? (
        <p class="soft">{words.forbidden}</p>
      ) : (
        <When answer={answer} rows={3}>
          {({ data }) => <Known data={data} />}
        </When>
      )}
    </section>
  );
}

// What is missing from the figures, and how is data brought in? Currencies without a rate, refunds without a sale, webhooks, and the
// ways in.
import { useState } from "preact/hooks";
import { BASE } from "./address.ts";
import type { AnswerOf, DataOf } from "./answers.ts";
import { send, toUrl } from "./api.ts";
import { Head } from "./controls.tsx";
import { count, money, month } from "./format.ts";
import { Imports } from "./imports.tsx";
import { KeyDialog } from "./key-dialog.tsx";
import { When } from "./state.tsx";
import { forgetAnswers, useAnswer } from "./use-answer.ts";
import { WebhookEndpoints } from "./webhook-endpoints.tsx";
import { WebhookSources } from "./webhook-sources.tsx";
import { WORDS } from "./words.ts";
import { useWorkspace } from "./workspace.ts";

type Unconverted = DataOf<"/customers/cohorts">["unconverted"][number];

interface Rate {
  readonly currency: string;
  readonly date: string;
  readonly rate: string;
}

/** A form for one rate. The key is asked for when it is sent. */
function RateForm({ currency: asked }: { readonly currency: string }) {
  const { currency, today, reload, months } = useWorkspace();
  const [rate, setRate] = useState("");
  const [date, setDate] = useState(`${months.cohorts[0]?.cohort ?? today.slice(0, 7)}-01`);
  const [sent, setSent] = useState<Rate | undefined>();
  const words = WORDS.data.rates;
  const submit = (event: Event) => {
    event.preventDefault();
    if (rate.trim() !== "") setSent({ currency: asked, date, rate: rate.trim() });
  };
  const store = async (key: string) => {
    await send("PUT", toUrl("/rates"), { key, body: sent });
    forgetAnswers();
    reload();
  };
  return (
    <form onSubmit={submit}>
      <span class="field">
        <label for={`rate-${asked}`}>{words.one(asked)}</label>
        <input
          id={`rate-${asked}`}
          class="amount"
          inputMode="decimal"
          placeholder="1.0855"
          value={rate}
          onInput={(event) => setRate(event.currentTarget.value)}
        />
        <span>{currency}</span>
      </span>
      <span class="field">
        <label for={`date-${asked}`}>{words.from}</label>
        <input id={`date-${asked}`} type="date" value={date} onInput={(event) => setDate(event.currentTarget.value)} />
      </span>
      <button type="submit" class="button strong">
        {words.button}
      </button>
      {sent ? (
        <KeyDialog title={words.button} scope="conversions:write" button={words.button} work={store} close={() => setSent(undefined)}>
          <p>{words.confirm(sent.currency, sent.rate, currency, sent.date)}</p>
        </KeyDialog>
      ) : null}
    </form>
  );
}

function WithoutRate({ unconverted }: { readonly unconverted: readonly Unconverted[] }) {
  const words = WORDS.data.rates;
  return (
    <section class="part" aria-labelledby="rates">
      <h2 id="rates">{words.title}</h2>
      <p class="soft">{unconverted.length === 0 ? words.none : words.why}</p>
      {unconverted.map(({ currency, sales, grossRevenue }) => (
        <div key={currency} class="after">
          <b>{currency}</b> <span class="soft">{WORDS.notice.inCurrency(sales, currency, money(grossRevenue, currency))}</span>
          <RateForm currency={currency} />
        </div>
      ))}
    </section>
  );
}

function WaitingRefunds() {
  const { dates } = useWorkspace();
  const answer = useAnswer<AnswerOf<"/refunds/pending">>(toUrl("/refunds/pending", { limit: 100 }));
  const words = WORDS.data.refunds;
  return (
    <section class="part" aria-labelledby="refunds">
      <h2 id="refunds">{words.title}</h2>
      <When answer={answer} rows={3}>
        {({ data }) =>
          data.refunds.length === 0 ? (
            <p class="soft">{words.none}</p>
          ) : (
            <>
              <p class="soft">{words.why}</p>
              <div class="scroll after">
                <table class="list">
                  <caption class="hidden">{words.title}</caption>
                  <thead>
                    <tr>
                      <Head name={words.order} section="s4" />
                      <Head name={words.happened} isNumber />
                      <Head name={words.value} isNumber />
                    </tr>
                  </thead>
                  <tbody>
                    {data.refunds.map(({ id, orderId, timestamp, value, currency }) => (
                      <tr key={id}>
                        <th scope="row" class="name">
                          <bdi title={orderId}>{orderId}</bdi>
                        </th>
                        <td class="n">{dates.moment(timestamp)}</td>
                        <td class="n">{value === null ? words.all : currency === null ? count(value, 2) : money(value, currency)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
              {data.nextCursor === null ? null : <p class="soft after">{words.more(data.refunds.length)}</p>}
            </>
          )
        }
      </When>
    </section>
  );
}

function WaysIn() {
  const words = WORDS.data.ways;
  return (
    <section class="part" aria-labelledby="ways">
      <h2 id="ways">{words.title}</h2>
      <p class="soft">
        {words.text} <a href={`${BASE}/docs`}>{words.docs}</a>
      </p>
      <pre class="after">{words.commands}</pre>
    </section>
  );
}

export function Data() {
  const { months } = useWorkspace();
  const { totals, cohorts } = months;
  const first = cohorts[0]?.cohort;
  return (
    <>
      <h1>{WORDS.data.title}</h1>
      <p class="intro">{first === undefined ? WORDS.data.nothing : WORDS.data.lead(totals.customers, totals.sales, month(first))}</p>
      <WithoutRate unconverted={months.unconverted} />
      <WaitingRefunds />
      <WebhookSources />
      <WebhookEndpoints />
      <Imports />
      <WaysIn />
    </>
  );
}

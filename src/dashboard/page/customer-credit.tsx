// Which sources, campaigns or links earned what a customer has brought in, under a model?
import { useRef } from "preact/hooks";
import { setQuery, useAddress } from "./address.ts";
import type { AnswerOf } from "./answers.ts";
import { toUrl } from "./api.ts";
import { Head, Name, Segments } from "./controls.tsx";
import { ExportMenu } from "./export-menu.tsx";
import { count, money } from "./format.ts";
import { When } from "./state.tsx";
import { useAnswer } from "./use-answer.ts";
import { WORDS } from "./words.ts";

type Model = keyof typeof WORDS.models;
type Kind = keyof typeof WORDS.customer.by;

export function ModelChoice({ chosen, choose }: { readonly chosen: Model; readonly choose: (model: Model) => void }) {
  return (
    <label class="field">
      <span class="hidden">{WORDS.customer.model}</span>
      <select value={chosen} onChange={(event) => choose(event.currentTarget.value as Model)}>
        {Object.entries(WORDS.models).map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The model in the URL; last touch if there is none. */
export function useModel(): Model {
  const asked = useAddress().query.get("model");
  return asked !== null && asked in WORDS.models ? (asked as Model) : "last";
}

export function CustomerCredit({ id, hasSales }: { readonly id: string; readonly hasSales: boolean }) {
  const { query } = useAddress();
  const within = useRef<HTMLElement>(null);
  const model = useModel();
  const asked = query.get("credit");
  const kind: Kind = asked !== null && asked in WORDS.customer.by ? (asked as Kind) : "sources";
  const answer = useAnswer<AnswerOf<"/customers/{id}/attribution">>(toUrl("/customers/{id}/attribution", { model }, { id }));
  return (
    <section ref={within} aria-labelledby="credit">
      <div class="chart-head">
        <h2 id="credit">{WORDS.customer.credit}</h2>
        <span class="end">
          <ModelChoice chosen={model} choose={(name) => setQuery({ model: name === "last" ? undefined : name }, { replace: true })} />
          <ExportMenu
            name={`attribution-${id}`}
            within={within}
            csv={toUrl("/customers/{id}/attribution", { model, format: "csv" }, { id })}
          />
        </span>
      </div>
      {hasSales ? (
        <>
          <div class="after">
            <Segments
              label={WORDS.cohorts.grouping}
              names={WORDS.customer.by}
              chosen={kind}
              choose={(name) => setQuery({ credit: name === "sources" ? undefined : name }, { replace: true })}
            />
          </div>
          <When answer={answer} rows={4}>
            {({ data }) => (
              <div class="scroll after">
                <table>
                  <caption class="hidden">{WORDS.customer.credit}</caption>
                  <thead>
                    <tr>
                      <Head name={WORDS.customer.by[kind]} section="s9" />
                      <Head name={WORDS.customer.sales} section="s9" isNumber />
                      <Head name={WORDS.figure.revenue} section="s9" isNumber />
                    </tr>
                  </thead>
                  <tbody>
                    {data[kind].map(({ key, sales, revenue }) => (
                      <tr key={key}>
                        <th scope="row" class="name">
                          <Name text={key} />
                        </th>
                        <td class="n" data-value={sales}>
                          {count(sales, Number.isInteger(sales) ? 0 : 2)}
                        </td>
                        <td class="n" data-value={revenue}>
                          {money(revenue, data.currency)}
                        </td>
                      </tr>
                    ))}
                  </tbody>
                  <tfoot>
                    <tr>
                      <th scope="row">{WORDS.all}</th>
                      <td class="n" />
                      <td class="n" data-value={data.revenue}>
                        {money(data.revenue, data.currency)}
                      </td>
                    </tr>
                  </tfoot>
                </table>
              </div>
            )}
          </When>
        </>
      ) : (
        <p class="soft after">{WORDS.customer.noSales}</p>
      )}
    </section>
  );
}

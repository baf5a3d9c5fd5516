// Which sources or campaigns earn? Their revenue in the range under a model, beside the customers who first came through them.
import { setQuery, toHref } from "./address.ts";
import type { AnswerOf } from "./answers.ts";
import { toUrl } from "./api.ts";
import { Head, Name } from "./controls.tsx";
import { ModelChoice, useModel } from "./customer-credit.tsx";
import { count, money, moneyColumn, NOTHING, percent } from "./format.ts";
import { When } from "./state.tsx";
import { useAnswer } from "./use-answer.ts";
import { WORDS } from "./words.ts";
import { rangeToKeep, useRange } from "./workspace.ts";

const SHOWN = 8;

export function Earners({ grouping }: { readonly grouping: "source" | "campaign" }) {
  const { text, range } = useRange();
  const model = useModel();
  const parameters = { group_by: grouping, start: range.start, end: range.end };
  const credit = useAnswer<AnswerOf<"/customers/attribution">>(toUrl("/customers/attribution", { ...parameters, model }));
  const cohorts = useAnswer<AnswerOf<"/customers/cohorts">>(toUrl("/customers/cohorts", parameters));
  const words = WORDS.overview.earners;
  const keep = { range: rangeToKeep(text) };
  return (
    <section aria-labelledby={`earners-${grouping}`}>
      <div class="chart-head">
        <h2 id={`earners-${grouping}`}>{words.title[grouping]}</h2>
        {grouping === "source" ? (
          <span class="end">
            <ModelChoice chosen={model} choose={(name) => setQuery({ model: name === "last" ? undefined : name }, { replace: true })} />
          </span>
        ) : null}
      </div>
      <When answer={credit} rows={SHOWN}>
        {({ data }) => {
          const rows = data.rows.slice(0, SHOWN);
          const largest = Math.max(0, ...rows.map(({ revenue }) => revenue));
          const sum = moneyColumn([...rows.map(({ revenue }) => revenue)], data.currency);
          const members = new Map((cohorts.body?.data.cohorts ?? []).map((cohort) => [cohort.cohort, cohort]));
          return rows.length === 0 ? (
            <p class="empty">{words.none}</p>
          ) : (
            <>
              <div class="scroll">
                <table class="list earners">
                  <caption class="hidden">{words.title[grouping]}</caption>
                  <thead>
                    <tr>
                      <Head name={WORDS.cohorts.by[grouping]} section="s9" />
                      <Head name={WORDS.figure.revenue} section="s9" isNumber />
                      <Head name={words.newCustomers} section="s7" isNumber />
                      <Head name={WORDS.cohorts.columns.conversionRate} section="s7" isNumber />
                      <Head name={WORDS.cohorts.columns.ltv} section="s7" isNumber />
                    </tr>
                  </thead>
                  <tbody>
                    {rows.map(({ key, revenue }) => {
                      const cohort = members.get(key);
                      return (
                        <tr key={key}>
                          <th scope="row" class="name behind" data-value={key}>
                            <div class="rod" style={{ width: `${largest > 0 ? (Math.max(0, revenue) / largest) * 100 : 0}%` }} />
                            <span class="label">
                              <Name text={key} href={cohort ? toHref("/app/customers", { [grouping]: key, ...keep }) : undefined} />
                            </span>
                          </th>
                          <td class="n" data-value={revenue} title={money(revenue, data.currency)}>
                            {sum(revenue)}
                          </td>
                          <td class="n" data-value={cohort?.customers ?? ""}>
                            {cohort ? count(cohort.customers) : NOTHING}
                          </td>
                          <td class="n" data-value={cohort?.conversionRate ?? ""}>
                            {percent(cohort?.conversionRate)}
                          </td>
                          <td class="n" data-value={cohort?.ltv ?? ""}>
                            {money(cohort?.ltv, data.currency)}
                          </td>
                        </tr>
                      );
                    })}
                  </tbody>
                </table>
              </div>
              {data.rows.length > SHOWN ? (
                <p class="after">
                  <a class="soft" href={toHref("/app/attribution", { ...keep, group: grouping === "source" ? undefined : grouping })}>
                    {words.all(data.rows.length, grouping)}
                  </a>
                </p>
              ) : null}
            </>
          );
        }}
      </When>
    </section>
  );
}

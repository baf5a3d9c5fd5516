// Who is called when something has changed, and does it answer? The webhooks that this server sends.
import type { AnswerOf } from "./answers.ts";
import { toUrl } from "./api.ts";
import { Head } from "./controls.tsx";
import { count } from "./format.ts";
import { When } from "./state.tsx";
import { useAnswer } from "./use-answer.ts";
import { WORDS } from "./words.ts";
import { useWorkspace } from "./workspace.ts";

export function WebhookEndpoints() {
  const { dates } = useWorkspace();
  const answer = useAnswer<AnswerOf<"/webhook-endpoints">>(toUrl("/webhook-endpoints"));
  const words = WORDS.data.endpoints;
  return (
    <section class="part" aria-labelledby="endpoints">
      <h2 id="endpoints">{words.title}</h2>
      {answer.problem?.status === 403 ? (
        <p class="soft">{words.forbidden}</p>
      ) : (
        <When answer={answer} rows={2}>
          {({ data }) =>
            data.length === 0 ? (
              <p class="soft">{words.none}</p>
            ) : (
              <div class="scroll">
                <table class="list" id="webhook-endpoints">
                  <caption class="hidden">{words.title}</caption>
                  <thead>
                    <tr>
                      <Head name={words.url} />
                      <Head name={words.events} />
                      <Head name={words.state} />
                      <Head name={words.since} />
                      <Head name={words.waiting} isNumber />
                    </tr>
                  </thead>
                  <tbody>
                    {data.map(({ id, url, events, state, failedAt, waiting }) => (
                      <tr key={id}>
                        <th scope="row" class="name">
                          <bdi title={url}>{url}</bdi>
                        </th>
                        <td>{events.join(", ")}</td>
                        <td data-value={state}>{words.states[state]}</td>
                        <td>{failedAt === null ? "" : dates.moment(failedAt)}</td>
                        <td class="n" data-value={waiting}>
                          {count(waiting)}
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )
          }
        </When>
      )}
    </section>
  );
}

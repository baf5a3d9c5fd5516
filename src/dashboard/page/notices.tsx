// What should somebody know before they trust the figures? Money without a rate, refunds that wait for their sale, and webhooks that
// fail, whether they come in or go out.
import { toHref } from "./address.ts";
import type { AnswerOf, DataOf } from "./answers.ts";
import { toUrl } from "./api.ts";
import { money } from "./format.ts";
import { useAnswer } from "./use-answer.ts";
import { useWebhooks } from "./webhook-sources.tsx";
import { callTroubleOf, troubleOf } from "./webhooks.ts";
import { WORDS } from "./words.ts";
import { computedAt, useWorkspace } from "./workspace.ts";

type Unconverted = DataOf<"/customers/cohorts">["unconverted"];

/** More than so many waiting refunds are not counted. */
const MOST_REFUNDS = 100;

/** Nothing for a key that may not read the state of the webhooks. */
function WebhookNotice() {
  const { months } = useWorkspace();
  const troubles = (useWebhooks().body?.data.sources ?? []).flatMap((source) => {
    const trouble = troubleOf(source, computedAt(months));
    return trouble ? WORDS.notice.webhook[trouble](WORDS.providers[source.source]) : [];
  });
  if (troubles.length === 0) return null;
  return (
    <p class="note">
      <b>{troubles.join(" ")}</b> {WORDS.notice.webhookWhy} <a href={toHref("/app/data")}>{WORDS.notice.seeData}</a>
    </p>
  );
}

/** Nothing for a key that may not read who is called. */
function CallNotice() {
  const { months } = useWorkspace();
  const endpoints = useAnswer<AnswerOf<"/webhook-endpoints">>(toUrl("/webhook-endpoints")).body?.data ?? [];
  const troubles = endpoints.map((each) => callTroubleOf(each, computedAt(months)));
  const said = (["failed", "paused", "late"] as const).flatMap((trouble) => {
    const number = troubles.filter((each) => each === trouble).length;
    return number > 0 ? WORDS.notice.called[trouble](number) : [];
  });
  if (said.length === 0) return null;
  return (
    <p class="note">
      <b>{said.join(" ")}</b> <a href={toHref("/app/data")}>{WORDS.notice.seeCalled}</a>
    </p>
  );
}

export function Notices({ unconverted }: { readonly unconverted: Unconverted }) {
  const pending = useAnswer<AnswerOf<"/refunds/pending">>(toUrl("/refunds/pending", { limit: MOST_REFUNDS }));
  const waiting = pending.body?.data.refunds.length ?? 0;
  const isMore = pending.body !== undefined && pending.body.data.nextCursor !== null;
  const said = unconverted.map(({ currency, sales, grossRevenue }) =>
    WORDS.notice.inCurrency(sales, currency, money(grossRevenue, currency)),
  );
  return (
    <>
      {unconverted.length === 0 ? null : (
        <p class="note">
          <b>{WORDS.notice.unconverted(unconverted.length)}</b> {WORDS.notice.noFigure(said)}{" "}
          <a href={toHref("/app/data")}>{WORDS.notice.addRate}</a>
        </p>
      )}
      {waiting === 0 ? null : (
        <p class="note">
          <b>{WORDS.notice.pending(waiting, isMore)}</b> {WORDS.notice.pendingWhy}
        </p>
      )}
      <WebhookNotice />
      <CallNotice />
    </>
  );
}

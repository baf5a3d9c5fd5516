// What should somebody know before they trust the figures? Money without a rate, and refunds that wait for their sale.
import { toHref } from "./address.ts";
import type { AnswerOf, DataOf } from "./answers.ts";
import { toUrl } from "./api.ts";
import { money } from "./format.ts";
import { useAnswer } from "./use-answer.ts";
import { WORDS } from "./words.ts";

type Unconverted = DataOf<"/customers/cohorts">["unconverted"];

/** More than so many waiting refunds are not counted. */
const MOST_REFUNDS = 100;

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
    </>
  );
}

// What is shown while there is no answer? The shape of what comes, or what went wrong and what to do about it.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Problem } from "./api.ts";
import type { Answered } from "./use-answer.ts";
import { WORDS } from "./words.ts";

/** The shape of a screen that is on its way. `rows`: of a table; else of a chart and a table. */
export function Bones({ rows }: { readonly rows?: number }) {
  return (
    <div class={`bones ${rows ? "rows" : ""}`} aria-hidden="true">
      {Array.from({ length: rows ?? 6 }, (_, index) => (
        <span key={index} />
      ))}
    </div>
  );
}

function Countdown({ seconds }: { readonly seconds: number }) {
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    setLeft(seconds);
    const timer = setInterval(() => setLeft((before) => Math.max(0, before - 1)), 1000);
    return () => clearInterval(timer);
  }, [seconds]);
  return <p class="soft">{WORDS.tryingAgain(left)}</p>;
}

/** What went wrong, in the server's words, and what can be done. */
export function Trouble({ problem, again }: { readonly problem: Problem; readonly again?: () => void }) {
  const { status, message, details, retryAfter } = problem;
  return (
    <div class="state" role="alert">
      <h2>{status === 404 ? WORDS.problem.gone : WORDS.problem.title}</h2>
      <p>{message}</p>
      {details.map((detail) => (
        <p key={detail.path}>
          <b>{detail.path}</b> {detail.message}
        </p>
      ))}
      {status === 403 ? <p class="soft">{WORDS.problem.forbidden}</p> : null}
      {retryAfter === undefined ? null : <Countdown seconds={retryAfter} />}
      {again ? (
        <button type="button" class="button" onClick={again}>
          {WORDS.tryAgain}
        </button>
      ) : null}
    </div>
  );
}

interface WhenProps<Body> {
  readonly answer: Answered<Body>;
  readonly rows?: number;
  readonly children: (body: Body) => ComponentChildren;
}

/** The part of a screen that an answer is for. A former answer is kept while a question is repeated, also if that fails. */
export function When<Body>({ answer, rows, children }: WhenProps<Body>) {
  const { body, problem, isBusy, again } = answer;
  if (body === undefined || (problem && isBusy))
    return problem ? (
      <Trouble problem={problem} again={again} />
    ) : (
      <>
        <p class="hidden" role="status">
          {WORDS.loading}
        </p>
        <Bones {...(rows !== undefined && { rows })} />
      </>
    );
  return (
    <div class={isBusy ? "busy" : ""} aria-busy={isBusy}>
      {children(body)}
    </div>
  );
}

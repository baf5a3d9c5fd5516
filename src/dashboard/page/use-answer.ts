// How does a screen get an answer, and keep it fresh? The former answer stays until the next one is there, so that nothing flickers.
import { useLayoutEffect, useState } from "preact/hooks";
import { get, Problem } from "./api.ts";

/** How often a shown answer is asked for again. The server keeps its reports for 30 seconds. */
const REFRESH_MS = 60_000;
/** How many answers are kept for going back. */
const MOST_KEPT = 60;

const kept = new Map<string, unknown>();
const waiting = new Map<string, Promise<unknown>>();

function keep(url: string, body: unknown): void {
  kept.delete(url);
  kept.set(url, body);
  for (const oldest of kept.keys()) {
    if (kept.size <= MOST_KEPT) break;
    kept.delete(oldest);
  }
}

/** For how long after a change the server may keep a report from before it. */
const OUTDATED_MS = 60_000;
let changedAt = Number.NEGATIVE_INFINITY;
let askedSince = new Set<string>();

/** Whether a kept report may be older than the last change that this page made. */
function mayBeOutdated(url: string): boolean {
  if (performance.now() - changedAt > OUTDATED_MS || askedSince.has(url)) return false;
  askedSince.add(url);
  return true;
}

/** Asks once, however many parts of a screen want the same. */
function ask(url: string): Promise<unknown> {
  const asked =
    waiting.get(url) ??
    get(url, { cache: mayBeOutdated(url) ? "reload" : "no-cache" })
      .then((body) => {
        keep(url, body);
        return body;
      })
      .finally(() => waiting.delete(url));
  waiting.set(url, asked);
  return asked;
}

/** Drops all kept answers: after signing in or out, and after a change. */
export function forgetAnswers(): void {
  kept.clear();
  changedAt = performance.now();
  askedSince = new Set();
}

export interface Answered<Body> {
  /** The newest answer; that of the former question while the next one is on its way. */
  readonly body: Body | undefined;
  readonly problem: Problem | undefined;
  /** `body` answers another question than the one asked. */
  readonly isBusy: boolean;
  again(): void;
}

const toProblem = (error: unknown): Problem =>
  error instanceof Problem
    ? error
    : new Problem(0, "FAILED", error instanceof Error ? error.message : "Something went wrong in this page.");

/** The answer to a GET of `url`; undefined asks for nothing. Asks again from time to time, and when `Retry-After` has passed. */
export function useAnswer<Body>(url: string | undefined): Answered<Body> {
  const [shown, setShown] = useState<{ url: string; body: Body } | undefined>();
  const [failed, setFailed] = useState<{ url: string; problem: Problem } | undefined>();
  const [turn, setTurn] = useState(0);
  const known = url === undefined ? undefined : (kept.get(url) as Body | undefined);

  // Before the next paint, so that the request does not wait for it.
  useLayoutEffect(() => {
    if (url === undefined) return;
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const wait = (seconds: number) => {
      timer = setTimeout(() => (document.hidden ? wait(seconds) : load()), seconds * 1000);
    };
    const load = () => {
      ask(url).then(
        (body) => {
          if (isOver) return;
          setShown({ url, body: body as Body });
          setFailed(undefined);
          wait(REFRESH_MS / 1000);
        },
        (error) => {
          if (isOver) return;
          const problem = toProblem(error);
          setFailed({ url, problem });
          if (problem.retryAfter !== undefined) wait(Math.max(1, problem.retryAfter));
        },
      );
    };
    load();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [url, turn]);

  const isOwn = shown?.url === url;
  return {
    body: url === undefined ? undefined : isOwn ? shown?.body : (known ?? shown?.body),
    problem: failed?.url === url ? failed?.problem : undefined,
    isBusy: url !== undefined && !isOwn && known === undefined,
    again: () => setTurn((before) => before + 1),
  };
}

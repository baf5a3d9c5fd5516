// How many requests came in, which statuses did they get, and how long did they take? Counted in memory since the start.
import type { RequestCount } from "../../http/request-context.ts";
import { type Sample, toHistogram } from "./sample.ts";

/** Upper bounds of the histogram's buckets, in seconds. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
/** Other methods are counted together, because callers can invent any number of them. */
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

interface Count {
  readonly statuses: Map<number, number>;
  /** The requests in each bucket, not cumulative. The last bucket has those that took longer than all bounds. */
  readonly buckets: number[];
  seconds: number;
}

export interface CountedRequests extends RequestCount {
  samples(): Sample[];
}

/** Counts that are 0 at first. */
export function openRequestCount(): CountedRequests {
  const routes = new Map<string, Map<string, Count>>();
  const caches = new Map([
    ["HIT", 0],
    ["MISS", 0],
  ]);

  function ensureCount(route: string, method: string): Count {
    const methods = routes.get(route) ?? new Map<string, Count>();
    const count = methods.get(method) ?? { statuses: new Map(), buckets: Array<number>(BOUNDS.length + 1).fill(0), seconds: 0 };
    routes.set(route, methods.set(method, count));
    return count;
  }

  return {
    note(method, route, status, milliseconds) {
      const count = ensureCount(route, METHODS.has(method) ? method : "other");
      const seconds = milliseconds / 1000;
      let bucket = 0;
      while (bucket < BOUNDS.length && seconds > Number(BOUNDS[bucket])) bucket += 1;
      count.buckets[bucket] = (count.buckets[bucket] ?? 0) + 1;
      count.seconds += seconds;
      count.statuses.set(status, (count.statuses.get(status) ?? 0) + 1);
    },
    noteCache: (result) => void caches.set(result, (caches.get(result) ?? 0) + 1),
    samples() {
      const all = [...routes].flatMap(([route, methods]) => [...methods].map(([method, count]) => ({ labels: { method, route }, count })));
      return [
        {
          name: "regulars_http_requests_total",
          type: "counter",
          help: "Answered requests, by method, route and status.",
          values: all.flatMap(({ labels, count }) =>
            [...count.statuses].map(([status, value]) => ({ labels: { ...labels, status: String(status) }, value })),
          ),
        },
        {
          name: "regulars_http_request_duration_seconds",
          type: "histogram",
          help: "Time from the arrival of a request to its answer.",
          values: all.flatMap(({ labels, count }) => toHistogram(labels, BOUNDS, count.buckets, count.seconds)),
        },
        {
          name: "regulars_snapshots_total",
          type: "counter",
          help: "Reports that were answered from memory (hit) or computed (miss).",
          values: [...caches].map(([result, value]) => ({ labels: { result: result.toLowerCase() }, value })),
        },
      ];
    },
  };
}

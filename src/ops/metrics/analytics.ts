// How far has ClickHouse been told what has changed, if it computes reports?
import { gauge, type Sample } from "./sample.ts";

/** The state of what is sent. `behind`: changes; `asOfAt`: milliseconds since 1970 UTC, 0: unknown; `rows` and `failures`: since the start. */
export interface AnalyticsState {
  readonly phase: "standby" | "away" | "filling" | "following";
  readonly behind: number;
  readonly asOfAt: number;
  readonly rows: number;
  readonly failures: number;
}

const counter = (name: string, help: string, value: number): Sample => ({ name, type: "counter", help, values: [{ value }] });

/** The samples of a state; none without one. */
export function analyticsSamples(state: AnalyticsState | undefined): Sample[] {
  if (state === undefined) return [];
  const { phase, behind, asOfAt, rows, failures } = state;
  return [
    gauge(
      "regulars_analytics_up",
      "1 if reports can be read in ClickHouse; 0 while it is away, being filled or not used.",
      phase === "following" ? 1 : 0,
    ),
    gauge("regulars_analytics_behind_changes", "How many changes ClickHouse has not been told.", behind),
    gauge("regulars_analytics_as_of_timestamp_seconds", "Everything that was stored by then is in ClickHouse.", asOfAt / 1000),
    counter("regulars_analytics_rows_total", "Rows of customers that ClickHouse has confirmed.", rows),
    counter("regulars_analytics_failures_total", "Attempts to tell ClickHouse that failed.", failures),
  ];
}

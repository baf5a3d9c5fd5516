// How much memory does the process use, and how long do requests wait for the event loop?
import { monitorEventLoopDelay } from "node:perf_hooks";
import { VERSION } from "../../host/version.ts";
import { gauge, type Sample } from "./sample.ts";

/** How often the delay is measured. */
const RESOLUTION_MS = 20;

export interface ProcessSamples {
  samples(): Sample[];
  close(): void;
}

/** The samples of this process. The delay of the event loop is measured from the first call of `samples`. */
export function openProcessSamples(): ProcessSamples {
  let delay: ReturnType<typeof monitorEventLoopDelay> | undefined;

  function delays(): Sample {
    if (!delay) {
      delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
      delay.enable();
    }
    const values = delay.count > 0 ? { 0.5: delay.percentile(50), 0.99: delay.percentile(99), 1: delay.max } : { 0.5: 0, 0.99: 0, 1: 0 };
    delay.reset();
    return {
      name: "regulars_event_loop_delay_seconds",
      type: "gauge",
      help: "Delay of the event loop since the last scrape: median, 99th percentile, maximum.",
      values: Object.entries(values).map(([quantile, nanoseconds]) => ({ labels: { quantile }, value: nanoseconds / 1e9 })),
    };
  }

  return {
    samples: () => [
      { name: "regulars_info", type: "gauge", help: "The version of the server.", values: [{ labels: { version: VERSION }, value: 1 }] },
      gauge("process_start_time_seconds", "Start time of the process.", Math.round(performance.timeOrigin / 1000)),
      gauge("process_resident_memory_bytes", "Resident memory of the process.", process.memoryUsage.rss()),
      delays(),
    ],
    close: () => void delay?.disable(),
  };
}

// How long did the server hold its thread at most? Loaded into the server of a drill before its program, by `bun --preload`. It counts the
// time that the thread worked, not the time that it waited for a processor, so that a busy machine makes no difference.
import { writeFileSync } from "node:fs";

/** The longest turn since the last request to the meter, in milliseconds: of work, and of time. */
export interface Turn {
  readonly worked: number;
  readonly passed: number;
}

const EVERY_MS = 1;
let longest: Turn = { worked: 0, passed: 0 };

function worked(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

let [last, lastWorked] = [performance.now(), worked()];
setInterval(() => {
  const [now, nowWorked] = [performance.now(), worked()];
  longest = { worked: Math.max(longest.worked, nowWorked - lastWorked), passed: Math.max(longest.passed, now - last) };
  [last, lastWorked] = [now, nowWorked];
}, EVERY_MS).unref();

const meter = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch() {
    const taken = longest;
    longest = { worked: 0, passed: 0 };
    return Response.json(taken);
  },
});
meter.unref();
writeFileSync("turn-meter.port", String(meter.port));

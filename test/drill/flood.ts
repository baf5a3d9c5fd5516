// Does a page that floods, at its limits and from many addresses, leave the shop's own server untouched?
import { join } from "node:path";
import { type Drill, Faults } from "./drill.ts";
import type { Flooded } from "./flooder.ts";
import { PROGRAM, runCommand, startVictim, type Victim } from "./victim.ts";

const PAUSE_MS = 10;
/** The most that the 99th percentile may be. On a machine that is slow or busy by itself it may double. */
const MOST_MS = 25;
const QUIET_MS = 12;
/** Delays by the server occur every time, delays by the machine only now and then. */
const TRIES = 3;

/** Sells and reads as a shop's server does, for some seconds. Gives how long each request took, in milliseconds. */
async function sell(victim: Victim, seconds: number, name: string, faults: Faults): Promise<number[]> {
  const times: number[] = [];
  const until = performance.now() + seconds * 1000;
  for (let count = 0; performance.now() < until; count += 1) {
    const sale = { type: "sale", orderId: `${name}-${count}`, externalId: `shopper-${count % 50}`, value: 20 };
    for (const [method, path, body] of [
      ["POST", "/events", sale],
      ["GET", `/customers/ext_shopper-${count % 50}`, undefined],
    ] as const) {
      const startedAt = performance.now();
      const { status } = await victim.ask(method, path, body);
      times.push(performance.now() - startedAt);
      if (status >= 300) faults.add(`${name}: the shop's server is answered ${status}`);
      await Bun.sleep(PAUSE_MS);
    }
  }
  return times.sort((a, b) => a - b);
}

const p99 = (times: readonly number[]) => Math.round((times[Math.floor(times.length * 0.99)] ?? 0) * 10) / 10;

export const flood: Drill = {
  name: "flood",
  promise: "A page that floods leaves the shop's own server untouched",
  rounds: { full: 60, quick: 5 }, // seconds
  async run({ rounds: seconds, folder }) {
    const faults = new Faults();
    const victim = await startVictim({ folder, command: [...PROGRAM, "serve"], env: { TRUST_PROXY: "1" } });
    await sell(victim, 2, "warming up", faults);
    const alone = p99(await sell(victim, Math.min(seconds, 5), "alone", faults));
    const most = alone > QUIET_MS ? Math.max(MOST_MS, 2 * alone) : MOST_MS;
    let [beside, accepted, refused, tries] = [Number.POSITIVE_INFINITY, 0, 0, 0];
    while (beside > most && tries < TRIES) {
      tries += 1;
      // With a new key, the page has all of its limits before it, and not only refusals.
      const key = (await runCommand(["keys", "create", "--origin", "https://shop.example"], folder)).out.trim();
      // A page would have its own machine, so this one's processors are left to the server and the measurement.
      const flooder = ["nice", "-n", "10", process.execPath, join(import.meta.dir, "flooder.ts"), victim.url, key, String(seconds)];
      const child = Bun.spawn(flooder, { stdout: "pipe", stderr: "inherit" });
      beside = Math.min(beside, p99(await sell(victim, seconds, `flooded-${tries}`, faults)));
      const flooded = JSON.parse(await new Response(child.stdout).text()) as Flooded;
      faults.unless(flooded.wrong === 0, `${flooded.wrong} answers to the page are neither 200 nor 429 with Retry-After`);
      faults.unless(flooded.accepted > 0, "nothing of the page was accepted");
      [accepted, refused] = [accepted + flooded.accepted, refused + flooded.refused];
    }
    faults.unless(beside <= most, `beside the flood, the 99th percentile of the shop's server is ${beside} ms, alone ${alone} ms`);
    faults.unless(
      accepted > 0 && refused > 0,
      `the page did not reach its limits: ${accepted} entries accepted, ${refused} requests refused`,
    );
    faults.unless((await victim.stop()) === 0, "the server did not end with 0");
    return {
      figures: { "p99 ms alone": alone, "beside the flood": beside, tries, "entries accepted": accepted, refused },
      faults: faults.list,
    };
  },
};

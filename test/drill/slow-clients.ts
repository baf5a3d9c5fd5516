// Do slow and greedy clients only hurt themselves? Very slow uploads and downloads, thousands of idle connections, ten times the allowed load.
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { type Drill, Faults } from "./drill.ts";
import { ADMIN_KEY, runCommand, startVictim, type Victim } from "./victim.ts";
import { Answers, CLOCK, Writer } from "./writer.ts";

const REQUESTS = 300;
const PAUSE_MS = 10;
const IDLE = 5000;
const SLOW = 200;
/** The rate limit per minute and key. The greedy client sends at least ten times as much. */
const RATE_LIMIT = 9000;
/** A 99th percentile that doubles below this is noise of the machine. */
const NOISE_MS = 25;
const TRIES = 4;
const SETTLE_MS = 8000;
const MOST_GROWN = 1.5;

const residentMb = (pid: number) =>
  Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024);

/** The 99th percentile, in milliseconds, of a polite client with its own key. */
async function politeP99(victim: Victim, key: string, faults: Faults, what: string): Promise<number> {
  const all: number[] = [];
  for (let count = 0; count < REQUESTS; count += 1) {
    const startedAt = performance.now();
    const { status } = await victim.ask("GET", "/customers/ext_shopper-1", undefined, { authorization: `Bearer ${key}` });
    all.push(performance.now() - startedAt);
    if (status !== 200) faults.add(`${what}: a polite client is answered ${status}`);
    await Bun.sleep(PAUSE_MS);
  }
  all.sort((a, b) => a - b);
  return Math.round((all[Math.floor(all.length * 0.99)] ?? 0) * 10) / 10;
}

/** Opens connections that send a text and then do what `then` says. */
async function openSockets(url: string, count: number, text: string, then: (socket: Socket) => void): Promise<Socket[]> {
  const { hostname, port } = new URL(url);
  return await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<Socket>((resolve, reject) => {
          const socket = connect(Number(port), hostname, () => {
            socket.write(text);
            then(socket);
            resolve(socket);
          });
          socket.on("error", reject);
        }),
    ),
  );
}

const head = (method: string, path: string, more = "") =>
  `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${ADMIN_KEY}\r\n${more}\r\n`;

/** Sends requests at full speed from other processes, and checks some answers itself. */
async function overload(victim: Victim, key: string, seconds: number, faults: Faults): Promise<{ perSecond: number; refused: number }> {
  const args = ["-t1", "-c32", `-d${seconds}s`, "-H", `Authorization: Bearer ${key}`, `${victim.url}/customers/count`];
  // A greedy client would have its own machine, so this one's processors are left to the server and the measurement.
  const child = Bun.spawn(["nice", "-n", "10", "wrk", ...args], { stdout: "pipe", stderr: "ignore" });
  let refused = 0;
  for (const until = performance.now() + seconds * 900; performance.now() < until; await Bun.sleep(20)) {
    const { status, headers } = await victim.ask("GET", "/customers/count", undefined, { authorization: `Bearer ${key}` });
    if (status === 429 || status === 503) {
      refused += 1;
      if (headers.get("retry-after") === null) faults.add(`${status} without Retry-After`);
    } else if (status !== 200) faults.add(`under overload a request is answered ${status}`);
  }
  return { perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(await new Response(child.stdout).text())?.[1] ?? 0), refused };
}

export const slowClients: Drill = {
  name: "slow-clients",
  promise: "Slow or greedy clients hurt only themselves",
  rounds: { full: IDLE, quick: 500 },
  needs: { wrk: "wrk" },
  async run({ seed, rounds: idle, folder }) {
    const faults = new Faults();
    const victim = await startVictim({ folder, env: { CLOCK, RATE_LIMIT: String(RATE_LIMIT) } });
    const answers = new Answers();
    const shopper = { type: "sale", orderId: "first", externalId: "shopper-1", timestamp: "2026-05-01T00:00:00Z", value: 1 };
    await victim.ask("POST", "/events", shopper);
    await Promise.all(
      Array.from({ length: 4 }, (_, index) => new Writer(seed, `s${index}`, answers).run(victim, () => answers.requests >= 600)),
    );
    const makeKey = async () => (await runCommand(["keys", "create", "--scope", "links:read"], folder, { CLOCK })).out.trim();
    const [polite, greedy] = [await makeKey(), await makeKey()];
    await politeP99(victim, polite, faults, "warming up");
    const alone = await politeP99(victim, polite, faults, "alone");
    const residentBefore = residentMb(victim.pid);
    const figures: Record<string, number> = { "p99 ms alone": alone };
    const limit = Math.max(2 * alone, NOISE_MS);
    let residentMost = residentBefore;

    async function beside(what: string, start: () => Promise<() => void>): Promise<void> {
      const end = await start();
      let p99 = await politeP99(victim, polite, faults, what);
      // Delays by the server occur every time, delays by the machine only now and then.
      for (let tries = 1; p99 > limit && tries < TRIES; tries += 1) p99 = Math.min(p99, await politeP99(victim, polite, faults, what));
      residentMost = Math.max(residentMost, residentMb(victim.pid));
      end();
      figures[`beside ${what}`] = p99;
      faults.unless(p99 <= limit, `beside ${what}, the 99th percentile is ${p99} ms, alone ${alone} ms`);
      await Bun.sleep(200);
    }
    const closing =
      (sockets: readonly Socket[], timers: readonly Timer[] = []) =>
      () => {
        for (const timer of timers) clearInterval(timer);
        for (const socket of sockets) socket.destroy();
      };

    await beside("slow uploads", async () => {
      const timers: Timer[] = [];
      const sockets = await openSockets(
        victim.url,
        SLOW,
        head("POST", "/events", "Content-Type: application/json\r\nContent-Length: 100000\r\n"),
        (socket) => {
          timers.push(setInterval(() => void socket.write(" "), 250));
        },
      );
      return closing(sockets, timers);
    });
    await beside("slow readers", async () => {
      const asking = head("GET", "/docs/json").repeat(20);
      return closing(await openSockets(victim.url, SLOW, asking, (socket) => void socket.pause()));
    });
    await beside(`${idle} idle`, async () => {
      const sockets: Socket[] = [];
      for (let count = 0; count < idle; count += 250)
        sockets.push(...(await openSockets(victim.url, Math.min(250, idle - count), "", () => undefined)));
      return closing(sockets);
    });
    let load = Promise.resolve({ perSecond: 0, refused: 0 });
    await beside("overload", async () => {
      load = overload(victim, greedy, 12, faults);
      await Bun.sleep(500);
      return () => undefined;
    });
    const { perSecond, refused } = await load;
    faults.unless(refused > 0, "the greedy client was never refused");
    faults.unless(
      (perSecond * 60) / RATE_LIMIT >= 10,
      `the overload was only ${Math.round((perSecond * 60) / RATE_LIMIT)} times what is allowed`,
    );

    await Bun.sleep(SETTLE_MS);
    const residentAfter = residentMb(victim.pid);
    faults.unless(
      residentAfter <= Math.max(residentBefore * MOST_GROWN, residentBefore + 64),
      `memory grew from ${residentBefore} MB to ${residentAfter} MB`,
    );
    faults.unless((await victim.stop()) === 0, "the server did not end with 0");
    return {
      figures: {
        ...figures,
        "overload times": Math.round((perSecond * 60) / RATE_LIMIT),
        "resident MB before": residentBefore,
        most: residentMost,
        after: residentAfter,
      },
      faults: faults.list,
    };
  },
};

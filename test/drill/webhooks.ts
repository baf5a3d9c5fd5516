// Do webhooks arrive, each and in order for each customer, whatever other endpoints do and however often the server is killed? Is memory flat meanwhile?
import { readFileSync } from "node:fs";
import { type Drill, Faults } from "./drill.ts";
import { between, chanceFor } from "./seed.ts";
import { startVictim, type Victim } from "./victim.ts";

const PER_CUSTOMER = 5;
const AT_ONCE = 1000;
const BUYERS = 10;
const KILLS = 3;
/** What the server may take while everything waits. */
const MOST_MB = 256;
const SLOW_MS = 3000;
/** How long all may take; with few messages, what takes longer than the second is stuck. */
const [PATIENCE_MS, LITTLE_PATIENCE_MS] = [30 * 60_000, 100_000];
const ALLOWED = { WEBHOOK_ALLOW_PRIVATE: "true" };

/** What a good receiver has seen of an entry: whose it is, and its place among theirs. */
interface Seen {
  readonly customer: number;
  readonly place: number;
}

const rssOf = (pid: number) => Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024);

/** Each entry is told, and never before an earlier one of its customer. It may be told again. */
export function faultsOf(seen: readonly Seen[], customers: number): { lost: number; disordered: number; repeated: number } {
  const next = new Map<number, number>();
  let [disordered, repeated] = [0, 0];
  for (const { customer, place } of seen) {
    const expected = next.get(customer) ?? 0;
    if (place > expected) disordered += 1;
    else if (place < expected) repeated += 1;
    next.set(customer, Math.max(expected, place + 1));
  }
  const lost = customers * PER_CUSTOMER - new Set(seen.map(({ customer, place }) => `${customer} ${place}`)).size;
  return { lost, disordered, repeated };
}

/** Receivers of every kind, on one port. */
function openReceivers(failures: number) {
  const good: Seen[] = [];
  const tries = new Map<string, number>();
  const delivered = new Set<string>();
  let trapped = 0;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const { data } = (await request.json()) as { data: { eventId?: string } };
      if (pathname === "/good") {
        const [customer = 0, place = 0] = String(data.eventId).split("-").map(Number);
        good.push({ customer, place });
      } else if (pathname === "/slow") await Bun.sleep(SLOW_MS);
      else if (pathname === "/redirect") return Response.redirect(`${request.url.replace("/redirect", "/trap")}`, 308);
      else if (pathname === "/trap") trapped += 1;
      else if (pathname === "/flaky") {
        const id = request.headers.get("webhook-id") ?? "";
        tries.set(id, (tries.get(id) ?? 0) + 1);
        if ((tries.get(id) ?? 0) <= failures) return new Response("", { status: 500 });
        delivered.add(id);
      }
      return new Response("");
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, good, tries, delivered, trapped: () => trapped, close: () => server.stop(true) };
}

async function untilWithin(patienceMs: number, what: () => boolean | Promise<boolean>): Promise<boolean> {
  for (const end = performance.now() + patienceMs; performance.now() < end; await Bun.sleep(50)) if (await what()) return true;
  return false;
}

const entry = (customer: number, place: number) => ({
  type: "custom",
  event: "step",
  eventId: `${customer}-${place}`,
  externalId: `c-${customer}`,
  timestamp: new Date(Date.UTC(2026, 0, 1) + place * 1000).toISOString(),
});

export const webhooks: Drill = {
  name: "webhooks",
  promise: "Webhooks arrive, in order for each customer",
  rounds: { full: 100_000, quick: 1000 },
  async run({ seed, rounds, folder }) {
    const chance = chanceFor(seed, "webhooks");
    const faults = new Faults();
    const customers = Math.ceil(rounds / PER_CUSTOMER);
    const failures = rounds >= 10_000 ? 3 : 1;
    const receivers = openReceivers(failures);
    const until = (what: () => boolean | Promise<boolean>) => untilWithin(rounds >= 10_000 ? PATIENCE_MS : LITTLE_PATIENCE_MS, what);
    let victim = await startVictim({ folder, env: ALLOWED });
    let most = 0;
    const ids: Record<string, string> = {};
    const make = async (name: string, url: string, events: string[]) => {
      const { status, data } = await victim.ask<{ id: string }>("POST", "/webhook-endpoints", { url, events });
      faults.unless(status === 201, `an endpoint is answered ${status}`);
      ids[name] = data.id;
    };
    for (const name of ["good", "slow", "redirect"]) await make(name, `${receivers.url}/${name}`, ["entry.created"]);
    await make("dead", "http://127.0.0.1:1/", ["entry.created"]);
    await make("flaky", `${receivers.url}/flaky`, ["customer.first_sale"]);
    const endpointsOf = async (of: Victim) => (await of.ask<{ id: string; waiting: number }[]>("GET", "/webhook-endpoints")).data;

    const restart = async () => {
      await victim.kill();
      victim = await startVictim({ folder, env: ALLOWED });
    };
    let kills = 0;
    const total = customers * PER_CUSTOMER;
    for (let from = 0; from < total; from += AT_ONCE) {
      const batch = Array.from({ length: Math.min(AT_ONCE, total - from) }, (_, index) =>
        entry((from + index) % customers, Math.floor((from + index) / customers)),
      );
      // An array that a kill has cut off is sent again.
      if (kills < KILLS && chance.pick(Math.ceil(total / AT_ONCE)) < KILLS) {
        const sent = victim.ask("POST", "/events", batch).catch(() => undefined);
        await Bun.sleep(between(chance, 1, 100));
        await restart();
        await sent;
        kills += 1;
      }
      const { status } = await victim.ask("POST", "/events", batch);
      faults.unless(status === 200, `an array is answered ${status}`);
      most = Math.max(most, rssOf(victim.pid));
    }
    for (let buyer = 0; buyer < BUYERS; buyer += 1) {
      const sale = { type: "sale", orderId: `o-${buyer}`, externalId: `buyer-${buyer}`, value: 1, timestamp: "2026-01-01" };
      // A buyer's sale is an entry too, which the good one is told of outside of its count.
      await victim.ask("POST", "/events", sale);
    }
    for (; kills < KILLS; kills += 1) {
      await Bun.sleep(between(chance, 100, 1000));
      await restart();
    }

    const told = () => receivers.good.filter(({ customer }) => Number.isInteger(customer));
    const isAll = () => new Set(told().map(({ customer, place }) => `${customer} ${place}`)).size >= total;
    faults.unless(
      await until(() => {
        most = Math.max(most, rssOf(victim.pid));
        return receivers.good.length >= total && isAll();
      }),
      "the good endpoint was not told all in time",
    );
    faults.unless(await until(() => receivers.delivered.size >= BUYERS), "not all that failed at first was delivered later");
    const { lost, disordered, repeated } = faultsOf(told(), customers);
    faults.unless(lost === 0, `${lost} messages are lost`);
    faults.unless(disordered === 0, `${disordered} messages came before an earlier one of their customer`);
    faults.unless(
      [...receivers.tries.values()].every((count) => count > failures),
      "a message was not tried as often as it failed",
    );
    faults.unless(receivers.trapped() === 0, "a redirect was followed");
    const waiting = Object.fromEntries((await endpointsOf(victim)).map((each) => [each.id, each.waiting]));
    const [dead = 0, redirected = 0] = [waiting[ids.dead ?? ""], waiting[ids.redirect ?? ""]];
    faults.unless(dead >= total && redirected >= total, `of ${total}, ${dead} and ${redirected} wait for endpoints that never took any`);
    faults.unless(most <= MOST_MB, `the server took ${most} MB`);

    // Without the permission, the same endpoint is in a private network.
    faults.unless((await victim.stop()) === 0, "the server did not end with 0");
    victim = await startVictim({ folder });
    const before = receivers.good.length;
    const tried = await victim.ask<{ problem: string }>("POST", `/webhook-endpoints/${ids.good}/test`);
    faults.unless(tried.data?.problem === "the address is in a private network", `a private address is answered ${tried.text}`);
    await victim.ask("POST", "/events", entry(0, PER_CUSTOMER));
    const isRefused = await until(
      async () =>
        (await victim.ask<{ problem: string | null }[]>("GET", `/webhook-endpoints/${ids.good}/deliveries?state=waiting`)).data[0]
          ?.problem != null,
    );
    faults.unless(isRefused, "a message for a private address has no problem");
    faults.unless(receivers.good.length === before, "a private address was called");
    await victim.stop();
    receivers.close();

    // What was told twice has to be taken out twice.
    const [taken] = told();
    const control = faultsOf(
      told().filter(({ customer, place }) => customer !== taken?.customer || place !== taken.place),
      customers,
    );
    const swapped = faultsOf([{ customer: 0, place: 1 }, ...told()], customers);
    faults.unless(control.lost === lost + 1, "control: a message that is taken out is not missed");
    faults.unless(swapped.disordered > disordered, "control: a wrong order is not seen");
    return {
      figures: {
        messages: total,
        kills,
        lost,
        disordered,
        repeated,
        "waiting for the dead": dead,
        "tries of what failed at first": [...receivers.tries.values()].reduce((sum, count) => sum + count, 0),
        "redirects followed": receivers.trapped(),
        "most MB": most,
      },
      faults: faults.list,
    };
  },
};

// Are answers kept as long as they may be, and not a moment longer once a write touches their customer?

import { afterEach, describe, expect, test } from "bun:test";
import { RequestContext } from "../../src/http/request-context.ts";
import { openSnapshots, type SnapshotOptions } from "../../src/http/snapshots.ts";
import { NOW, openWorld, type World } from "../harness.ts";
import { waitUntil } from "../wait-until.ts";

const url = (search = "") => `http://localhost/customers/cohorts${search}`;
const get = (search = "", headers: Record<string, string> = {}) => new RequestContext(new Request(url(search), { headers }));
const about = (id: number) => ({ known: id, require: () => id });

function open(options: Partial<SnapshotOptions> = {}) {
  let at = 1000;
  let computed = 0;
  const snapshots = openSnapshots({ ttlSeconds: 30, clock: () => at, now: () => NOW + at, ...options });
  return {
    snapshots,
    wait: (seconds: number) => {
      at += seconds * 1000;
    },
    computed: () => computed,
    ask: (request = get()) => snapshots.answer("cohorts", request, async () => ({ computed: ++computed })),
    askAbout: (id: number, request = get()) => snapshots.answerAbout("journey", request, about(id), async () => ({ computed: ++computed })),
  };
}
const facts = async (response: Response) => {
  const { headers, status } = response;
  return [status, headers.get("x-cache"), headers.get("age"), headers.get("cache-control"), await response.text()];
};

describe("an answer", () => {
  test("is kept until its time is over, and says its age", async () => {
    const { ask, wait } = open();
    const body = (computed: number, at: string) =>
      `{"success":true,"data":{"computed":${computed},"computedAt":"2026-03-01T00:00:${at}Z"}}`;
    expect(await facts(await ask())).toEqual([200, "MISS", "0", "private, no-cache", body(1, "01.000")]);
    wait(12.9);
    expect(await facts(await ask())).toEqual([200, "HIT", "12", "private, no-cache", body(1, "01.000")]);
    wait(17.1);
    expect(await facts(await ask())).toEqual([200, "MISS", "0", "private, no-cache", body(2, "31.000")]);
  });

  test("that took long to read is written in a turn of its own", async () => {
    const { snapshots } = open();
    const orderFor = async (milliseconds: number): Promise<string[]> => {
      const order: string[] = [];
      const read = async () => {
        setTimeout(() => order.push("others"), 0);
        for (const until = performance.now() + milliseconds; performance.now() < until; );
        return { toJSON: () => order.push("written") && {} };
      };
      await snapshots.answer("cohorts", get(`?group_by=${milliseconds}`), read);
      await Bun.sleep(5);
      return order;
    };
    expect(await orderFor(0)).toEqual(["written", "others"]);
    expect(await orderFor(20)).toEqual(["others", "written"]);
  });

  test("is another one for another query", async () => {
    const { ask, computed } = open();
    await ask(get("?group_by=week"));
    await ask(get("?group_by=month"));
    expect(computed()).toBe(2);
  });

  test("is passed by and replaced on `Cache-Control: no-cache`", async () => {
    const { ask } = open();
    await ask();
    expect((await facts(await ask(get("", { "cache-control": "max-age=0, No-Cache" }))))[4]).toContain('"computed":2');
    expect((await facts(await ask()))[4]).toContain('"computed":2');
    expect((await ask(get("", { "cache-control": "max-age=5" }))).headers.get("x-cache")).toBe("HIT");
  });

  test("is not sent again to who has it", async () => {
    const { ask } = open();
    const etag = (await ask()).headers.get("etag") ?? "";
    expect(etag).toStartWith('W/"');
    for (const known of [etag, etag.slice(2), `"other", ${etag}`, "*"]) {
      const response = await ask(get("", { "if-none-match": known }));
      expect([response.status, response.headers.get("etag"), await response.text()]).toEqual([304, etag, ""]);
    }
    expect((await ask(get("", { "if-none-match": '"other"' }))).status).toBe(200);
  });

  test("is not kept when the time is 0, or when computing it failed", async () => {
    const off = open({ ttlSeconds: 0 });
    await off.ask();
    expect((await facts(await off.ask())).slice(1, 4)).toEqual(["MISS", "0", "private, no-cache"]);
    const { snapshots, ask } = open();
    await expect(snapshots.answer("cohorts", get(), () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect((await ask()).headers.get("x-cache")).toBe("MISS");
  });
});

describe("an answer about everybody", () => {
  /** Snapshots of a report that takes so many seconds to compute, during which `meanwhile` happens. */
  function openSlow(seconds: number, meanwhile: () => void = () => undefined) {
    let entries = 5;
    const opened = open({ lastEntryId: () => entries });
    const { snapshots, wait } = opened;
    return {
      ...opened,
      record: (count: number) => {
        entries += count;
        snapshots.forgetCustomers([1]);
      },
      ask: () =>
        snapshots.answer("attribution", get(), async () => {
          wait(seconds);
          meanwhile();
          return { rows: [] };
        }),
    };
  }
  const said = ({ headers }: Response) => [headers.get("x-cache"), headers.get("x-behind"), headers.get("x-data-as-of")];

  test("that took longer than 100 ms is used for a second whatever changes, and says what it lacks", async () => {
    const { ask, record, wait } = openSlow(0.2);
    const asOf = "2026-03-01T00:00:01.000Z";
    expect(said(await ask())).toEqual(["MISS", null, null]);
    record(3);
    wait(0.9);
    expect(said(await ask())).toEqual(["HIT", "3", asOf]);
    record(2);
    expect(said(await ask())).toEqual(["HIT", "5", asOf]);
    wait(0.1);
    expect(said(await ask())).toEqual(["MISS", null, null]);
  });

  test("that took no longer is used only until something changes", async () => {
    const { ask, record } = openSlow(0.1);
    await ask();
    expect(said(await ask())).toEqual(["HIT", null, null]);
    record(1);
    expect(said(await ask())).toEqual(["MISS", null, null]);
  });

  test("says so when something changed while it was computed, and is not kept", async () => {
    let record: (count: number) => void = () => undefined;
    const opened = openSlow(0, () => record(1));
    record = opened.record;
    expect(said(await opened.ask())).toEqual(["MISS", "1", "2026-03-01T00:00:01.000Z"]);
    record = () => undefined;
    expect(said(await opened.ask())).toEqual(["MISS", null, null]);
  });

  test("is never slow enough to outlive its time", async () => {
    const { snapshots, wait } = open({ ttlSeconds: 0.5 });
    const ask = () =>
      snapshots.answer("attribution", get(), async () => {
        wait(0.2);
        return { rows: [] };
      });
    await ask();
    wait(0.5);
    expect(said(await ask())[0]).toBe("MISS");
  });
});

describe("room", () => {
  test("is made by dropping what was not used for longest", async () => {
    const { ask } = open({ mostAnswers: 2 });
    await ask(get("?a"));
    await ask(get("?b"));
    await ask(get("?a"));
    await ask(get("?c"));
    expect((await ask(get("?a"))).headers.get("x-cache")).toBe("HIT");
    expect((await ask(get("?b"))).headers.get("x-cache")).toBe("MISS");
  });

  test("is counted in bytes too, and what is larger than all of it is not kept", async () => {
    const { snapshots, ask } = open({ mostBytes: 4000 });
    const large = (size: number, search: string) => snapshots.answer("cohorts", get(search), async () => ({ text: "x".repeat(size) }));
    await large(1000, "?a");
    await large(2000, "?b");
    expect((await ask(get("?a"))).headers.get("x-cache")).toBe("MISS");
    await large(5000, "?d");
    expect((await large(5000, "?d")).headers.get("x-cache")).toBe("MISS");
  });
});

describe("answers about a customer", () => {
  test("are forgotten when a write touches them, and so is what is about everybody; others stay", async () => {
    const { ask, askAbout, snapshots } = open();
    await ask();
    await askAbout(1);
    await askAbout(1, get("?limit=5"));
    const two = await askAbout(2);
    expect(two.headers.get("x-cache")).toBe("MISS");
    snapshots.forgetCustomers([1, 3]);
    expect((await askAbout(1)).headers.get("x-cache")).toBe("MISS");
    expect((await askAbout(1, get("?limit=5"))).headers.get("x-cache")).toBe("MISS");
    expect((await askAbout(2)).headers.get("x-cache")).toBe("HIT");
    expect((await ask()).headers.get("x-cache")).toBe("MISS");
    expect((await ask()).headers.get("x-cache")).toBe("HIT");
    snapshots.forgetAll();
    expect((await askAbout(2)).headers.get("x-cache")).toBe("MISS");
    expect((await ask()).headers.get("x-cache")).toBe("MISS");
  });

  test("are computed again when a write touches them meanwhile, and what was outdated is neither sent nor kept", async () => {
    const { snapshots } = open();
    const gates: (() => void)[] = [];
    let computed = 0;
    const compute = async () => {
      const data = { computed: ++computed };
      await new Promise<void>((resolve) => gates.push(resolve));
      return data;
    };
    const asked = snapshots.answerAbout("journey", get(), about(1), compute);
    await waitUntil("the first computation runs", () => gates.length === 1);
    snapshots.forgetCustomers([1]);
    gates[0]?.();
    await waitUntil("the second computation runs", () => gates.length === 2);
    gates[1]?.();
    expect(await (await asked).json()).toMatchObject({ success: true, data: { computed: 2 } });
    expect((await snapshots.answerAbout("journey", get(), about(1), compute)).headers.get("x-cache")).toBe("HIT");
  });

  test("a customer who is gone meanwhile is looked up anew", async () => {
    const { snapshots } = open();
    let gone = false;
    const who = {
      known: 1,
      require: () => {
        if (gone) throw new Error("NOT_FOUND");
        return 1;
      },
    };
    const asked = snapshots.answerAbout("journey", get(), who, async () => {
      await Promise.resolve();
      gone = true;
      snapshots.forgetCustomers([1]);
      return { secret: true };
    });
    await expect(asked).rejects.toThrow("NOT_FOUND");
  });
});

describe("through HTTP", () => {
  const worlds: World[] = [];
  afterEach(() => {
    for (const world of worlds.splice(0)) world.close();
  });

  test("nobody's journey outlives a write, or their erasure", async () => {
    const world = openWorld({ config: { snapshotTtl: 3600 } });
    worlds.push(world);
    const cache = async (path: string) => {
      const { status, headers } = await world.request("GET", path);
      return `${status} ${headers.get("x-cache")}`;
    };
    const sale = { type: "sale", orderId: "o-1", externalId: "ann", value: 10, timestamp: "2026-01-01T00:00:00Z" };
    await world.request("POST", "/events", sale);
    const { id } = (await world.request<{ id: string }>("GET", "/customers/ext_ann")).body.data;
    const paths = [id, "ext_ann"].flatMap((who) => ["journey", "attribution"].map((what) => `/customers/${who}/${what}`));
    for (const path of paths.slice(0, 2)) expect(await cache(path)).toBe("200 MISS");
    for (const path of paths) expect(await cache(path)).toBe("200 HIT");
    await world.request("POST", "/events", { ...sale, type: "refund", eventId: "r-1", value: 4 });
    for (const path of paths.slice(2)) expect(await cache(path)).toBe("200 MISS");
    const { body } = await world.request<{ revenue: number }>("GET", `/customers/${id}/attribution`);
    expect(body.data.revenue).toBe(6);
    await world.request("DELETE", "/customers/ext_ann");
    for (const path of paths) expect(await cache(path)).toBe("404 null");
  });

  test("cohorts and curves are answered from memory too, with what every answer carries", async () => {
    const world = openWorld({ config: { snapshotTtl: 3600 } });
    worlds.push(world);
    for (const path of ["/customers/cohorts", "/customers/ltv-cohorts", "/customers/revenue"]) {
      const first = await world.request("GET", path);
      const second = await world.request("GET", `/api${path}`);
      expect([first.headers.get("x-cache"), second.headers.get("x-cache")]).toEqual(["MISS", "HIT"]);
      expect(second.text).toBe(first.text);
      expect(second.headers.get("x-request-id")).not.toBe(first.headers.get("x-request-id"));
      expect(second.headers.get("content-type")).toStartWith("application/json");
      const known = await world.request("GET", path, undefined, { "if-none-match": first.headers.get("etag") ?? "" });
      expect([known.status, known.text]).toEqual([304, ""]);
    }
  });

  test("a store that cannot be read is 503, with a time to try again", async () => {
    const world = openWorld();
    worlds.push(world);
    await world.request("GET", "/customers/cohorts");
    world.workspace.ledger.ensureFresh = () => Promise.reject(Object.assign(new Error("disk I/O error"), { code: "SQLITE_IOERR_READ" }));
    const { status, body, headers } = await world.request("GET", "/customers/cohorts");
    expect([status, body.error?.code, headers.get("retry-after")]).toEqual([503, "SERVICE_UNAVAILABLE", "5"]);
  });
});

// How is a world sent and read through the API? Operations become requests. Ids are found by content.
import type { Sent } from "./log.ts";
import type { Operation, Outcome, Target } from "./operation.ts";
import { customer } from "./people.ts";
import { canonical } from "./questions.ts";
import type { World } from "./world.ts";

export interface Server {
  handle(request: Request): Promise<Response>;
  setNow(at: number): void;
  /** Stores a total of refunds, as an import does: no request can send one. */
  recordTotal?(sent: Sent): Outcome;
  key: string;
}

export interface Answered {
  status: number;
  body: {
    success: boolean;
    data?: unknown;
    created?: boolean;
    error?: { code: string; message: string; details?: unknown };
    pagination?: { total: number };
  };
}

/** The fields of a record that differ between two servers: ids and times of the record. */
const RECORD = ["id", "customerId", "createdAt", "updatedAt"];

interface Result {
  id?: string;
  duplicate?: boolean;
  error?: { code: string; message: string };
}

/** An answer without ids and times of records. A customer's metadata is kept as it is. */
export function content(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data, (key, value: unknown) => (RECORD.includes(key) ? undefined : value)));
}

/** A client of a server, for one world. */
export class Api {
  readonly #server: Server;
  readonly #ids = new Map<string, string>();

  constructor(server: Server) {
    this.#server = server;
  }

  async send(method: string, path: string, body?: unknown): Promise<Answered> {
    const request = new Request(`http://localhost${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#server.key}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const response = await this.#server.handle(request);
    return { status: response.status, body: (await response.json()) as Answered["body"] };
  }

  async ask(path: string): Promise<unknown> {
    const { status, body } = await this.send("GET", path);
    if (status !== 200)
      throw new Error(`GET ${path}: ${status} ${body.error?.code}: ${body.error?.message} ${JSON.stringify(body.error?.details)}`);
    return body.data;
  }

  /** All customers, read page by page. */
  async customers(): Promise<Record<string, unknown>[]> {
    const all: Record<string, unknown>[] = [];
    for (let page = 1; ; page += 1) {
      const list = (await this.ask(`/customers?limit=100&page=${page}`)) as Record<string, unknown>[];
      all.push(...list);
      if (list.length < 100) return all;
    }
  }

  /** Sends entries in one array (or one alone). Gives the result of each. */
  async events(entries: readonly Sent[], single = false): Promise<Outcome[]> {
    const [only] = entries;
    if (!only) return [];
    const { recordTotal } = this.#server;
    const place = recordTotal ? entries.findIndex(({ totalUntil }) => totalUntil !== undefined) : -1;
    const total = entries[place];
    if (recordTotal && total) {
      const before = await this.events(entries.slice(0, place), single);
      return [...before, recordTotal(total), ...(await this.events(entries.slice(place + 1), single))];
    }
    const { status, body } = await this.send("POST", "/events", single && entries.length === 1 ? only : entries);
    if (status >= 500) throw new Error(`POST /events: ${status} ${body.error?.code}`);
    const results =
      single && entries.length === 1
        ? [body.success ? (body.data as Result) : (body as Result)]
        : (body.data as { results: Result[] }).results;
    return results.map((result, index) => {
      const entry = entries[index];
      if (entry && result.id !== undefined) this.#ids.set(`${entry.type} ${entry.eventId}`, result.id);
      return result.error ? (result.error.code as Outcome) : result.duplicate ? "duplicate" : "accepted";
    });
  }

  /** The `:id` in the path of a target, by the oracle's state. */
  async #idOf(target: Target, world: World): Promise<string | undefined> {
    if (target.startsWith("ext_") || target.startsWith("als_")) return target.slice(0, 4) + encodeURIComponent(target.slice(4));
    const found = world.find(target);
    const facts = found && world.derived.facts.get(found.id);
    if (!facts) return undefined;
    const wanted = canonical(customer(world, facts));
    return (await this.customers()).find((one) => canonical(content(one)) === wanted)?.id as string | undefined;
  }

  /** Carries out one operation. `world` is the oracle's state just before it. */
  async apply(operation: Operation, world: World): Promise<Outcome> {
    if (operation.op === "clock") {
      this.#server.setNow(operation.now);
      return "accepted";
    }
    if (operation.op === "event") {
      const { op: _, ...sent } = operation;
      return (await this.events([sent], true))[0] ?? "NOT_FOUND";
    }
    const { status, body } = await this.#call(operation, world);
    if (status >= 500) throw new Error(`${JSON.stringify(operation)}: ${status} ${body.error?.code}`);
    if (!body.success) return body.error?.code as Outcome;
    if (operation.op === "customer") return body.created ? "created" : "updated";
    return operation.op === "patch" ? "updated" : "accepted";
  }

  async #call(operation: Exclude<Operation, { op: "event" } | { op: "clock" }>, world: World): Promise<Answered> {
    switch (operation.op) {
      case "customer": {
        const { op: _, ...body } = operation;
        return this.send("POST", "/customers", body);
      }
      case "rate": {
        const { op: _, ...body } = operation;
        return this.send("PUT", "/rates", body);
      }
      case "status": {
        const { orderId, type, eventId = "", status, statusAt } = operation;
        const named = orderId === undefined ? `ref_${encodeURIComponent(eventId)}` : `ord_${encodeURIComponent(orderId)}`;
        const id = type === undefined ? named : (this.#ids.get(`${type} ${eventId}`) ?? "ord_none");
        return this.send("PATCH", `/conversions/${id}`, { status, ...(statusAt !== undefined && { statusAt }) });
      }
      default: {
        const { op, id: target, ...change } = operation;
        const id = await this.#idOf(target, world);
        if (id === undefined) return { status: 404, body: { success: false, error: { code: "NOT_FOUND", message: "" } } };
        return op === "delete" ? this.send("DELETE", `/customers/${id}`) : this.send("PATCH", `/customers/${id}`, change);
      }
    }
  }
}

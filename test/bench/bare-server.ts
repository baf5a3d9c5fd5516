// The peer of HTTP: a bare Bun.serve that checks a key, sets the same headers, writes the same log line, and does one thing.
import { hash, timingSafeEqual } from "node:crypto";
import { write } from "node:fs";
import Driver from "better-sqlite3";
import { parseCustomerId } from "../../src/value/id.ts";
import { entryInsert, entryValues } from "./rows.ts";
import { SALE } from "./world.ts";

const { PORT, ADMIN_KEY = "", DATABASE_PATH = "", BODY_FILE = "" } = process.env;
const KEY = hash("sha256", ADMIN_KEY, "buffer");

let lines = "";
function log(requestId: string, method: string, route: string, status: number, startedAt: number): void {
  const milliseconds = Math.round((performance.now() - startedAt) * 100) / 100;
  const line = {
    time: new Date().toISOString(),
    level: "info",
    message: "request",
    requestId,
    method,
    route,
    status,
    milliseconds,
    key: "admin",
  };
  if (lines === "") setTimeout(flush, 20);
  lines += `${JSON.stringify(line)}\n`;
}
function flush(): void {
  write(1, lines, () => {});
  lines = "";
}

type Answer = (request: Request) => { body: string | Uint8Array<ArrayBuffer>; status: number; headers?: Record<string, string> };

const JSON_TYPE = "application/json; charset=utf-8";

/** Sends the bytes of a file, with the headers of a report from memory. */
async function bytes(): Promise<Answer> {
  const body = await Bun.file(BODY_FILE).bytes();
  const etag = `W/"${hash("sha256", body, "base64url").slice(0, 27)}"`;
  return () => ({ body, status: 200, headers: { "Cache-Control": "private, no-cache", ETag: etag, Age: "0", "X-Cache": "HIT" } });
}

/** Reads one customer with one prepared select, which also says whether they have aliases and sales without a rate. The bench world has neither. */
function customer(): Answer {
  const find = new Driver(DATABASE_PATH).prepare(
    `SELECT *, EXISTS (SELECT 1 FROM customer_unconverted WHERE customer_id = customer.id) AS unconverted,
       EXISTS (SELECT 1 FROM claim WHERE customer_id = customer.id AND kind = 'alias') AS aliased
     FROM customer WHERE id = ? AND deleted_at IS NULL AND first_touch_at IS NOT NULL`,
  );
  const iso = (at: unknown) => (at === null ? null : new Date(at as number).toISOString());
  return (request) => {
    const id = request.url.slice(request.url.lastIndexOf("/") + 1);
    const row = find.get(parseCustomerId(id)) as Record<string, string | number | null>;
    const [gross, refunds] = [Number(row.gross_minor), Number(row.refunds_minor)];
    const data = {
      id,
      externalId: row.external_id,
      email: row.email,
      ...(row.aliased === 0 && { aliases: [], aliasCount: 0 }),
      name: row.name,
      avatar: row.avatar,
      country: row.country,
      metadata: JSON.parse(String(row.metadata ?? "{}")),
      clickId: row.click_id,
      source: row.source,
      campaign: row.campaign,
      firstTouchAt: iso(row.first_touch_at ?? null),
      lastSeenAt: iso(row.last_seen_at ?? null),
      currency: "USD",
      ltv: (gross - refunds) / 100,
      grossRevenue: gross / 100,
      refunds: refunds / 100,
      sales: row.sales,
      firstSaleAt: iso(row.first_sale_at ?? null),
      lastSaleAt: iso(row.last_sale_at ?? null),
      createdAt: iso(row.created_at ?? null),
      updatedAt: iso(row.updated_at ?? null),
      ...(row.unconverted === 0 && { unconverted: [] }),
    };
    return { body: JSON.stringify({ success: true, data }), status: 200 };
  };
}

/** Inserts one sale in its own transaction, synced before the answer. */
function insert(): (request: Request) => Promise<ReturnType<Answer>> {
  const sqlite = new Driver(DATABASE_PATH);
  for (const pragma of ["journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"]) sqlite.pragma(pragma);
  const add = sqlite.prepare(entryInsert(1));
  const nothing = { source: null, campaign: null, approved: true, saleIndex: null, saleCents: null, wholeRefund: false };
  return async (request) => {
    const sent = (await request.json()) as { orderId: string; externalId: string; value: number };
    const customerId = Number(sent.externalId.slice(5)) + 1;
    const at = Date.now();
    const fact = { ...nothing, index: 0, customer: customerId, type: SALE, at, cents: Math.round(sent.value * 100) };
    const values = entryValues(fact, Number.MAX_SAFE_INTEGER, customerId, at);
    values[2] = sent.orderId; // the key
    values[12] = sent.orderId;
    const { lastInsertRowid } = add.run(values);
    const data = { id: `ent_${lastInsertRowid}`, type: "sale", customerId: `cus_${customerId}`, duplicate: false };
    return { body: JSON.stringify({ success: true, data }), status: 201 };
  };
}

const open: Record<string, () => unknown> = { bytes, customer, insert, nothing: () => () => ({ body: "{}", status: 200 }) };
const answer = (await open[process.argv[2] ?? ""]?.()) as (request: Request) => ReturnType<Answer> | Promise<ReturnType<Answer>>;

function respond(requestId: string, { body, status, headers }: ReturnType<Answer>): Response {
  const all = { "Content-Type": JSON_TYPE, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Request-Id": requestId };
  return new Response(body, { status, headers: { ...all, ...headers } });
}

Bun.serve({
  port: Number(PORT),
  hostname: "127.0.0.1",
  development: false,
  fetch(request) {
    if (request.url.endsWith("/readyz")) return new Response("{}");
    const [startedAt, requestId] = [performance.now(), crypto.randomUUID()];
    const key = request.headers.get("authorization")?.slice(7) ?? "";
    if (!timingSafeEqual(hash("sha256", key, "buffer"), KEY)) return new Response(null, { status: 401 });
    const done = (answered: ReturnType<Answer>) => {
      log(requestId, request.method, "/route", answered.status, startedAt);
      return respond(requestId, answered);
    };
    const answered = answer(request);
    return answered instanceof Promise ? answered.then(done) : done(answered);
  },
});

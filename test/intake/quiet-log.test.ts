// Does the log at its most talkative name anybody whom webhooks, files and messages tell of? Real ones where they are there, and always our own.
import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openLog } from "../../src/host/log.ts";
import { openWorld, type World } from "../harness.ts";
import { readSamples } from "../provider/samples.ts";
import { STORIES } from "./webhooks/orders.ts";
import { deliver, EVERY_PROVIDER } from "./webhooks/story.ts";

const FOLDERS = [join(import.meta.dir, "../../../shared/samples/intake"), "/work/shared/samples/intake"];
const folder = FOLDERS.find((each) => existsSync(each)) ?? "";
const samplesIn = (part: string, ending: string) =>
  folder === ""
    ? []
    : readdirSync(join(folder, part), { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(ending))
        .map((path) => ({ path, text: readFileSync(join(folder, part, path), "utf8") }));

const STRIPE = `id,Created date (UTC),Amount,Currency,Captured,Status,Customer ID,Customer Email,Card Name,PaymentIntent ID
ch_1,2026-01-05 10:00:00,20.00,usd,true,Paid,cus_marked1,marked1@x.example,Marked Person1,pi_1
ch_2,marked-date,20.00,usd,true,Paid,cus_marked2,marked2@x.example,Marked Person2,pi_2
`;
const BALANCE = `balance_transaction_id,created_utc,reporting_category,source_id,gross,currency,payment_intent_id
txn_1,2026-01-05 10:00:00,refund,re_1,marked-gross,usd,pi_1
`;
const CUSTOMERS = `id,Email,Name,Created (UTC),Total Spend,Payment Count
cus_marked3,marked3@x.example,Marked Person3,2026-01-01 09:00:00,30.50,1
cus_marked4,not-a-marked-address,Marked Person4,,30.50,1
`;
const SHOPIFY = `Name,Email,Financial Status,Paid at,Currency,Total,Created at,Lineitem name,Billing Name,Id
#1,marked5@x.example,paid,2026-05-14 11:24:00 +0100,EUR,marked,2026-05-14 11:23:45 +0100,Tea,Marked Person5,'123
`;
const SHOPPERS = `Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Total Spent,Total Orders
'77,Marked,Person6,marked6@x.example,yes,10.00,1
`;
const DUB = `id,name,email,externalId,country,createdAt,sales,saleAmount
cus_z,Marked Person7,marked7@x.example,marked-id7,DE,marked-date,1,1000
`;
const MAPPED = `Order,Date,Total,Mail,Who
A-1,2026-01-05,12.50,marked8@x.example,marked-id8
A-2,marked-date,12.50,marked9@x.example,marked-id9
`;
const NDJSON = `{"type":"sale","orderId":"O-1","externalId":"marked-id10","email":"marked10@x.example","name":"Marked Person10","value":-1}
{"marked-field":"marked11@x.example"
`;
// A table without names of columns.
const NAMELESS = "marked11@x.example,Marked Person11,12.50\n";
const OWN_FILES = [NAMELESS, STRIPE, BALANCE, CUSTOMERS, SHOPIFY, SHOPPERS, DUB, MAPPED, NDJSON];
const MESSAGE = {
  ...{ type: "track", userId: "marked-id12", anonymousId: "marked-visitor12", event: "Order Completed", messageId: "marked-message" },
  ...{
    properties: { order_id: "marked-order", total: "marked-total", email: "marked12@x.example" },
    context: { traits: { name: "Marked Person12" } },
  },
};
const FOREIGN = { ...MESSAGE, messageId: "marked-message2", properties: { order_id: "marked-order2", total: "1", currency: "MARKED" } };
const MAP = encodeURIComponent("orderId=Order,timestamp=Date,value=Total,email=Mail,externalId=Who");

/** Every name that is stored of somebody, and every address that was sent. */
function namesIn(world: World, sent: string): string[] {
  const { sqlite } = world.workspace.database;
  const stored = sqlite
    .prepare(
      `SELECT email FROM entry UNION SELECT name FROM entry UNION SELECT external_id FROM entry UNION SELECT visitor_id FROM entry
       UNION SELECT external_id FROM external_id UNION SELECT name FROM customer UNION SELECT email FROM customer
       UNION SELECT alias FROM entry_alias UNION SELECT alias FROM profile_update_alias UNION SELECT email FROM profile_update`,
    )
    .pluck()
    .all() as (string | null)[];
  const addresses = sent.match(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g) ?? [];
  return [...new Set([...stored, ...addresses])].filter((name) => name !== null && name.length >= 4) as string[];
}

test("no log line has a name, an address or an id of anybody", async () => {
  let logged = "";
  const log = openLog("debug", (lines) => {
    logged += lines;
    return Promise.resolve();
  });
  const world = openWorld({ log, now: "2027-06-01T00:00:00Z", config: { ...EVERY_PROVIDER, webhookTestMode: true } });
  let sent = "";
  async function send(path: string, body: string, headers: Record<string, string> = {}): Promise<void> {
    sent += body;
    await world.request("POST", path, body, headers);
  }
  async function sendAll(): Promise<void> {
    for (const { provider, deliveries } of STORIES) for (const each of deliveries) await deliver(world, provider, each);
    for (const sample of readSamples()) {
      sent += JSON.stringify(sample.body);
      await deliver(world, sample.provider, sample);
      await deliver(world, sample.provider, { ...sample, body: JSON.stringify(sample.body).slice(0, -1) });
      await send(`/webhooks/${sample.provider}`, JSON.stringify(sample.body)); // without a signature
    }
    const files = samplesIn("csv", ".csv").map(({ text }) => text);
    for (const file of [...OWN_FILES, ...files])
      for (const query of ["?by_charge=true", "?dryRun=true&shop=my-shop", "?shop=my-shop", `?map=${MAP}`]) {
        await send(`/imports${query}`, file, { "content-type": "text/csv" });
        await world.workspace.imports.idle();
      }
    const { body } = await world.request<{ id: number }[]>("GET", "/imports?limit=100");
    for (const { id } of body.data) await world.request("DELETE", `/imports/${id}`);
    await world.workspace.imports.idle();
    const messages = samplesIn("segment", ".json").map(({ text }) => text);
    for (const message of [JSON.stringify(MESSAGE), JSON.stringify({ batch: [MESSAGE, FOREIGN, { type: "marked" }] }), ...messages])
      for (const path of ["/v1/batch", "/v1/track", "/v1/identify"]) await send(path, message);
    await send(
      "/dub/track/sale",
      JSON.stringify({ customerExternalId: "marked-id13", amount: "marked", customerEmail: "marked13@x.example" }),
    );
  }
  await sendAll();
  const names = namesIn(world, sent);
  // Our own trouble is logged with its error.
  world.workspace.database.sqlite.exec("DROP TABLE entry_alias");
  await sendAll();
  await log.flush();
  await Bun.sleep(50);
  expect(logged.split("\n").length).toBeGreaterThan(300);
  expect(logged).toContain('"status":500');
  expect(names.length).toBeGreaterThan(30);
  const lower = logged.toLowerCase();
  expect(names.filter((name) => lower.includes(name.toLowerCase()))).toEqual([]);
  expect(lower).not.toContain("marked");
  await world.close();
});

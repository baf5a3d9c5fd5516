// Are real messages, collected from public repositories, understood? We may not pass them on, so this is skipped where they are absent.
import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readMessage } from "../../../src/intake/segment/message.ts";
import { translate } from "../../../src/intake/segment/translate.ts";
import { openWorld } from "../../harness.ts";

const FOLDER = join(import.meta.dir, "../../../../shared/samples/intake/segment");
const READING = { currency: "USD", leadEvents: ["signed up"], otherEvents: "record" } as const;
const files = existsSync(FOLDER) ? readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json")) : [];
const read = (name: string) => JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as Record<string, unknown>;

/** The message of a file; the type of those that show the body of one call is in their names. */
function messageOf(name: string): Record<string, unknown> {
  const raw = read(name);
  const [, call] = /http-api-\d\d-(identify|track|page|group|alias)/.exec(name) ?? [];
  return { ...(call && { type: call }), ...raw };
}

/** What a file means, in short. */
function shortOf(name: string): string {
  const message = readMessage(messageOf(name));
  if (!message) return "no message";
  const meaning = translate(message, READING);
  if ("ignored" in meaning) return "ignored";
  if ("problems" in meaning) return meaning.problems.map(({ path }) => path).join();
  if ("told" in meaning) return `profile ${meaning.told.profile.externalId}`;
  const { type, orderId, value, currency } = meaning.entry;
  return [type, orderId, value, currency].filter((each) => each !== undefined).join(" ");
}

test.skipIf(files.length === 0)("each sample has a meaning, or a reason why not", () => {
  expect(files.length).toBeGreaterThan(100);
  const messages = files.filter((name) => !/batch/.test(name));
  const found = Object.fromEntries(messages.map((name) => [name.replace(/^.*\/|\.json$/g, ""), shortOf(name)]));
  expect(Object.entries(found).filter(([, short]) => short === "no message")).toEqual([]);
  expect(found).toMatchObject({
    "ecommerce-v2-16-track-Order_Completed": "userId", // the spec leaves the person out
    "ecommerce-v2-17-track-Order_Refunded": "refund 50314b8e9bcf000000000000 30 USD",
    "track-order-completed-20": "sale 1234 20 USD",
    "track-order-completed-27": "sale order-67890 235 USD",
    "track-order-completed-odd-05": "sale 1000",
    "track-order-completed-odd-06": "custom", // its event is called Order.Completed
    "track-order-completed-odd-08": "properties.total", // products alone have no total
    "track-order-completed-odd-13": "sale abc-123 49.99",
    "track-order-completed-odd-15": "userId", // nobody
    "track-order-completed-odd-18": "sale order id 100 INR",
    "track-order-refunded-01": "properties.order_id",
    "track-order-refunded-03": "refund rudderstackorder1 99.99 INR",
    "track-order-cancelled-30": "custom",
    "track-signed-up-32": "lead",
    "http-api-01-identify": "profile 019mr8mf4r",
    "alias-01-alias": "profile 507f191e81",
    "page-03-page": "ignored",
  });
});

test.skipIf(files.length === 0)("the server takes every sample, and none of them is a fault", async () => {
  const world = openWorld();
  const all = files.map(messageOf);
  const batches = all.filter(({ batch }) => Array.isArray(batch));
  expect(batches.length).toBeGreaterThan(3);
  for (const body of [...batches, { batch: all }]) expect((await world.request("POST", "/v1/batch", body)).text).toBe('{"success":true}');
  expect((await world.request<object>("GET", "/customers/ext_test-user-456")).body.data).toMatchObject({ sales: 1, ltv: 235 });
  const customer = await world.request<object>("GET", "/customers/ext_019mr8mf4r");
  expect(customer.body.data).toMatchObject({ name: "Peter Gibbons", email: "pgibbons@example.com" });
  await world.close();
});

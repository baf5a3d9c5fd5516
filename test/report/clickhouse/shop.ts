// Which workspace is sent to ClickHouse in tests? A small one with everything in it that a row is made of, and with people who can be told by name.
import type { Config } from "../../../src/host/config.ts";
import { openReadCustomers } from "../../../src/report/clickhouse/read-customers.ts";
import { openShipping, type Shipping } from "../../../src/report/clickhouse/shipping.ts";
import { byName, type Fake } from "../../clickhouse/fake.ts";
import { openWorld, type World } from "../../harness.ts";
import { record } from "../../record-entries.ts";
import { waitUntil } from "../../wait-until.ts";

/** What must never leave: of people, and of what they clicked. */
export const PERSONAL = [
  "marked-external",
  "marked-alias",
  "marked-email",
  "Marked Name",
  "marked-avatar",
  "marked-metadata",
  "marked-visitor",
  "marked-query",
  "marked-url",
  "marked-referrer",
] as const;

const at = (day: string) => `2026-${day}T12:00:00Z`;

/** Opens it, with a shipping that a test starts, or another in its place. */
export async function openShop(fake: Fake, config: Partial<Config> = {}, log?: World["workspace"]["log"]): Promise<World> {
  const world = openWorld({
    config: { analyticsUrl: fake.target, ...config },
    openShipping: (context) =>
      openShipping(context, { ...optionsOf(fake), hasFallback: context.config.analyticsFallback, waitMs: 200, atOnce: 1 }),
    ...(log && { log }),
  });
  await record(
    world,
    {
      type: "click",
      clickId: "c1",
      timestamp: at("01-03"),
      externalId: "marked-external",
      source: "ads",
      campaign: "spring",
      link: "https://shop.example/a?person=marked-query",
      url: "https://shop.example/a?u=marked-url",
      referrer: "https://marked-referrer.example/",
      visitorId: "marked-visitor",
    },
    {
      type: "lead",
      eventId: "l1",
      timestamp: at("01-04"),
      externalId: "marked-external",
      email: "marked-email@shop.example",
      name: "Marked Name",
      avatar: "https://shop.example/marked-avatar.png",
      metadata: { note: "marked-metadata" },
      aliases: ["marked-alias"],
    },
    { type: "sale", orderId: "o1", timestamp: at("01-05"), externalId: "marked-external", value: 100 },
    { type: "sale", orderId: "o2", timestamp: at("02-07"), externalId: "marked-external", value: 50 },
    { type: "refund", eventId: "r1", orderId: "o1", timestamp: at("02-08"), value: 30 },
    { type: "sale", orderId: "o3", timestamp: at("02-09"), externalId: "marked-external", value: 7, currency: "CHF" },
    { type: "sale", orderId: "o4", timestamp: at("01-05"), externalId: "b", value: 20, source: "mail" },
    { type: "click", clickId: "c2", timestamp: at("01-06"), externalId: "c", source: "ads" },
    { type: "sale", orderId: "o5", timestamp: at("01-07"), externalId: "c", value: 11 },
  );
  await world.workspace.ledger.catchUp();
  return world;
}

const optionsOf = (fake: Fake) => ({ target: fake.target, clickhouse: fake.connect(), hasFallback: false });

/** One more shipping of the world, as after a restart. */
export function openShopShipping(world: World, fake: Fake): Shipping {
  return openShipping(world.workspace, optionsOf(fake));
}

/** Waits until everything is sent. */
export function settled(shipping: Shipping): Promise<unknown> {
  const isSettled = () => shipping.state().phase === "following" && shipping.state().behind === 0 && shipping.isUsable();
  return waitUntil("everything is sent", isSettled, { seen: shipping.state });
}

/** The rows as they should be, by customer, without their rev. */
export async function wantedRows({ workspace }: World): Promise<Map<number, object>> {
  const ids = workspace.database.sqlite
    .prepare<[], number>("SELECT id FROM customer WHERE first_touch_at IS NOT NULL ORDER BY id")
    .pluck()
    .all();
  const rows = await openReadCustomers(workspace)(ids, () => 0n);
  return new Map(rows.map((row) => [Number(row[0]), withoutRev(row)]));
}

/** The rows of the fake, without their rev. */
export const foundRows = (fake: Fake, base?: bigint): Map<number, object> =>
  new Map([...fake.rows(base)].map(([customer, row]) => [customer, withoutRev(row)]));

function withoutRev(row: readonly unknown[]): object {
  const { rev: _, ...rest } = byName(row);
  return rest;
}

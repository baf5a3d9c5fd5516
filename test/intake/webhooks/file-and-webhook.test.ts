// Do a provider's file and its webhooks tell the same, so that whichever comes second only repeats the other?
import { expect, test } from "bun:test";
import fc from "fast-check";
import { openEffects } from "../../../src/intake/effect/apply.ts";
import { openPrivacy } from "../../../src/intake/webhooks/privacy.ts";
import { stripeDecimals } from "../../../src/provider/amount.ts";
import type { Effect, ProviderEntry } from "../../../src/provider/effect.ts";
import type { Provider } from "../../../src/provider/provider.ts";
import { TRANSLATE } from "../../../src/provider/translate.ts";
import { toIso } from "../../../src/value/instant.ts";
import { toDecimalText } from "../../../src/value/money.ts";
import { openWorld, type World } from "../../harness.ts";
import { csv, effectsOf, entriesOf, read } from "../../provider/file/read.ts";

const START = Date.UTC(2026, 0, 5, 10);
const DAY = 86_400_000;
const at = (day: number) => START + day * DAY;
const inUtc = (instant: number) => toIso(instant).slice(0, 19).replace("T", " ");

/** A payment at Stripe, as both tell it. */
interface Payment {
  readonly id: string;
  readonly minor: number;
  readonly currency: string;
  readonly paidAt: number;
  readonly customer: string | null;
  readonly email: string;
  readonly name: string | null;
}

const PAYMENT: Payment = { id: "1", minor: 5000, currency: "USD", paidAt: at(0), customer: "cus_1", email: "ann@x.example", name: "Ann" };

function meant(provider: Provider, body: object, headers: Record<string, string> = {}): Effect[] {
  const { meaning } = TRANSLATE[provider]({ headers: new Headers(headers), body: body as never }, ["userId"]);
  return "ignored" in meaning ? [] : [...meaning];
}

const event = (type: string, object: object, instant: number) =>
  meant("stripe", { id: `evt_${type}_${instant}`, livemode: true, type, created: instant / 1000, data: { object } });

const charged = ({ id, minor, currency, paidAt, customer, email, name }: Payment) =>
  event(
    "charge.succeeded",
    {
      ...{
        id: `ch_${id}`,
        amount: minor,
        amount_captured: minor,
        captured: true,
        created: paidAt / 1000,
        currency: currency.toLowerCase(),
      },
      ...{ customer, metadata: { userId: `u${id}` }, paid: true, payment_intent: `pi_${id}`, status: "succeeded" },
      billing_details: { email, name, address: { country: "DE" } },
    },
    paidAt + 1000,
  );

const refunded = (id: string, minor: number, day: number, status = "succeeded", saidAt = at(day)) =>
  event(
    status === "succeeded" ? "refund.created" : "refund.failed",
    { id, payment_intent: "pi_1", amount: minor, currency: "usd", created: at(day) / 1000, status },
    saidAt,
  );

const COLUMNS = [
  ...["id", "Created date (UTC)", "Amount", "Amount Refunded", "Currency", "Captured", "Status", "PaymentIntent ID", "Customer ID"],
  ...["Customer Email", "Card Name", "Card Address Country", "userId (metadata)", "Refunded date (UTC)"],
];
const major = (minor: number, currency: string) => toDecimalText(BigInt(minor), stripeDecimals(currency));

function row({ id, minor, currency, paidAt, customer, email, name }: Payment, more: Record<string, string> = {}) {
  return {
    ...{ id: `ch_${id}`, "Created date (UTC)": inUtc(paidAt), Amount: major(minor, currency), "Amount Refunded": "0.00" },
    ...{ Currency: currency.toLowerCase(), Captured: "true", Status: "Paid", "PaymentIntent ID": `pi_${id}` },
    ...{ "Customer ID": customer ?? "", "Customer Email": email, "Card Name": name ?? "", "Card Address Country": "DE" },
    ...{ "userId (metadata)": `u${id}`, ...more },
  };
}

/** A file of one payment, with another of nobody's that makes its newest date. */
async function file(more: Record<string, string>, newest: number): Promise<Effect[]> {
  const last = row({ ...PAYMENT, id: "last", paidAt: at(newest), customer: "cus_9", email: "zoe@x.example" });
  return effectsOf(await read(csv(COLUMNS, [row(PAYMENT, more), last])));
}

/** Carries effects out, and gives their results. */
function apply(world: World, effects: readonly Effect[], source?: Provider): string[] {
  const carryOut = openEffects(world.workspace);
  const privacy = openPrivacy(world.workspace);
  return world.workspace.ledger
    .write(() => effects.flatMap((effect) => carryOut(effect, source && { source, privacy })))
    .map(({ result }) => result);
}

const figures = async (world: World, key = "als_stripe%3Acus_1") => {
  const { data } = (await world.request<Record<string, unknown>>("GET", `/customers/${key}`)).body;
  return { sales: data.sales, gross: data.grossRevenue, refunds: data.refunds };
};

test("a payment has the same key, money, time and names in both", async () => {
  const payment = fc.record<Payment>({
    id: fc.integer({ min: 1, max: 1e9 }).map(String),
    minor: fc.integer({ min: 1, max: 9_999_999 }).map((minor) => minor * 10), // the last digit of thousandths is 0
    currency: fc.constantFrom("USD", "EUR", "JPY", "KWD", "MGA"),
    paidAt: fc.integer({ min: 1_500_000_000, max: 1_790_000_000 }).map((seconds) => seconds * 1000),
    customer: fc.constantFrom("cus_1", null),
    email: fc.constantFrom("ann@x.example", "+odd@x.example"),
    name: fc.constantFrom('Ann, of "x"', "Bo", null),
  });
  await fc.assert(
    fc.asyncProperty(payment, async (one) => {
      const [live] = charged(one);
      const [told] = entriesOf(await read(csv(COLUMNS, [row(one)])));
      expect(live?.kind === "entry" && JSON.parse(JSON.stringify(live.entry))).toEqual(told as ProviderEntry);
    }),
    { numRuns: 200 },
  );
});

test("an order of Shopify has the same key, money and time in both", async () => {
  const body = {
    ...{ id: 450_789_469, created_at: "2026-01-05T10:00:00-05:00", processed_at: "2026-01-05T10:00:00-05:00", currency: "EUR" },
    ...{ total_price: "409.94", email: "bob@x.example", customer: { id: 7, email: "bob@x.example", first_name: "Bob", last_name: "Li" } },
  };
  const live = meant("shopify", body, { "x-shopify-topic": "orders/paid", "x-shopify-shop-domain": "my-shop.myshopify.com" });
  const columns = ["Name", "Email", "Financial Status", "Currency", "Total", "Created at", "Lineitem name", "Id"];
  const order = { Name: "#1", Email: "bob@x.example", "Financial Status": "paid", Currency: "EUR", Total: "409.94", Id: "450789469" };
  const text = csv(columns, [{ ...order, "Created at": "2026-01-05 10:00:00 -0500" }]);
  const told = effectsOf(await read(text, { shop: "my-shop" }));
  const moneyOf = (effects: readonly Effect[]) =>
    effects.map(
      (effect) => effect.kind === "entry" && [effect.entry.orderId, effect.entry.timestamp, effect.entry.value, effect.entry.currency],
    );
  expect(moneyOf(told)).toEqual(moneyOf(live));
  for (const both of [
    [live, told],
    [told, live],
  ]) {
    const world = openWorld();
    expect(both.map((effects) => apply(world, effects, "shopify"))).toEqual([["recorded"], ["duplicate"]]);
    await world.close();
  }
});

test("whichever comes second is a duplicate, even if it knows more or less, unless its money differs", async () => {
  const told = await file({ "Card Name": "", "Customer Email": "" }, 1);
  for (const both of [
    [told.slice(0, 1), charged(PAYMENT)],
    [charged(PAYMENT), told.slice(0, 1)],
  ]) {
    const world = openWorld();
    expect(both.map((effects) => apply(world, effects))).toEqual([["recorded"], ["duplicate"]]);
    expect(apply(world, charged({ ...PAYMENT, minor: 6000 }))).toEqual(["conflict"]);
    expect(await figures(world)).toEqual({ sales: 1, gross: 50, refunds: 0 });
    await world.close();
  }
});

test("a sale that is pending in a file counts once something says that it is paid, whichever comes first", async () => {
  const pending = (await file({ Status: "Pending" }, 1)).slice(0, 1);
  const paid = (await file({}, 2)).slice(0, 1);
  const [none, one] = [0, 1].map((sales) => ({ sales, gross: sales * 50, refunds: 0 }));
  for (const later of [charged(PAYMENT), paid]) {
    const world = openWorld();
    expect(apply(world, pending)).toEqual(["recorded"]);
    expect(await figures(world)).toEqual(none as never);
    expect(apply(world, later)).toEqual(["recorded"]);
    expect(apply(world, later)).toEqual(["duplicate"]);
    expect(apply(world, pending)).toEqual(["duplicate"]);
    expect(await figures(world)).toEqual(one as never);
    await world.close();
    const other = openWorld();
    expect([later, pending, later].map((effects) => apply(other, effects))).toEqual([["recorded"], ["duplicate"], ["duplicate"]]);
    expect(await figures(other)).toEqual(one as never);
    await other.close();
  }
});

test("refunds of webhooks and of files come to the same in any order", async () => {
  // 20 were refunded before the webhooks began, 10 with them, and 5 after the first file. Another refund failed after it.
  const parts = [
    charged(PAYMENT),
    refunded("re_2", 1000, 4),
    refunded("re_3", 500, 12),
    refunded("re_4", 700, 5),
    refunded("re_4", 700, 5, "failed", at(11)),
    await file({ "Amount Refunded": "37.00", "Refunded date (UTC)": inUtc(at(5)) }, 10),
    await file({ "Amount Refunded": "35.00", "Refunded date (UTC)": inUtc(at(12)) }, 20),
  ];
  const order = fc.shuffledSubarray(parts, { minLength: parts.length });
  await fc.assert(
    fc.asyncProperty(order, async (shuffled) => {
      const world = openWorld();
      for (const effects of shuffled) apply(world, effects);
      expect(await figures(world)).toEqual({ sales: 1, gross: 50, refunds: 35 });
      for (const effects of shuffled) expect(new Set(apply(world, effects))).toEqual(new Set(["duplicate"]));
      expect(await figures(world)).toEqual({ sales: 1, gross: 50, refunds: 35 });
      await world.close();
    }),
    { numRuns: 15 },
  );
});

test("a balance moves refunds to their dates, and brings none that nobody knows", async () => {
  const columns = ["balance_transaction_id", "created_utc", "reporting_category", "source_id", "gross", "currency", "payment_intent_id"];
  const balanced = async (id: string, gross: string, day: number, payment = "pi_1") =>
    effectsOf(
      await read(
        csv(columns, [
          {
            balance_transaction_id: "t",
            created_utc: inUtc(at(day)),
            reporting_category: "refund",
            source_id: id,
            gross,
            currency: "usd",
            payment_intent_id: payment,
          },
        ]),
      ),
    );
  const world = openWorld();
  const datesOf = () =>
    world.workspace.database.sqlite
      .prepare("SELECT at, applied_refund_minor AS minor FROM entry WHERE type = 4 AND applied_refund_minor > 0 ORDER BY at")
      .all() as unknown[];
  expect(apply(world, await balanced("re_1", "-20.00", 3))).toEqual(["ignored"]);
  apply(world, await file({ "Amount Refunded": "30.00" }, 10));
  expect(datesOf()).toEqual([{ at: at(0), minor: 3000 }]);
  expect(apply(world, await balanced("re_1", "-20.00", 3))).toEqual(["recorded"]);
  expect(apply(world, await balanced("re_1", "-20.00", 3))).toEqual(["duplicate"]);
  expect(apply(world, refunded("re_1", 2000, 3))).toContain("duplicate");
  expect(datesOf()).toEqual([
    { at: at(0), minor: 1000 },
    { at: at(3), minor: 2000 },
  ]);
  // More than the total has left, after the newest date of the file, or of a payment that nobody knows.
  for (const more of [await balanced("re_2", "-20.00", 3), await balanced("re_3", "-5.00", 12), await balanced("re_4", "-5.00", 3, "pi_x")])
    expect(apply(world, more)).toEqual(["ignored"]);
  expect(await figures(world)).toEqual({ sales: 1, gross: 50, refunds: 30 });
  await world.close();
});

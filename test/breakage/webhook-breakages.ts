// Which rules of providers' webhooks might a careless change break?
import type { Breakage } from "./breakage.ts";

const STORIES = ["test/intake/webhooks/stories.test.ts"] as const;
const DELIVERIES = ["test/intake/webhooks/deliveries.test.ts"] as const;
const SIGNATURES = ["test/provider/signature.test.ts"] as const;

export const WEBHOOK_BREAKAGES: readonly Breakage[] = [
  {
    section: undefined,
    what: "a provider's id becomes an alias that no answer may hold",
    file: "src/provider/json.ts",
    find: " || textProblem(text) !== undefined ? undefined",
    replace: " ? undefined",
    tests: ["test/provider/translate.test.ts"],
  },
  {
    section: undefined,
    what: "a checkout brings the money of its payment too",
    file: "src/provider/stripe/people.ts",
    find: 'return [milestone("checkout_completed", id, openedAt, named)];',
    replace:
      'return [{ kind: "entry", entry: { ...named, type: "sale", orderId: id, value: 1, currency: "USD", timestamp: new Date(openedAt).toISOString() } }];',
    tests: STORIES,
  },
  {
    section: undefined,
    what: "a dispute that was won still takes its sale",
    file: "src/provider/stripe/payment.ts",
    find: 'return refund(back, { status: "rejected", at });',
    replace: 'return refund(back, { status: "approved", at });',
    tests: STORIES,
  },
  {
    section: undefined,
    what: "a status counts by its arrival, not by the provider's time",
    file: "src/intake/effect/apply.ts",
    find: "key }, status, at));",
    replace: "key }, status, context.now() + at * 0));",
    tests: STORIES,
  },
  {
    section: undefined,
    what: "a refund is recorded before it has succeeded",
    file: "src/provider/stripe/payment.ts",
    find: 'if (status === "succeeded") return',
    replace: 'if (status !== "failed") return',
    tests: ["test/provider/translate.test.ts"],
  },
  {
    section: undefined,
    what: "the first payment of a subscription counts twice",
    file: "src/provider/lemonsqueezy.ts",
    find: 'attributes.billing_reason === "initial"',
    replace: 'attributes.billing_reason === "first"',
    tests: STORIES,
  },
  {
    section: undefined,
    what: "running totals of refunds are added up",
    file: "src/provider/meaning.ts",
    find: "...money, totalUntil: toIso(until) });",
    replace: "...money });",
    tests: STORIES,
  },
  {
    section: undefined,
    what: "ISO's decimals are taken for Stripe's",
    file: "src/provider/stripe/event.ts",
    find: "readMoney(amount, currency, stripeDecimals)",
    replace: "readMoney(amount, currency)",
    tests: STORIES,
  },
  {
    section: undefined,
    what: "the money that the buyer saw is taken for that of the shop",
    file: "src/provider/shopify/order.ts",
    find: "toFields(toFields(set).shop_money)",
    replace: "toFields(toFields(set).presentment_money)",
    tests: STORIES,
  },
  {
    section: undefined,
    what: "a signature is good forever",
    file: "src/provider/signature.ts",
    find: "Math.abs(now() - signed.seconds * 1000) > TOLERANCE_MS",
    replace: "signed.seconds < 0",
    tests: SIGNATURES,
  },
  {
    section: undefined,
    what: "any signature of the right length is good",
    file: "src/provider/signature.ts",
    find: "isValid = true;",
    replace: "isValid = true;\n    isValid = signed.signatures.length > 0;",
    tests: SIGNATURES,
  },
  {
    section: undefined,
    what: "the test mode gets into the figures",
    file: "src/intake/webhooks/deliver.ts",
    find: "isTest && !config.webhookTestMode",
    replace: "isTest && config.webhookTestMode",
    tests: DELIVERIES,
  },
  {
    section: undefined,
    what: "a sale is lost for a bad field",
    file: "src/intake/effect/tidy.ts",
    find: "if (names.length === 0) return parsed;",
    replace: "if (names.length >= 0) return parsed;",
    tests: DELIVERIES,
  },
  {
    section: undefined,
    what: "an event that is delivered again brings an erased person back",
    file: "src/intake/webhooks/deliver.ts",
    find: "if (log.hasRecorded(source, delivered))",
    replace: "if (isTest && log.hasRecorded(source, delivered))",
    tests: ["test/intake/webhooks/privacy.test.ts"],
  },
];

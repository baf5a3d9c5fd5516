// POST /webhooks/:provider: what payment providers deliver. Each signs its deliveries with a secret that only the settings have.
// deliver.ts has a delivery translated (src/provider/) and stores what it means: apply.ts carries it out, and ../record.ts inserts entries.
import { Type } from "@sinclair/typebox";
import type { Context } from "../../context.ts";
import { type Endpoint, endpoint, ok, type Signature } from "../../http/endpoint.ts";
import { OneOf, success } from "../../http/wire.ts";
import { PROVIDERS, type Provider } from "../../provider/provider.ts";
import { openSignatureCheck } from "../../provider/signature.ts";
import { notFound } from "../../value/error.ts";
import { RESULTS } from "../effect/outcome.ts";
import { openDeliveries } from "./deliver.ts";
import { openDeliveryLog } from "./delivery-log.ts";
import { openPrivacy } from "./privacy.ts";

const NAMES: Readonly<Record<Provider, string>> = {
  stripe: "Stripe",
  shopify: "Shopify",
  paddle: "Paddle",
  lemonsqueezy: "Lemon Squeezy",
  polar: "Polar",
};

/** The setting that holds the secrets of a provider. */
const settingOf = (provider: Provider): string => `${provider.toUpperCase()}_WEBHOOK_SECRET`;

/** How often the log repeats which setting is missing. */
const REMIND_EVERY_MS = 60_000;

const Received = Type.Object({
  received: Type.Literal(true),
  result: OneOf(RESULTS, {
    description:
      "`recorded`: something is new. `duplicate`: all of it was known. `conflict`: it was told before with other money, which stays. `refused`: it cannot be stored. `ignored`: it brings nothing.",
  }),
  reason: Type.Optional(Type.String({ description: "Why nothing changed." })),
});

export function webhookEndpoints(context: Context): Endpoint[] {
  const deliveryLog = openDeliveryLog(context);
  const privacy = openPrivacy(context);
  const deliver = openDeliveries(context, deliveryLog, privacy);

  /** Admits signed deliveries. Without a secret the path is as if it were not there. */
  function admissionOf(provider: Provider): Signature {
    const secrets = context.config[`${provider}Secrets`];
    if (secrets === undefined) {
      let remindedAt = Number.NEGATIVE_INFINITY;
      return {
        verify() {
          if (performance.now() > remindedAt + REMIND_EVERY_MS) {
            remindedAt = performance.now();
            context.log.warn({
              message: `a webhook was refused: set ${settingOf(provider)} to its secret, and start again`,
              webhook: provider,
            });
          }
          throw notFound("route");
        },
      };
    }
    const check = openSignatureCheck(provider, secrets, context.now);
    return {
      async verify(headers, bytes) {
        const isValid = await check(headers, bytes);
        if (!isValid) deliveryLog.addBadSignature(provider);
        return isValid;
      },
    };
  }

  privacy.eraseDue(); // what was due when the server stopped
  const closeRequest = endpoint({
    method: "DELETE",
    path: "/webhooks/data-requests/:id",
    admission: "links:update",
    tag: "Webhooks",
    summary: "Close a customer's request for their data",
    description: "For a request that `GET /webhooks` lists, once the customer's shop has their export.",
    worksWhenFull: true,
    answers: { 200: success(Type.Object({ customerId: Type.String(), closed: Type.Literal(true) })) },
    examples: { answer: { success: true, data: { customerId: "cus_0000000001", closed: true } } },
    handle({ params: { id = "" } }) {
      if (!privacy.closeDataRequest(id)) throw notFound("request");
      return ok({ customerId: id, closed: true });
    },
  });
  const deliveries = PROVIDERS.map((provider) =>
    endpoint({
      method: "POST",
      path: `/webhooks/${provider}`,
      admission: admissionOf(provider),
      body: "bytes",
      isSafeToRepeat: true,
      tag: "Webhooks",
      summary: `Take in what ${NAMES[provider]} delivers`,
      description:
        `For ${NAMES[provider]} alone, which signs each delivery with the secret in \`${settingOf(provider)}\`. Without that setting the answer is 404. ` +
        "Once a delivery is answered, what it brought is on disk. It may come in any order and again: the figures are the same.",
      answers: { 200: Received },
      errors: ["NOT_FOUND"],
      examples: { answer: { received: true, result: "recorded" } },
      async handle({ body, asked }) {
        const { result, reason } = await deliver(provider, { get: (name) => asked.header(name) }, body);
        return { status: 200, body: { received: true, result, ...(reason !== "" && { reason }) } };
      },
    }),
  );
  return [...deliveries, closeRequest];
}

// /webhook-endpoints: who is called when something has changed. fan-out.ts turns changes into messages, dispatcher.ts sends them, payload.ts makes
// what they say, and address.ts and post.ts make the connection.
import { type Static, Type } from "@sinclair/typebox";
import type { Context } from "../../context.ts";
import { type Endpoint, endpoint, ok } from "../../http/endpoint.ts";
import { openIdempotency, REPLAYED } from "../../http/idempotency.ts";
import { Count, Instant, Money, Nullable, OneOf, success, Whole } from "../../http/wire.ts";
import { ApiError, type Detail, notFound } from "../../value/error.ts";
import { toIso } from "../../value/instant.ts";
import { requireDecimals, toMajor, toMinor } from "../../value/money.ts";
import { isPublic, literalOf } from "./address.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { type EndpointInput, type EndpointRow, EVENTS, eventsOf, MOST_ENDPOINTS } from "./endpoints.ts";
import { type MessageRow, STATES } from "./messages.ts";

const MOST_DELIVERIES = 1000;
const DEFAULT_LIMIT = 20;

const Url = Type.String({ minLength: 1, maxLength: 2048, description: "Where to POST to: http or https, without a user name and a `#`." });
const Events = Type.Array(OneOf(EVENTS), { minItems: 1, maxItems: EVENTS.length, uniqueItems: true, description: "What to tell." });
const Threshold = { ...Money, description: "Of `ltv.reached`: the lifetime value, in major units of the workspace's currency." };

const CreateBody = Type.Object({ url: Url, events: Events, threshold: Type.Optional(Threshold) });
const ChangeBody = Type.Object(
  { url: Type.Optional(Url), events: Type.Optional(Events), threshold: Type.Optional(Threshold) },
  { description: "What is absent stays. An empty object takes the mark of a failed endpoint away, or gives the endpoint to your key." },
);

const Shown = {
  id: Type.String({ description: "The id of the endpoint, `whe_…`." }),
  url: Type.String(),
  events: Type.Array(Type.String()),
  threshold: Nullable(Threshold),
  keyId: Type.String({ description: "The key that made or last changed it. Payloads carry what this key may read." }),
  state: OneOf(["active", "paused", "failed"], {
    description:
      "`paused`: its key is revoked or has expired, or is ADMIN_KEY, which is not set any more. `failed`: it has not answered for three days. Neither is sent anything; PATCH it.",
  }),
  failedAt: Nullable(Instant),
  waiting: { ...Count, description: "How many messages wait to be sent." },
  waitingSince: Nullable({ ...Instant, description: "When the oldest of them became a message." }),
  createdAt: Instant,
};
const EndpointAnswer = Type.Object(Shown);
const CreatedAnswer = Type.Object({
  ...Shown,
  secret: Nullable(
    Type.String({
      description: "Signs what is sent (Standard Webhooks). It is shown once: null if the request is repeated with an Idempotency-Key.",
    }),
  ),
});
const Delivery = Type.Object({
  id: Type.String({ description: "The `webhook-id`, `msg_…`, the same at each attempt." }),
  event: Type.String(),
  state: OneOf(STATES),
  toldAt: { ...Instant, description: "When it became a message." },
  attempts: Count,
  attemptedAt: Nullable(Instant),
  nextAt: Nullable({ ...Instant, description: "null while an earlier message of the same customer waits." }),
  status: Nullable(Type.Integer({ description: "The HTTP status of the last answer." })),
  problem: Nullable(Type.String({ description: "Why the last attempt failed." })),
});

const perhapsIso = (at: number | null) => (at === null ? null : toIso(at));

function toDelivery({
  webhookId,
  event,
  state,
  toldAt,
  attempts,
  attemptedAt,
  nextAt,
  status,
  problem,
}: MessageRow): Static<typeof Delivery> {
  const when = { toldAt: toIso(toldAt), attemptedAt: perhapsIso(attemptedAt), nextAt: perhapsIso(nextAt) };
  return { id: webhookId, event, state: STATES[state] ?? "waiting", attempts, ...when, status, problem };
}

export function webhookOutEndpoints(context: Context, dispatcher: Dispatcher): Endpoint[] {
  const { ledger, config, now } = context;
  const { endpoints, messages } = dispatcher;
  const idempotency = openIdempotency(context);
  const decimals = requireDecimals(config.currency);

  function urlProblem(text: string): string | undefined {
    const url = URL.parse(text);
    if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "" || url.hash !== "")
      return "must be an http or https URL without a user name and a #";
    const literal = literalOf(url);
    const isOurs = (literal !== undefined && !isPublic(literal)) || /^(?:.*\.)?localhost\.?$/.test(url.hostname);
    return isOurs && !config.webhookAllowPrivate
      ? "must not lead into a private network: set WEBHOOK_ALLOW_PRIVATE=true to allow it"
      : undefined;
  }

  /** What is wrong with what was said, beyond the schemas. `before`: what is not said stays as it is there. */
  function problemsOf(body: Partial<Static<typeof CreateBody>>, before?: EndpointRow): Detail[] {
    const details: Detail[] = [];
    const say = (path: string, message: string | undefined) => message !== undefined && details.push({ path, message });
    if (body.url !== undefined) say("url", urlProblem(body.url));
    const { threshold } = body;
    if (threshold !== undefined && (toMinor(threshold, decimals) ?? 0) <= 0)
      say("threshold", `must be above 0, with at most ${decimals} decimals`);
    const events = body.events ?? (before && eventsOf(before));
    if (events?.includes("ltv.reached") && threshold === undefined && (before?.thresholdMinor ?? null) === null)
      say("threshold", "is required for ltv.reached");
    return details;
  }

  function toInput(body: Partial<Static<typeof CreateBody>>, before?: EndpointRow): EndpointInput {
    const events = body.events ?? (before ? eventsOf(before) : []);
    const threshold = body.threshold === undefined ? (before?.thresholdMinor ?? null) : (toMinor(body.threshold, decimals) ?? null);
    return { url: body.url ?? before?.url ?? "", events, thresholdMinor: events.includes("ltv.reached") ? threshold : null };
  }

  function shown(row: EndpointRow): Static<typeof EndpointAnswer> {
    const { id, url, keyId, thresholdMinor, failedAt, createdAt, number } = row;
    const threshold = thresholdMinor === null ? null : toMajor(thresholdMinor, decimals);
    const events = [...eventsOf(row)];
    const waiting = messages.waiting(number);
    return {
      id,
      url,
      events,
      threshold,
      keyId,
      state: dispatcher.stateOf(row),
      failedAt: perhapsIso(failedAt),
      waiting: waiting.count,
      waitingSince: perhapsIso(waiting.oldestAt),
      createdAt: toIso(createdAt),
    };
  }

  function requireEndpoint(id: string | undefined): EndpointRow {
    const row = endpoints.find(id ?? "");
    if (!row) throw notFound("endpoint");
    return row;
  }

  function requireDelivery(row: EndpointRow, id: string | undefined): MessageRow {
    const message = messages.find(id ?? "");
    if (message?.endpoint !== row.number) throw notFound("delivery");
    return message;
  }

  const common = { tag: "Webhooks out", admission: "webhooks:write", revenue: true } as const;
  const EXAMPLE = { url: "https://hooks.example.com/regulars", events: ["customer.first_sale", "ltv.reached"], threshold: 100 };
  return [
    endpoint({
      ...common,
      method: "POST",
      path: "/webhook-endpoints",
      summary: "Make an endpoint that is called when something has changed",
      description:
        "What happens from now on is sent to the URL as JSON `{ type, timestamp, data }`, signed by [Standard Webhooks](https://www.standardwebhooks.com/) with the `secret` of the answer, at least once, and in order for each customer. " +
        "A receiver answers 2xx within ten seconds. Else it is tried again after 2 s, 10 s, 1 min, 10 min, and then hourly for three days. `webhook-id` is the same at each attempt, and `data` is as it is then. " +
        "Personal fields are sent if the key has the scope `links:read`, others if it has `links:read` or `changes:read`; without them only ids are.",
      body: CreateBody,
      answers: { 200: success(CreatedAnswer), 201: success(CreatedAnswer) },
      errors: ["CONFLICT"],
      examples: { body: EXAMPLE },
      refine({ body }) {
        const details = problemsOf(body);
        return details.length > 0 ? { details } : { value: undefined };
      },
      handle({ body, key, attempt }) {
        const { result, replayed } = ledger.write(() =>
          idempotency.once(attempt, () => {
            if (endpoints.list().length >= MOST_ENDPOINTS)
              throw new ApiError("CONFLICT", `There are ${MOST_ENDPOINTS} endpoints. Delete one first.`);
            return { status: 201, result: { id: endpoints.create(toInput(body), key?.id ?? "", now()).id } };
          }),
        );
        dispatcher.wake();
        const row = requireEndpoint(result.id);
        const data = { ...shown(row), secret: replayed ? null : row.secret };
        return { status: replayed ? 200 : 201, body: { success: true, data }, ...(replayed && { headers: REPLAYED }) };
      },
    }),
    endpoint({
      ...common,
      method: "GET",
      path: "/webhook-endpoints",
      summary: "List the endpoints",
      answers: { 200: success(Type.Array(EndpointAnswer)) },
      handle: () => ok(endpoints.list().map(shown)),
    }),
    endpoint({
      ...common,
      method: "PATCH",
      path: "/webhook-endpoints/:id",
      summary: "Change an endpoint, or let a failed or paused one go on",
      description: "It belongs to the key that changes it from then on.",
      worksWhenFull: true,
      body: ChangeBody,
      answers: { 200: success(EndpointAnswer) },
      errors: ["NOT_FOUND"],
      examples: { body: { events: ["customer.created"] } },
      handle({ params, body, key }) {
        const row = requireEndpoint(params.id);
        const details = problemsOf(body, row);
        if (details.length > 0) throw new ApiError("VALIDATION_ERROR", "The input is not valid.", { details });
        ledger.write(() => endpoints.change(row.number, toInput(body, row), key?.id ?? ""));
        dispatcher.wake();
        return ok(shown(requireEndpoint(row.id)));
      },
    }),
    endpoint({
      ...common,
      method: "DELETE",
      path: "/webhook-endpoints/:id",
      summary: "Delete an endpoint, with what waits for it",
      worksWhenFull: true,
      answers: { 200: success(Type.Object({ id: Type.String(), deleted: Type.Literal(true) })) },
      errors: ["NOT_FOUND"],
      handle({ params }) {
        const { id, number } = requireEndpoint(params.id);
        ledger.write(() => endpoints.remove(number));
        return ok({ id, deleted: true });
      },
    }),
    endpoint({
      ...common,
      method: "POST",
      path: "/webhook-endpoints/:id/test",
      summary: "Send an endpoint a message to try it",
      description: 'Sends `{ "type": "test" }` once, and answers how it went within ten seconds.',
      isSafeToRepeat: true,
      answers: { 200: success(Delivery) },
      errors: ["NOT_FOUND"],
      async handle({ params }) {
        const row = requireEndpoint(params.id);
        const id = ledger.write(() =>
          messages.add(row.number, { event: "test", subject: 0, customerId: null }, now(), now() + TESTED_BY_US_MS),
        );
        await dispatcher.test(requireDelivery(row, id), row);
        return ok(toDelivery(requireDelivery(row, id)));
      },
    }),
    endpoint({
      ...common,
      method: "GET",
      path: "/webhook-endpoints/:id/deliveries",
      summary: "List what was sent to an endpoint, and what waits",
      description: "The newest first. Of what was delivered, the last 1,000 are kept; what was given up is kept for CHANGES_KEEP.",
      query: Type.Object({
        limit: Type.Optional(Whole(1, MOST_DELIVERIES, { default: DEFAULT_LIMIT, description: "How many." })),
        state: Type.Optional(
          OneOf(STATES, { description: "Only those that are `waiting`, were `delivered`, or were given up (`failed`)." }),
        ),
      }),
      answers: { 200: success(Type.Array(Delivery)) },
      errors: ["NOT_FOUND"],
      handle({ params, query: { limit = DEFAULT_LIMIT, state } }) {
        return ok(messages.last(requireEndpoint(params.id).number, limit, state).map(toDelivery));
      },
    }),
    endpoint({
      ...common,
      method: "POST",
      path: "/webhook-endpoints/:id/deliveries/:delivery/redeliver",
      summary: "Send a message once more",
      description: "With the same `webhook-id`, soon, and tried for three days again. `data` is as it is then.",
      isSafeToRepeat: true,
      answers: { 200: success(Delivery) },
      errors: ["NOT_FOUND"],
      handle({ params }) {
        const row = requireEndpoint(params.id);
        const message = requireDelivery(row, params.delivery);
        ledger.write(() => messages.again(message.id, now()));
        dispatcher.wake();
        return ok(toDelivery(requireDelivery(row, params.delivery)));
      },
    }),
  ];
}

/** So that the dispatcher does not send it as well. */
const TESTED_BY_US_MS = 60_000;

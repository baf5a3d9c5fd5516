// Which features are there? A table of contents.
import { toAddress } from "./address.ts";
import { withoutBody } from "./answer.ts";
import { attributionEndpoints } from "./attribution/routes.ts";
import { openKeyring } from "./auth.ts";
import { openBasePath } from "./base-path.ts";
import { cohortEndpoints } from "./cohort/routes.ts";
import type { Context } from "./context.ts";
import { personExportEndpoints } from "./customer/person-export.ts";
import { customerEndpoints } from "./customer/routes.ts";
import { docsEndpoints } from "./docs/routes.ts";
import type { Endpoint } from "./endpoint.ts";
import { openGate } from "./gate.ts";
import { healthEndpoints } from "./health.ts";
import { openIdempotency } from "./idempotency/idempotency.ts";
import { conversionEndpoints } from "./intake/conversion-routes.ts";
import { eventEndpoints } from "./intake/routes.ts";
import { journeyEndpoints } from "./journey/routes.ts";
import { ltvEndpoints } from "./ltv/routes.ts";
import { openProcessSamples } from "./metrics/process.ts";
import { type Measured, metricsEndpoints } from "./metrics/routes.ts";
import { openVisitCount } from "./metrics/visit-count.ts";
import { mount } from "./mount.ts";
import { rateEndpoints } from "./rate/routes.ts";
import { openRateLimit } from "./rate-limit.ts";

/** How long a request may take before it is answered 503. */
const DEADLINE_MS = 30_000;

export interface AppOptions {
  /** Check answers against their schemas: a mismatch is a 500. For tests. */
  readonly checkAnswers?: boolean;
  readonly deadlineMs?: number;
  /** For how long a request tries again while another process holds the database. */
  readonly patienceMs?: number;
  /** The address at the other end of a request's connection. */
  readonly connectionOf?: (request: Request) => string | undefined;
}

export interface App {
  /** Every endpoint, in the order of the documentation. */
  readonly endpoints: readonly Endpoint[];
  handle(request: Request): Promise<Response>;
  /** The same, without a promise where none is needed: for the server. */
  fetch(request: Request): Response | Promise<Response>;
  /** From now on every request is answered 503. */
  close(): void;
}

/** Every endpoint of the API, in the order of the documentation. */
function apiEndpoints(context: Context, measured: Measured): Endpoint[] {
  return [
    ...customerEndpoints(context),
    ...personExportEndpoints(context),
    ...cohortEndpoints(context),
    ...ltvEndpoints(context),
    ...journeyEndpoints(context),
    ...attributionEndpoints(context),
    ...eventEndpoints(context),
    ...conversionEndpoints(context),
    ...rateEndpoints(context),
    ...healthEndpoints(context),
    ...metricsEndpoints(context, measured),
  ];
}

/** Makes the whole app: requests go in, responses come out; it listens to nothing. */
export function createApp(context: Context, options: AppOptions = {}): App {
  const { config, database, log, now } = context;
  const keyring = openKeyring(database, now, config.adminKey);
  const measured: Measured = { visits: openVisitCount(), process: openProcessSamples() };
  const api = apiEndpoints(context, measured);
  const base = openBasePath(config.basePath ?? "");
  const endpoints: Endpoint[] = [...api, ...docsEndpoints(api, config.basePath)];
  let closing = false;
  const elysia = mount(endpoints, {
    log,
    revenueTracking: config.revenueTracking,
    visits: measured.visits,
    snapshots: context.snapshots,
    idempotency: openIdempotency(context),
    checkAnswers: options.checkAnswers ?? false,
    deadlineMs: options.deadlineMs ?? DEADLINE_MS,
    patienceMs: options.patienceMs,
    gate: openGate(endpoints, {
      keyring,
      limitOfKey: openRateLimit(config.rateLimit),
      limitOfAddress: config.addressRateLimit === 0 ? undefined : openRateLimit(config.addressRateLimit, "address"),
      addressOf: (request) =>
        toAddress(options.connectionOf?.(base.outer(request)), request.headers.get("x-forwarded-for"), config.trustProxy),
    }),
    isClosing: () => closing,
  });
  const answer = (request: Request): Response | Promise<Response> => {
    const response = elysia.fetch(base.inner(request)) as Response | Promise<Response>;
    return request.method === "HEAD" ? Promise.resolve(response).then(withoutBody) : response;
  };
  return {
    endpoints,
    fetch: answer,
    handle: async (request) => answer(request),
    close() {
      closing = true;
      measured.process.close();
      keyring.flush();
    },
  };
}

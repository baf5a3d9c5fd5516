// Which features does the app have? They are put together here, with the HTTP layer around them.

import type { AnyElysia } from "elysia";
import { openChanges } from "../../db/change.ts";
import { openSize } from "../../db/size.ts";
import { openKeyring } from "../access/keyring.ts";
import { openSessions, type Sessions } from "../access/sessions.ts";
import { browserEndpoints } from "../browser/routes.ts";
import { personExportEndpoints } from "../customer/person-export.ts";
import { customerEndpoints } from "../customer/routes.ts";
import { dashboardEndpoints } from "../dashboard/routes.ts";
import { sessionEndpoints } from "../dashboard/session-routes.ts";
import { docsEndpoints, homeEndpoint } from "../docs/routes.ts";
import { feedEndpoints } from "../feed/routes.ts";
import { webhookOutEndpoints } from "../feed/webhooks/routes.ts";
import { toAddress } from "../http/address.ts";
import { withoutBody } from "../http/answer.ts";
import { openBasePath } from "../http/base-path.ts";
import { openCeiling } from "../http/ceiling.ts";
import type { Endpoint } from "../http/endpoint.ts";
import { openGate } from "../http/gate.ts";
import { openIdempotency } from "../http/idempotency.ts";
import { mount } from "../http/mount.ts";
import { openPageLimits } from "../http/page-limits.ts";
import { openRateLimit } from "../http/rate-limit.ts";
import { openStandbyCheck, withAsOf } from "../http/standby.ts";
import { conversionEndpoints } from "../intake/conversion-routes.ts";
import { demoEndpoints } from "../intake/demo/routes.ts";
import { dubCustomerEndpoints } from "../intake/dub/customer-routes.ts";
import { trackEndpoints } from "../intake/dub/track-routes.ts";
import { importEndpoints } from "../intake/import/routes.ts";
import { rateEndpoints } from "../intake/rate-routes.ts";
import { refundEndpoints } from "../intake/refund-routes.ts";
import { eventEndpoints } from "../intake/routes.ts";
import { segmentEndpoints } from "../intake/segment/routes.ts";
import { webhookEndpoints } from "../intake/webhooks/routes.ts";
import { agentEndpoints } from "../mcp/routes.ts";
import type { AgentOptions } from "../mcp/server.ts";
import { backupEndpoints } from "../ops/backup/routes.ts";
import { healthEndpoints } from "../ops/health.ts";
import { openMessageCount } from "../ops/metrics/message-count.ts";
import { openProcessSamples } from "../ops/metrics/process.ts";
import { openRequestCount } from "../ops/metrics/request-count.ts";
import { type Measured, metricsEndpoints } from "../ops/metrics/routes.ts";
import { webhookStateEndpoints } from "../ops/webhooks/routes.ts";
import { attributionEndpoints } from "../report/attribution/routes.ts";
import { openClickHouseEngine } from "../report/clickhouse/engine.ts";
import { cohortEndpoints } from "../report/cohort/routes.ts";
import { openEmbeddedEngine } from "../report/embedded-engine.ts";
import type { Analytics } from "../report/engine.ts";
import { journeyEndpoints } from "../report/journey/routes.ts";
import { ltvEndpoints } from "../report/ltv/routes.ts";
import { revenueEndpoints } from "../report/revenue/routes.ts";
import type { Workspace } from "./workspace.ts";

/** How long a request may take before it gets 503. */
const DEADLINE_MS = 30_000;

export interface AppOptions {
  /** Checks answers against their schemas; a mismatch is a 500. For tests. */
  readonly checkAnswers?: boolean;
  readonly deadlineMs?: number;
  /** How long a request retries while another process holds the database. */
  readonly patienceMs?: number;
  /** The IP address from which a request's connection comes. */
  readonly connectionOf?: (request: Request) => string | undefined;
}

export interface App {
  /** Every endpoint, in the order of the documentation. */
  readonly endpoints: readonly Endpoint[];
  handle(request: Request): Promise<Response>;
  /** The same, but without a promise if the answer is ready, which is faster for the server. */
  fetch(request: Request): Response | Promise<Response>;
  /** Answers every later request with 503, and stores when keys were last used. Does not close the workspace. */
  close(): void;
}

/** The engine of the reports. */
function openEngine(workspace: Workspace): Analytics {
  const embedded = openEmbeddedEngine(workspace, workspace.largeReports);
  return workspace.shipping ? openClickHouseEngine(workspace, workspace.shipping, embedded) : embedded;
}

/** Every endpoint of the API, in the order of the documentation. */
function apiEndpoints(workspace: Workspace, measured: Measured, sessions: Sessions | undefined): Endpoint[] {
  const reporting = { ...workspace, analytics: openEngine(workspace) };
  return [
    ...customerEndpoints(workspace),
    ...personExportEndpoints(workspace),
    ...cohortEndpoints(reporting),
    ...ltvEndpoints(reporting),
    ...revenueEndpoints(reporting),
    ...journeyEndpoints(reporting),
    ...attributionEndpoints(reporting),
    ...eventEndpoints(workspace),
    ...conversionEndpoints(workspace),
    ...refundEndpoints(workspace),
    ...segmentEndpoints(workspace, measured.messages),
    ...trackEndpoints(workspace),
    ...dubCustomerEndpoints(workspace),
    ...webhookEndpoints(workspace),
    ...webhookStateEndpoints(workspace),
    ...feedEndpoints(workspace, workspace.feed),
    ...webhookOutEndpoints(workspace, workspace.dispatcher),
    ...backupEndpoints(workspace),
    ...rateEndpoints(workspace),
    ...importEndpoints(workspace, workspace.imports),
    ...demoEndpoints(workspace),
    ...(sessions ? sessionEndpoints(sessions, workspace.config.trustProxy) : []),
    ...healthEndpoints(workspace),
    ...metricsEndpoints(workspace, measured),
  ];
}

/** What agents need of the workspace. */
export function toAgentOptions({ config, calendar, now }: Workspace, endpoints: readonly Endpoint[]): AgentOptions {
  const { currency, revenueTracking } = config;
  return { endpoints, revenueTracking, currency, timezone: calendar.timezone, now };
}

/** Creates the app of a workspace, which turns requests into responses. It does not listen on the network; `serve` does. */
export function createApp(workspace: Workspace, options: AppOptions = {}): App {
  const { config, database, log, now, standby } = workspace;
  const keyring = openKeyring(database, now, config.adminKey);
  const measured: Measured = {
    requests: openRequestCount(),
    messages: openMessageCount(),
    process: openProcessSamples(),
    analytics: () => workspace.shipping?.state(),
  };
  const sessions = config.dashboard
    ? openSessions({ database, keyring, now, keptIn: config.sessions, adminKey: config.adminKey })
    : undefined;
  const api = apiEndpoints(workspace, measured, sessions);
  const agents = agentEndpoints({ ...toAgentOptions(workspace, api), hosts: config.mcpHosts });
  const basePath = config.basePath ?? "";
  const base = openBasePath(basePath);
  const pages = config.dashboard ? dashboardEndpoints(basePath) : [homeEndpoint(basePath)];
  const endpoints: Endpoint[] = [...api, ...agents, ...pages, ...browserEndpoints(), ...docsEndpoints(api, basePath, () => elysia)];
  let closing = false;
  const elysia: AnyElysia = mount(endpoints, {
    log,
    revenueTracking: config.revenueTracking,
    requests: measured.requests,
    snapshots: workspace.snapshots,
    idempotency: openIdempotency(workspace),
    standbyCheck: openStandbyCheck(standby.following),
    confirmation: config.followAck
      ? { newest: openChanges(database.sqlite).newest, confirmed: workspace.feed.followers.confirmed }
      : undefined,
    ceiling: openCeiling(config.maxDatabaseBytes, openSize(database.sqlite)),
    checkAnswers: options.checkAnswers ?? false,
    deadlineMs: options.deadlineMs ?? DEADLINE_MS,
    patienceMs: options.patienceMs,
    gate: openGate({
      keyring,
      sessions,
      trustProxy: config.trustProxy,
      limitOfKey: openRateLimit(config.rateLimit),
      limitOfAddress: config.addressRateLimit === 0 ? undefined : openRateLimit(config.addressRateLimit, "address"),
      pageLimits: openPageLimits(config),
      addressOf: (request) =>
        toAddress(options.connectionOf?.(base.outer(request)), request.headers.get("x-forwarded-for"), config.trustProxy),
    }),
    isClosing: () => closing,
  });
  const answer = (request: Request): Response | Promise<Response> => {
    const response = elysia.fetch(base.inner(request)) as Response | Promise<Response>;
    const following = standby.following();
    if (request.method !== "HEAD" && following === undefined) return response;
    return (async () => {
      const settled = await response;
      const answered = request.method === "HEAD" ? await withoutBody(settled) : settled;
      return following === undefined ? answered : withAsOf(answered, following);
    })();
  };
  return {
    endpoints,
    fetch: answer,
    handle: async (request) => answer(request),
    close() {
      closing = true;
      workspace.dispatcher.close();
      workspace.feed.news.close();
      measured.process.close();
      keyring.flush();
    },
  };
}

// Which settings are there, and what are their values? They are read once, and all problems are reported together.
import { type AnalyticsTarget, readAnalyticsUrl } from "./analytics-url.ts";
import {
  adminKey,
  asIs,
  basePath,
  bytes,
  currency,
  duration,
  flag,
  hostNames,
  instant,
  list,
  names,
  type Read,
  timezone,
  whole,
  word,
} from "./setting-value.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Config {
  port: number;
  host: string;
  databasePath: string;
  adminKey?: string;
  timezone: string; // IANA name
  currency: string; // ISO 4217
  attributionWindowDays: number;
  snapshotTtl: number; // seconds
  revenueTracking: boolean;
  rateLimit: number; // requests per minute and key; 0: off
  addressRateLimit: number; // requests per minute and address; 0: off
  publishableEntriesPerVisitor: number; // per minute, as the four below; 0: off
  publishableEntriesPerAddress: number;
  publishableBytesPerAddress: number;
  publishableEntriesPerKey: number;
  publishableBytesPerKey: number;
  maxDatabaseBytes: number; // above it, nothing is added; 0: off
  segmentLeadEvents: readonly string[]; // in lower case
  segmentOtherEvents: "record" | "ignore";
  trustProxy: number; // how many proxies are in front of the server
  basePath?: string; // without a trailing slash
  mcpHosts: readonly string[]; // host names under which agents reach the server, besides loopback
  clock?: number; // a fixed current time, for tests
  dashboard: boolean;
  sessions: "database" | "memory"; // where sessions of the dashboard are kept
  logLevel: LogLevel;
  backupEvery?: number; // milliseconds; absent: no scheduled backups
  backupKeep: number; // how many scheduled backups are kept
  backupDir?: string; // absent: backups/ beside the database
  analyticsUrl?: AnalyticsTarget; // absent: SQLite computes every report
  analyticsFallback: boolean; // SQLite answers while ClickHouse cannot
  changesKeep: number; // milliseconds for which the feed of changes is kept
  followAck: boolean; // a write is answered once a standby has it
  stripeSecrets?: readonly string[]; // of webhooks, as the four below; absent: the provider's webhooks are off
  shopifySecrets?: readonly string[];
  paddleSecrets?: readonly string[];
  lemonsqueezySecrets?: readonly string[];
  polarSecrets?: readonly string[];
  webhookAllowPrivate: boolean; // webhooks may be sent into private networks
  webhookTestMode: boolean; // deliveries of a provider's test mode count too
  providerIdKeys: readonly string[]; // the names under which a provider's metadata holds an externalId
}

/** The settings whose values are never shown. */
const isSecret = (name: string): boolean => name === "ADMIN_KEY" || name === "ANALYTICS_URL" || name.endsWith("_WEBHOOK_SECRET");

interface Setting<T> {
  readonly name: string;
  readonly default: string; // empty: none
  readonly help: string;
  readonly read: Read<T>;
}

const setting = <T>(name: string, fallback: string, help: string, read: Read<T>): Setting<T> => ({ name, default: fallback, help, read });

/** The secrets with which a provider signs its webhooks: two of them while one replaces the other. */
const webhookSecrets = (provider: string, name: string) =>
  setting(
    `${provider}_WEBHOOK_SECRET`,
    "",
    `the secret of ${name}'s webhooks, or several with commas; without it, they are off`,
    list(/^[\x21-\x7e]{8,255}$/, "one or more secrets of at least 8 ASCII characters, with commas between them"),
  );

/** A limit of each publishable key. */
const publishable = (name: string, fallback: string, what: string, whom: string) =>
  setting(name, fallback, `${what} per minute with a publishable key, from ${whom}; 0 means no limit`, whole(0, 1_000_000_000_000));

/** Every setting by its field of `Config`. */
const BY_FIELD = {
  port: setting("PORT", "3000", "the port to listen on; 0 means any free port", whole(0, 65_535)),
  host: setting("HOST", "127.0.0.1", "the address to listen on; 0.0.0.0 means all addresses", asIs),
  databasePath: setting("DATABASE_PATH", "./data/regulars.db", "the database file, created if missing; :memory: keeps nothing", asIs),
  adminKey: setting("ADMIN_KEY", "", "a key with every scope, at least 16 characters; without it, the first start creates a key", adminKey),
  timezone: setting("TIMEZONE", "UTC", "the time zone of days, weeks and months, such as Europe/Berlin", timezone),
  currency: setting("CURRENCY", "USD", "the currency of the reports", currency),
  attributionWindowDays: setting("ATTRIBUTION_WINDOW_DAYS", "30", "how many days a sale looks back for touches, 1 to 365", whole(1, 365)),
  snapshotTtl: setting("SNAPSHOT_TTL", "30", "how many seconds a report is cached; 0 means not at all", whole(0, 86_400)),
  revenueTracking: setting("REVENUE_TRACKING", "true", "false turns the customer routes off, except for erasure", flag),
  rateLimit: setting(
    "RATE_LIMIT",
    "0",
    "requests per minute for each key, an array counting as its entries; 0 means no limit",
    whole(0, 10_000_000),
  ),
  addressRateLimit: setting(
    "ADDRESS_RATE_LIMIT",
    "0",
    "requests per minute for each client address; 0 means no limit",
    whole(0, 10_000_000),
  ),
  publishableEntriesPerVisitor: publishable("PUBLISHABLE_ENTRIES_PER_VISITOR", "120", "entries", "each visitor of a page"),
  publishableEntriesPerAddress: publishable("PUBLISHABLE_ENTRIES_PER_ADDRESS", "1200", "entries", "each client address"),
  publishableBytesPerAddress: publishable("PUBLISHABLE_BYTES_PER_ADDRESS", "5242880", "bytes", "each client address"),
  publishableEntriesPerKey: publishable("PUBLISHABLE_ENTRIES_PER_KEY", "60000", "entries", "everybody together"),
  publishableBytesPerKey: publishable("PUBLISHABLE_BYTES_PER_KEY", "52428800", "bytes", "everybody together"),
  maxDatabaseBytes: setting(
    "MAX_DATABASE_BYTES",
    "0",
    "how large the database and its journal may become, such as 20GB; 0 means no limit",
    bytes,
  ),
  segmentLeadEvents: setting(
    "SEGMENT_LEAD_EVENTS",
    "Signed Up,Account Created,Trial Started,Lead,Lead *",
    "the track events of Segment and RudderStack that are leads, separated by commas; a * at the end stands for any ending",
    names,
  ),
  segmentOtherEvents: setting(
    "SEGMENT_OTHER_EVENTS",
    "record",
    "record keeps the other track events of Segment and RudderStack as custom milestones; ignore does not",
    word(["record", "ignore"]),
  ),
  trustProxy: setting(
    "TRUST_PROXY",
    "0",
    "how many proxies in front of the server add to X-Forwarded-For; 0 means none, and the header is ignored",
    whole(0, 10),
  ),
  basePath: setting("BASE_PATH", "", "the path under which a proxy publishes the server, such as /analytics", basePath),
  dashboard: setting("DASHBOARD", "true", "false turns the dashboard at / and signing in off", flag),
  sessions: setting(
    "SESSIONS",
    "database",
    "where it is kept who is signed in to the dashboard: database, or memory, so that a restart signs everybody out",
    word(["database", "memory"]),
  ),
  mcpHosts: setting(
    "MCP_HOSTS",
    "localhost",
    "the host names under which agents may reach POST /mcp, with commas between; loopback always works",
    hostNames,
  ),
  logLevel: setting("LOG_LEVEL", "info", `the least severe messages to log: ${LOG_LEVELS.join(", ")}`, word(LOG_LEVELS)),
  backupEvery: setting("BACKUP_EVERY", "", "how often the server makes a backup, such as 24h; without it, never", duration),
  backupKeep: setting("BACKUP_KEEP", "7", "how many of these backups are kept", whole(1, 10_000)),
  backupDir: setting("BACKUP_DIR", "", "the folder for these backups; without it, backups/ beside the database", asIs),
  changesKeep: setting(
    "CHANGES_KEEP",
    "30d",
    "how long GET /changes has what has changed, longer for a follower that has not read it",
    duration,
  ),
  followAck: setting(
    "FOLLOW_ACK",
    "0",
    "1 answers a write only once a standby has stored it too, or with 503 after 5 seconds",
    (text) => word(["0", "1"])(text) === "1",
  ),
  analyticsUrl: setting(
    "ANALYTICS_URL",
    "",
    "a ClickHouse database for the reports about everybody, such as https://user:password@host:8123/database; without it, SQLite computes them",
    readAnalyticsUrl,
  ),
  analyticsFallback: setting("ANALYTICS_FALLBACK", "false", "true lets SQLite answer while ClickHouse cannot", flag),
  stripeSecrets: webhookSecrets("STRIPE", "Stripe"),
  shopifySecrets: webhookSecrets("SHOPIFY", "Shopify"),
  paddleSecrets: webhookSecrets("PADDLE", "Paddle"),
  lemonsqueezySecrets: webhookSecrets("LEMONSQUEEZY", "Lemon Squeezy"),
  polarSecrets: webhookSecrets("POLAR", "Polar"),
  webhookAllowPrivate: setting(
    "WEBHOOK_ALLOW_PRIVATE",
    "false",
    "true lets webhooks be sent into private networks, such as to this machine",
    flag,
  ),
  webhookTestMode: setting(
    "WEBHOOK_TEST_MODE",
    "false",
    "true counts what providers send in their test mode",
    (text) => word(["true", "false"])(text) === "true",
  ),
  providerIdKeys: setting(
    "PROVIDER_ID_KEYS",
    "regularsExternalId,externalId,userId,dubCustomerExternalId",
    "the names under which a provider's metadata holds your own id of the customer, the best first",
    list(/^[^\p{Cc},]{1,255}$/u, "one or more names, with commas between them"),
  ),
  clock: setting("CLOCK", "", "a fixed current time, such as 2026-02-01T10:00:00Z, for tests", instant),
} as const satisfies { [Field in keyof Required<Config>]: Setting<Required<Config>[Field]> };

/** The settings in the order of the help text: name, default (empty: none) and description. */
export const SETTINGS: readonly { readonly name: string; readonly default: string; readonly help: string }[] = Object.values(BY_FIELD);

/**
 * Reads the settings from the environment. An empty one counts as missing.
 * Throws one Error that lists every problem, without the values of secrets.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const config: Record<string, unknown> = {};
  for (const [field, { name, default: fallback, read }] of Object.entries(BY_FIELD)) {
    const text = env[name]?.trim() || fallback;
    if (text === "") continue;
    try {
      config[field] = read(text);
    } catch (error) {
      const received = isSecret(name) ? "" : `, not ${text}`;
      problems.push(`${name} must be ${error instanceof Error ? error.message : "valid"}${received}.`);
    }
  }
  if (problems.length > 0) throw new Error(problems.length === 1 ? String(problems[0]) : ["Invalid settings:", ...problems].join("\n"));
  return config as unknown as Config;
}

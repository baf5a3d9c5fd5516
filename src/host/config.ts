// Which settings are there, and what are their values? They are read once, and all problems are reported together.
import { decimalsOf } from "../value/currency.ts";

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
  stripeSecrets?: readonly string[]; // of webhooks, as the four below; absent: the provider's webhooks are off
  shopifySecrets?: readonly string[];
  paddleSecrets?: readonly string[];
  lemonsqueezySecrets?: readonly string[];
  polarSecrets?: readonly string[];
  webhookTestMode: boolean; // deliveries of a provider's test mode count too
  providerIdKeys: readonly string[]; // the names under which a provider's metadata holds an externalId
}

/** The settings whose values are never shown. */
const isSecret = (name: string): boolean => name === "ADMIN_KEY" || name.endsWith("_WEBHOOK_SECRET");

/** Reads the text of one setting. Throws an Error whose message completes "NAME must be …". */
type Read<T> = (text: string) => T;

interface Setting<T> {
  readonly name: string;
  readonly default: string; // empty: none
  readonly help: string;
  readonly read: Read<T>;
}

const setting = <T>(name: string, fallback: string, help: string, read: Read<T>): Setting<T> => ({ name, default: fallback, help, read });

const whole =
  (minimum: number, maximum: number): Read<number> =>
  (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= minimum && value <= maximum)) throw new Error(`a whole number from ${minimum} to ${maximum}`);
    return value;
  };

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const duration: Read<number> = (text) => {
  const [, count, unit] = /^(\d{1,5})(s|m|h|d)$/.exec(text) ?? [];
  const milliseconds = Number(count) * (UNIT_MS[unit ?? ""] ?? Number.NaN);
  if (!(milliseconds >= 10_000 && milliseconds <= 366 * 86_400_000)) throw new Error("a duration from 10s to 366d, such as 30m, 24h or 7d");
  return milliseconds;
};

const BYTES: Readonly<Record<string, number>> = { kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

const bytes: Read<number> = (text) => {
  const [, count, unit] = /^(\d{1,15})(kB|MB|GB|TB)?$/.exec(text) ?? [];
  const value = Number(count) * (unit === undefined ? 1 : (BYTES[unit] ?? Number.NaN));
  if (!(value === 0 || (value >= 1e6 && value <= 1e15))) throw new Error("0, or a size from 1MB to 1000TB, such as 500MB or 20GB");
  return value;
};

const word =
  <const T extends string>(words: readonly T[]): Read<T> =>
  (text) => {
    const found = words.find((each) => each === text);
    if (found === undefined) throw new Error(`one of ${words.join(", ")}`);
    return found;
  };

const flag: Read<boolean> = (text) => word(["true", "false"])(text) === "true";

const names: Read<readonly string[]> = (text) =>
  text
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");

const asIs: Read<string> = (text) => text;

const timezone: Read<string> = (text) => {
  try {
    // An offset such as +01:00 is a zone to Intl, but has no name and no daylight saving.
    if (/^[+-]/.test(text)) throw new RangeError();
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone && text;
  } catch {
    throw new Error("the IANA name of a time zone, such as Europe/Berlin");
  }
};

const currency: Read<string> = (text) => {
  if (decimalsOf(text) === undefined) throw new Error("an ISO 4217 currency code in upper case, such as USD");
  return text;
};

const basePath: Read<string> = (text) => {
  const path = text.replace(/\/$/, "");
  if (!/^(?:\/[A-Za-z0-9._~-]+)*$/.test(path)) throw new Error("a path that begins with a slash, such as /analytics");
  return path;
};

const hostNames: Read<readonly string[]> = (text) => {
  const names = text.split(",").map((name) => name.trim().toLowerCase());
  if (!names.every((name) => /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])$/.test(name)))
    throw new Error("host names with commas between, such as stats.example.com");
  return names;
};

const adminKey: Read<string> = (text) => {
  if (text.length < 16 || !/^[\x21-\x7e]+$/.test(text)) throw new Error("at least 16 ASCII characters without spaces");
  return text;
};

/** Several, with commas between them. */
const list =
  (pattern: RegExp, what: string): Read<readonly string[]> =>
  (text) => {
    const items = text.split(",").map((item) => item.trim());
    if (!items.every((item) => pattern.test(item))) throw new Error(what);
    return items;
  };

/** The secrets with which a provider signs its webhooks: two of them while one replaces the other. */
const webhookSecrets = (provider: string, name: string) =>
  setting(
    `${provider}_WEBHOOK_SECRET`,
    "",
    `the secret of ${name}'s webhooks, or several with commas; without it, they are off`,
    list(/^[\x21-\x7e]{8,255}$/, "one or more secrets of at least 8 ASCII characters, with commas between them"),
  );

const instant: Read<number> = (text) => {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new Error("an ISO 8601 time with Z or an offset, such as 2026-02-01T10:00:00Z");
  return at;
};

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
  stripeSecrets: webhookSecrets("STRIPE", "Stripe"),
  shopifySecrets: webhookSecrets("SHOPIFY", "Shopify"),
  paddleSecrets: webhookSecrets("PADDLE", "Paddle"),
  lemonsqueezySecrets: webhookSecrets("LEMONSQUEEZY", "Lemon Squeezy"),
  polarSecrets: webhookSecrets("POLAR", "Polar"),
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
